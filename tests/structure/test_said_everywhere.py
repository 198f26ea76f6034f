"""What the engine knows has a name wherever people choose it or read it: what is added there is forgotten nowhere."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import get_args

from quarterday.cli._shared import CYCLES as TYPED_CYCLES
from quarterday.cli.whatif import Counting as TypedCounting
from quarterday.documents.wording import languages
from quarterday.engine.counting import Rule
from quarterday.engine.facts import CORRECTIONS, PERIOD_CHARGES, LineKind, TaxCategory
from quarterday.engine.periods import Unit
from quarterday.plans.models import Counting
from quarterday.web.associations.forms import CYCLES as CHOSEN_CYCLES
from quarterday.web.associations.forms import UNITS
from quarterday.web.bills.words import _RULES as RULES_IN_WORDS
from quarterday.web.plans.pictures import RULES as RULES_IN_PICTURES
from quarterday.web.plans.words import cycle_in_words, per_cycle
from quarterday.web.settings.taxes import CATEGORIES
from tests.structure.house import ROOT, SOURCE


def paper_words(language: str) -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = tomllib.loads(
        (resources.files("quarterday.documents") / "languages" / f"{language}.toml").read_text(encoding="utf-8")
    )
    return told


def test_a_counting_rule_can_be_chosen_and_is_explained_on_page_and_paper() -> None:
    rules = get_args(Rule)

    assert tuple(Counting.values) == rules
    assert tuple(rule.value for rule in TypedCounting) == rules
    assert tuple(rule for rule, _, _ in RULES_IN_PICTURES) == rules
    assert tuple(RULES_IN_WORDS) == rules
    for language in languages():
        assert {*rules, "in_advance"} <= set(paper_words(language)["counting"]), language


def test_a_tax_category_can_be_chosen_and_is_named_on_paper() -> None:
    assert tuple(CATEGORIES) == get_args(TaxCategory)
    for language in languages():
        untaxed = {f"category_{category}" for category in get_args(TaxCategory) if category != "S"}
        assert untaxed <= set(paper_words(language)["tax"]), language


def test_a_usual_cycle_can_be_typed_and_chosen_and_has_a_word() -> None:
    chosen = [value for value, _ in CHOSEN_CYCLES if value != "other"]

    assert [f"{cycle.every} {cycle.unit}" for cycle in TYPED_CYCLES.values()] == chosen
    assert [cycle_in_words(cycle.every, cycle.unit) for cycle in TYPED_CYCLES.values()] == list(TYPED_CYCLES)
    assert all(per_cycle(cycle.every, cycle.unit).startswith("per ") for cycle in TYPED_CYCLES.values())
    assert tuple(unit for unit, _ in UNITS) == get_args(Unit)


def test_every_kind_of_line_charges_a_period_or_is_an_adjustment() -> None:
    assert {*PERIOD_CHARGES, "adjustment"} == set(get_args(LineKind))
    for language in languages():
        assert {"minimum", "flat_fee", *CORRECTIONS} <= set(paper_words(language)["line"]), language


def test_the_rules_name_files_that_are_there() -> None:
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    named = [name for line in text.splitlines() if line.startswith("## ") for name in re.findall(r"`([^`]+)`", line)]

    assert len(named) > 25
    assert [name for name in named if not (SOURCE / name).exists()] == []
