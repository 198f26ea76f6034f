"""What is due at an instant, from values alone: zones, hours, offsets, claims, and ends in the past."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from quarterday.bills.due import Claimed, Due, SubscriptionCase, due_of, grouped, missed_periods
from quarterday.engine.periods import Period

JANUARY = date(2026, 1, 1)


def month(n: int) -> Period:
    return Period(date(2026, n, 1), date(2026, n + 1, 1))


def a_case(**fields: Any) -> SubscriptionCase:
    given: dict[str, Any] = {
        "id": 1,
        "customer_id": 1,
        "plan_id": 1,
        "plan": "Gold",
        "currency": "EUR",
        "timing": "arrears",
        "counting": "at_end",
        "late_policy": "ask",
        "starts_on": JANUARY,
        "billed_from": JANUARY,
        "ends_on": None,
        "final_period": "prorated",
        "cycle_every": 1,
        "cycle_unit": "month",
        "billing_day": None,
        "offset_days": 0,
        "due_days": 14,
        "emails": (),
        "bill_separately": False,
        "review_first_bill": False,
        "po_number": "",
    }
    return SubscriptionCase(**{**given, **fields})


def due(case: SubscriptionCase, day: date, hour: int = 12, zone: str = "UTC") -> list[Due]:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return due_of(case, at=at, hour=6, zone_on=lambda _: zone)


def told(dues: list[Due]) -> list[tuple[str, date, Period | None]]:
    return [(each.occasion, each.billing_on, each.served) for each in dues]


def test_a_period_is_due_from_six_in_the_morning_of_the_day_after_it() -> None:
    case = a_case()

    assert due(case, date(2026, 2, 1), hour=5) == []
    assert told(due(case, date(2026, 2, 1), hour=6)) == [("first", date(2026, 2, 1), month(1))]


def test_missed_periods_come_oldest_first_and_claimed_ones_not_at_all() -> None:
    case = a_case(claimed={"period": (month(1),)})

    assert told(due(case, date(2026, 4, 15))) == [
        ("first", date(2026, 3, 1), month(2)),
        ("first", date(2026, 4, 1), month(3)),
    ]
    assert missed_periods(due(case, date(2026, 4, 15))) == 2


def test_a_gap_that_a_credit_opened_is_due_again() -> None:
    case = a_case(claimed={"period": (month(1), month(3))})

    assert told(due(case, date(2026, 4, 1))) == [("first", date(2026, 3, 1), month(2))]


@pytest.mark.parametrize(("offset", "first_day"), [(-3, date(2026, 1, 29)), (5, date(2026, 2, 6))])
def test_an_offset_shifts_the_billing_date(offset: int, first_day: date) -> None:
    case = a_case(offset_days=offset)

    assert due(case, first_day, hour=5) == []
    assert told(due(case, first_day)) == [("first", first_day, month(1))]


def test_in_advance_the_start_is_due_and_after_the_end_the_settlement() -> None:
    case = a_case(timing="advance")
    assert told(due(case, JANUARY)) == [("first", JANUARY, month(1))]

    case.claimed = {"period": (month(1),)}

    assert told(due(case, date(2026, 2, 1))) == [
        ("settlement", date(2026, 2, 1), month(1)),
        ("first", date(2026, 2, 1), month(2)),
    ]


@pytest.mark.parametrize(
    ("zone", "hour"), [("Pacific/Kiritimati", 16), ("Asia/Tokyo", 21), ("Pacific/Pago_Pago", 17), ("Pacific/Apia", 17)]
)
def test_each_zone_has_its_own_morning(zone: str, hour: int) -> None:
    utc_day = date(2026, 2, 1) if zone == "Pacific/Pago_Pago" else date(2026, 1, 31)

    assert due(a_case(), utc_day, hour=hour - 1, zone=zone) == []
    assert len(due(a_case(), utc_day, hour=hour, zone=zone)) == 1


def test_a_morning_that_the_clock_skips_is_met_all_the_same() -> None:
    # Samoa had no 30 December 2011: the period that ends on it is due on the 31st.
    case = a_case(starts_on=date(2011, 11, 30), billed_from=date(2011, 11, 30))

    assert due(case, date(2011, 12, 30), hour=9, zone="Pacific/Apia") == []
    assert told(due(case, date(2011, 12, 30), hour=16, zone="Pacific/Apia")) == [
        ("first", date(2011, 12, 30), Period(date(2011, 11, 30), date(2011, 12, 30)))
    ]


def test_an_end_in_the_past_is_due_to_be_credited_once() -> None:
    whole = month(2)
    latest = [Claimed(whole, whole, "period", "billed", 7, None)]
    case = a_case(ends_on=date(2026, 2, 15), claimed={"period": (month(1), whole)}, latest=latest)

    [ended] = due(case, date(2026, 3, 10))
    assert (ended.occasion, ended.billing_on) == ("ended", date(2026, 3, 10))
    assert ended.served == Period(date(2026, 2, 1), date(2026, 2, 15))
    assert ended.claims == (("ending", Period(date(2026, 2, 15), date(2026, 3, 1))),)

    case.claimed["ending"] = (Period(date(2026, 2, 15), date(2026, 3, 1)),)
    assert due(case, date(2026, 3, 10)) == []


def test_an_earlier_end_credits_only_the_days_that_are_not_credited_yet() -> None:
    whole = month(2)
    case = a_case(
        ends_on=date(2026, 2, 10),
        claimed={"period": (month(1), whole), "ending": (Period(date(2026, 2, 15), date(2026, 3, 1)),)},
        latest=[Claimed(whole, whole, "period", "billed", 7, None)],
    )

    [ended] = due(case, date(2026, 3, 10))

    assert ended.claims == (("ending", Period(date(2026, 2, 10), date(2026, 2, 15))),)


def test_dues_of_one_date_and_currency_are_one_bill_and_others_are_not() -> None:
    cases = [
        a_case(),
        a_case(id=2),
        a_case(id=3, currency="USD"),
        a_case(id=4, bill_separately=True),
        a_case(id=5, starts_on=date(2026, 1, 10), billed_from=date(2026, 1, 10)),
    ]

    groups = grouped(each for case in cases for each in due(case, date(2026, 2, 10)))

    assert [(group.billing_on, group.currency, [each.subscription.id for each in group.dues]) for group in groups] == [
        (date(2026, 2, 1), "EUR", [1, 2]),
        (date(2026, 2, 1), "EUR", [4]),
        (date(2026, 2, 1), "USD", [3]),
        (date(2026, 2, 10), "EUR", [5]),
    ]
