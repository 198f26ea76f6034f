"""The German pages: every gathered text has its German, with the same {names}, and the pages speak it."""

from __future__ import annotations

import re

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation import gettext

from quarterday.accounts.models import User
from quarterday.web.templatetags.quarterday import COLOURS
from quarterday.web.translations import FOLDER

NAMES = re.compile(r"%\(\w+\)[sd]")


def german() -> Catalog:
    with (FOLDER / "de/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="de")


def test_every_text_has_its_german() -> None:
    untranslated = [message.id for message in german() if message.id and not all(forms(message.string or ""))]
    assert untranslated == []


def test_a_translation_names_what_the_text_names() -> None:
    different = [
        message.id
        for message in german()
        if message.id
        and set(NAMES.findall(forms(message.id)[-1])) != set(NAMES.findall(forms(message.string or "")[-1]))
    ]
    assert different == []


def test_every_state_has_its_german() -> None:
    """They are put into a template by name, so no template shows whether they are gathered."""
    with translation.override("de"):
        assert [state for state in COLOURS if gettext(state) == state] == []
        assert gettext("overdue") == "überfällig"


def test_the_pages_speak_german_to_a_user_who_reads_it(sign_in) -> None:
    client = sign_in("admin")
    User.objects.update(language="de")
    page = client.get("/billing/")
    assert "Servicetarif anlegen" in page.content.decode()


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)
