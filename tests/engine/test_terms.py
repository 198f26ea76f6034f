"""Which terms count on which day: runs of days with equal prices, cut only where a price changes."""

from datetime import date
from decimal import Decimal

import pytest

from quarterday.engine.facts import ClassPrice, FlatFee, PlanVersion, PriceOverride
from quarterday.engine.periods import Period
from quarterday.engine.terms import NoTerms, PeriodTerms, terms_behind, terms_of_period
from tests.engine.facts_of import APRIL, unit, version

D = Decimal


def day(of_april: int) -> date:
    return date(2026, 4, of_april)


def terms(*versions: PlanVersion, own: tuple[PriceOverride, ...] = ()) -> PeriodTerms:
    return terms_of_period(versions, own, APRIL)


def runs(told: PeriodTerms, device_class: str = "computer") -> list[tuple[int, int, str]]:
    """First and last day of each run of a class, and its price."""
    return [
        (days.start.day, days.last_day.day, str(price.unit_price)) for days, price in told.classes.get(device_class, ())
    ]


def fees(told: PeriodTerms) -> list[tuple[int, int, str]]:
    return [(days.start.day, days.last_day.day, str(fee.amount)) for days, fee in told.fees]


def computers(price: str, on: date = date(2020, 1, 1), **more: object) -> PlanVersion:
    return version({"computer": unit(price)}, on=on, **more)  # type: ignore[arg-type]


def test_a_price_counts_from_its_day_on() -> None:
    assert runs(terms(computers("30.00"), computers("31.00", day(2)))) == [(1, 1, "30.00"), (2, 30, "31.00")]
    assert runs(terms(computers("30.00"), computers("31.00", day(30)))) == [(1, 29, "30.00"), (30, 30, "31.00")]


def test_a_price_of_the_first_day_or_of_the_next_period_splits_nothing() -> None:
    assert runs(terms(computers("30.00"), computers("31.00", day(1)))) == [(1, 30, "31.00")]
    assert runs(terms(computers("30.00"), computers("31.00", date(2026, 5, 1)))) == [(1, 30, "30.00")]


def test_the_latest_version_counts_in_whatever_order_they_are_told() -> None:
    told = terms(computers("33.00", day(21)), computers("30.00"), computers("31.00", day(11)))

    assert runs(told) == [(1, 10, "30.00"), (11, 20, "31.00"), (21, 30, "33.00")]


def test_what_waits_for_the_next_period_counts_from_one_that_starts_on_its_day() -> None:
    waits = computers("31.00", day(16), applies="next_period")
    begins = computers("31.00", day(1), applies="next_period")

    assert runs(terms(computers("30.00"), waits)) == [(1, 30, "30.00")]
    assert runs(terms(computers("30.00"), begins)) == [(1, 30, "31.00")]


def test_what_waits_for_the_next_period_does_not_come_with_what_changes_in_this_one() -> None:
    """From 16 April on computers shall cost 31.00, but in the next period; on the 21st the fee is raised at once."""
    waits = PriceOverride(day(16), {"computer": unit("31.00")}, applies="next_period")
    raised = version({"computer": unit("30.00")}, fee="12.00", on=day(21))

    told = terms(version({"computer": unit("30.00")}, fee="10.00"), raised, own=(waits,))

    assert (runs(told), fees(told)) == ([(1, 30, "30.00")], [(1, 20, "10.00"), (21, 30, "12.00")])


def test_a_version_that_repeats_the_terms_splits_nothing_and_one_that_returns_to_them_does() -> None:
    assert runs(terms(computers("30.00"), computers("30.00", day(11)))) == [(1, 30, "30.00")]
    assert runs(terms(computers("30.00"), computers("31.00", day(11)), computers("30.00", day(21)))) == [
        (1, 10, "30.00"),
        (11, 20, "31.00"),
        (21, 30, "30.00"),
    ]


def test_days_without_a_price_part_the_runs_around_them() -> None:
    """On 11 to 20 April the plan charges servers alone; computers cost the same before and after."""
    told = terms(computers("30.00"), version({"server": unit("90.00")}, on=day(11)), computers("30.00", day(21)))

    assert runs(told) == [(1, 10, "30.00"), (21, 30, "30.00")]
    assert runs(told, "server") == [(11, 20, "90.00")]
    assert list(told.classes) == ["computer", "server"]


def test_a_fee_of_0_is_in_no_run() -> None:
    assert fees(terms(version(fee="10.00"), version(fee="0", on=day(11)), version(fee="0.50", on=day(21)))) == [
        (1, 10, "10.00"),
        (21, 30, "0.50"),
    ]


def test_own_prices_are_laid_over_the_plans_oldest_first_and_leave_its_other_classes() -> None:
    own = (
        PriceOverride(day(21), {"computer": unit("18.00")}),
        PriceOverride(day(11), {"computer": unit("20.00")}, FlatFee(D("5.00"))),
    )
    plan = version({"computer": unit("30.00"), "server": unit("90.00")}, fee="10.00")

    told = terms(plan, own=own)

    assert runs(told) == [(1, 10, "30.00"), (11, 20, "20.00"), (21, 30, "18.00")]
    assert runs(told, "server") == [(1, 30, "90.00")]
    assert fees(told) == [(1, 10, "10.00"), (11, 30, "5.00")]


def test_own_prices_of_a_period_do_not_change_the_plan() -> None:
    plan: dict[str, ClassPrice] = {"computer": unit("30.00")}

    terms_of_period([version(plan)], [PriceOverride(day(1), {"computer": unit("20.00")})], APRIL)

    assert plan == {"computer": unit("30.00")}


def test_a_day_before_the_first_version_has_no_terms() -> None:
    with pytest.raises(NoTerms, match="no terms yet on 2026-04-01"):
        terms(computers("30.00", day(2)))


def test_a_period_of_one_day_has_the_terms_of_that_day() -> None:
    told = terms_of_period([computers("30.00"), computers("31.00", day(2))], [], Period(day(1), day(2)))

    assert runs(told) == [(1, 1, "30.00")]


def test_a_price_tells_which_terms_it_comes_from() -> None:
    gold, dearer = computers("30.00"), computers("31.00", day(16))
    agreed = PriceOverride(day(11), {"computer": unit("25.00")}, applies="next_period")
    own_fee = PriceOverride(day(11), flat_fee=FlatFee(D(5)))

    def behind(of_april: int, device_class: str | None = "computer") -> object:
        return terms_behind([gold, dearer], [agreed, own_fee], APRIL, day(of_april), device_class)

    assert [behind(1), behind(15), behind(16)] == [gold, gold, dearer]
    assert [behind(10, None), behind(11, None)] == [gold, own_fee]
    assert behind(16, "server") is None


def test_own_prices_stand_above_the_plans_whichever_began_later() -> None:
    agreed, later = PriceOverride(day(2), {"computer": unit("25.00")}), computers("31.00", day(16))

    assert terms_behind([computers("30.00"), later], [agreed], APRIL, day(20), "computer") is agreed
    assert terms_behind([later], [], APRIL, day(1), "computer") is None
