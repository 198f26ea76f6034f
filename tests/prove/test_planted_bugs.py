"""The simulation can fail: mistakes that billing systems are known for are planted, and each is noticed.

Those of the engine by the oracle, those of the bill desk by lives that are lived through the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from quarterday.bills import due
from quarterday.engine import counting, money, periods, terms
from quarterday.engine.periods import Cycle, Period, local_date
from quarterday.engine.scenario import run_scenario
from tests.engine.oracle.compare import comparable, first_difference
from tests.engine.oracle.generate import scenario
from tests.engine.oracle.oracle import answer
from tests.prove.test_lived_scenarios import live_through

Plant = Callable[[pytest.MonkeyPatch], None]

ENOUGH_SEEDS = 150


def drifting_anchor(planted: pytest.MonkeyPatch) -> None:
    """Each boundary is computed from the one before: 31 January, 28 February, 28 March."""
    straight = periods.boundary
    walked: dict[tuple[date, Cycle, int | None], list[date]] = {}

    def boundary(anchor: date, cycle: Cycle, n: int, billing_day: int | None = None) -> date:
        if n < 1:
            return straight(anchor, cycle, n, billing_day)
        days = walked.setdefault((anchor, cycle, billing_day), [anchor])
        while len(days) <= n:
            days.append(straight(days[-1], cycle, 1, billing_day))
        return days[n]

    planted.setattr(periods, "boundary", boundary)


def inclusive_end(planted: pytest.MonkeyPatch) -> None:
    """The first day after a period is taken for its last."""

    def at_end(present: counting.Presence, period: Period) -> counting.Count:
        return counting._on_day("at_end", present, period, period.end)

    planted.setitem(counting._LOOK, "at_end", at_end)


def floating_money(planted: pytest.MonkeyPatch) -> None:
    """Amounts pass through floating point."""

    def rounded(numerator: int, denominator: int, digits: int) -> Decimal:
        return Decimal(f"{round(numerator / denominator, digits):.{digits}f}") + 0

    planted.setattr(money, "_rounded_ratio", rounded)


def rewritten_past(planted: pytest.MonkeyPatch) -> None:
    """An edit of a plan counts for days before it."""

    def begun(all_terms: Any, served: Period, day: date) -> list[Any]:
        return sorted(
            (each for each in all_terms if each.effective_on < served.end), key=lambda each: each.effective_on
        )

    planted.setattr(terms, "_begun", begun)


# Anchors drift only after three short months, so that takes a hundred stories.
SLOW = pytest.param(drifting_anchor, marks=pytest.mark.prove)


@pytest.mark.parametrize("plant", [SLOW, inclusive_end, floating_money, rewritten_past])
def test_the_oracle_notices(monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    assert any(differs(seed) for seed in range(1, ENOUGH_SEEDS)), f"{plant.__name__} went unnoticed"


def differs(seed: int) -> bool:
    story = scenario(seed)
    return first_difference(comparable(answer(story)), comparable(run_scenario(story))) is not None


def days_of_utc(planted: pytest.MonkeyPatch) -> None:
    """A bill is due when its date begins in UTC, not where the customer lives."""

    def instant(day: date, hour: int, zone: str) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)

    planted.setattr(due, "instant_of_local", instant)


def no_catching_up(planted: pytest.MonkeyPatch) -> None:
    """Only what is due on this very day is billed."""
    everything = due._first

    def first(subscription: Any, horizon: date, at: datetime, hour: int, zone_on: Any) -> Iterator[due.Due]:
        found = everything(subscription, horizon, at, hour, zone_on)
        return (each for each in found if each.billing_on == local_date(at, each.zone))

    planted.setattr(due, "_first", first)


@pytest.mark.prove
@pytest.mark.database
@pytest.mark.parametrize(("plant", "lives"), [(days_of_utc, range(1, 20)), (no_catching_up, range(1, 20))])
def test_a_life_notices(monkeypatch: pytest.MonkeyPatch, plant: Plant, lives: range) -> None:
    plant(monkeypatch)
    _, differences = live_through(lives)
    assert differences, f"{plant.__name__} went unnoticed"
