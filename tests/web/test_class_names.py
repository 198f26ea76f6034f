"""Names that nobody gave: default device classes, the command line and the worker, in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from quarterday.web.class_names import class_name
from quarterday.web.templatetags.quarterday import actor


@pytest.mark.parametrize(
    ("language", "key", "kept", "shown"),
    [
        ("de", "mobile", "Mobile device", "Mobilgerät"),
        ("en", "mobile", "Mobilgerät", "Mobile device"),
        ("de", "mobile", "Phones and tablets", "Phones and tablets"),
        ("de", "nas", "Mobile device", "Mobile device"),
    ],
)
def test_a_class_that_nobody_renamed_is_in_the_readers_language(language: str, key: str, kept: str, shown: str) -> None:
    with translation.override(language):
        assert class_name(key, kept) == shown


def test_a_person_keeps_their_name_and_a_machine_has_one_in_each_language() -> None:
    with translation.override("de"):
        assert [actor(name) for name in ("Hanna Brook", "command line", "worker")] == [
            *("Hanna Brook", "Kommandozeile", "Hintergrunddienst"),
        ]
