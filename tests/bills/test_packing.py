"""Facts are kept small and come back byte by byte."""

from __future__ import annotations

import hashlib

import pytest

from quarterday.bills.packing import _WORDS, pack, unpack


@pytest.mark.parametrize("content", [b"", b"{}", _WORDS, '{"name":"Zahnärzte 北京"}'.encode(), bytes(range(256)) * 50])
def test_what_is_packed_comes_back(content: bytes) -> None:
    assert unpack(pack(content)) == content


def test_the_words_are_those_of_the_form_for_ever() -> None:
    # Facts that are kept can only be read with the words that they were packed with.
    assert hashlib.sha256(_WORDS).hexdigest() == "6dc269bbe62601d50a11bc78dbcbdaff354f15c845bdc047fab46f1ec12d65ba"


def test_facts_of_a_plain_bill_pack_to_a_sixth() -> None:
    devices = ",".join(f'"{n}"' for n in range(100_000, 100_050))
    plain = _WORDS.replace(b'["1"],["PC-1"]', f"[{devices}],[{devices}]".encode())[-2_400:]

    assert len(pack(plain)) < len(plain) / 6
