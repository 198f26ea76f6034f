"""Arabic and Chinese names are legible with what is installed."""

from pathlib import Path

import pytest

from quarterday.documents.fonts import font_set, has_cjk


def test_latin_arabic_chinese_japanese_and_korean_are_covered():
    covered = font_set().covered

    assert has_cjk(font_set())
    assert {ord(letter) for letter in "Äß€œ…–−\ufffdЖΩشنح١٢中文あカ한"} <= covered


def test_hebrew_and_emoji_are_not_covered_and_are_known_not_to_be():
    assert not {ord(letter) for letter in "א🎉"} & font_set().covered


@pytest.mark.parametrize(("country", "letters"), [("CN", "SC"), ("TW", "TC"), ("JP", "JP"), ("kr", "KR"), ("DE", "SC")])
def test_ideographs_are_drawn_as_in_the_customers_country(country, letters):
    families = font_set().families_for(country)
    cjk = [family for family in families if "CJK" in family]

    assert families[0] == "Noto Sans"
    assert cjk[0] == f"Noto Sans CJK {letters}"


def test_a_folder_of_ones_own_adds_its_fonts(tmp_path: Path):
    own = font_set(tmp_path)

    assert own.covered == font_set().covered
    assert own.families == font_set().families
