"""The table in README.md is true: of its families, of what runs, and of what does not and why."""

from __future__ import annotations

import re
from pathlib import Path

from . import (
    TAKEN,
    cases_of,
    exclusions,
    families,
    is_excluded,
    table_rows,
    test_alga_and_silver,
    test_documents_and_issues,
    test_killbill,
    test_lago,
)

RULES = Path(__file__).parents[3] / "docs" / "rules.md"
TESTS = (test_alga_and_silver, test_documents_and_issues, test_killbill, test_lago)


def test_every_case_either_runs_or_is_excluded() -> None:
    assert all(module.holds for module in TESTS), "importing them fills TAKEN"
    for family in families():
        not_excluded = {case.id for case in cases_of(family) if not is_excluded(case)}
        assert TAKEN[family] == not_excluded


def test_the_numbers_of_the_families_are_the_actual_ones() -> None:
    actual: dict[str, tuple[int, ...]] = {
        family: (len(cases_of(family)), len(TAKEN[family]), len(cases_of(family)) - len(TAKEN[family]))
        for family in families()
    }
    actual["all"] = tuple(map(sum, zip(*actual.values(), strict=True)))
    stated = {
        family: tuple(map(int, numbers)) for family, *_, a, b, c in table_rows("Families") for numbers in [(a, b, c)]
    }
    assert stated == actual


def test_more_than_four_hundred_of_the_621_cases_run() -> None:
    assert sum(len(cases_of(family)) for family in families()) == 621
    assert sum(map(len, TAKEN.values())) >= 400


def test_each_exclusion_covers_as_many_cases_as_it_says_and_no_case_is_covered_twice() -> None:
    for exclusion in exclusions():
        assert sum(map(exclusion.covers, cases_of(exclusion.family))) == exclusion.count, exclusion.pattern
    for family in families():
        for case in cases_of(family):
            assert sum(exclusion.covers(case) for exclusion in exclusions()) <= 1, case.id


def test_each_exclusion_quotes_the_rule_of_its_number() -> None:
    numbered = re.findall(r"^(\d+)\. (.*(?:\n {3,}.*)*)", RULES.read_text(), re.MULTILINE)
    rules = {int(number): " ".join(text.split()) for number, text in numbered}
    for exclusion in exclusions():
        assert exclusion.words in rules[exclusion.rule], f"{exclusion.pattern}: {exclusion.words}"
