"""The page of mistakes keeps what it promises, and names nothing that the code no longer has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.page import PAGE, ROOMS, Found, Page, Survivor, by_room, read, write

SOURCE = Path(__file__).resolve().parents[2] / "src" / "quarterday"

SIGN = Survivor("engine/money.py", "split", "if money.amount < 0:", "if money.amount <= 0:")
A_PAGE = Page({"engine/money.py": Found(40, 59, 1), "shared/scope.py": Found(0, 3, 0)}, {SIGN: "Zero has no sign."})


def test_the_published_page_keeps_the_promise_and_every_survivor_has_its_reason() -> None:
    page = read(PAGE.read_text(encoding="utf-8"))

    assert page.complaints() == []
    assert set(by_room(page.found)) == set(ROOMS)


def test_the_published_page_names_lines_that_are_in_the_code() -> None:
    page = read(PAGE.read_text(encoding="utf-8"))

    code = {file: (SOURCE / file).read_text(encoding="utf-8") for file in page.found}
    assert [one for one in page.reasons if one.before not in " ".join(code[one.file].split())] == []


def test_a_page_that_was_written_is_read_as_it_was() -> None:
    text = write(A_PAGE, introduction="# Mistakes\n")

    assert read(text) == A_PAGE
    assert write(read(text), introduction="# Mistakes\n") == text
    assert "| **engine** | 40 | 59 | 1 | 98.3 % |" in text


def test_a_run_of_one_file_says_nothing_of_the_others() -> None:
    money = Page({"engine/money.py": Found(41, 60, 0)}, {})

    assert A_PAGE.with_files_of(money) == Page({**A_PAGE.found, **money.found}, {})


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page({"engine/money.py": Found(0, 94, 6)}, {}), "engine: 94.0 % were noticed, 95 % are promised"),
        (Page({}, {SIGN: ""}), "engine/money.py, split: if money.amount < 0: became if money.amount <= 0:"),
    ],
)
def test_too_many_survivors_and_one_without_a_reason_break_the_promise(page: Page, said: str) -> None:
    assert page.complaints()[0].startswith(said)
    assert A_PAGE.complaints() == []
