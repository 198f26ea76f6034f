"""Kill Bill's figures. Its intervals are [start, end), like ours, and its bill cycle day is our billing day.

Kill Bill rounds the fraction of each part to 9 decimals before it goes on; we keep it exact, so it is rounded here,
part by part, to be compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from quarterday.engine.money import digits_of, line_net, round_half_up
from quarterday.engine.periods import (
    Cycle,
    Period,
    ServicePeriod,
    Timing,
    billing_date,
    boundary,
    boundary_index,
    instant_of_local,
    local_date,
    service_periods,
)

from . import Case, holds

MONTHLY = Cycle(1, "month")
CYCLES = {"WEEKLY": Cycle(1, "week"), "MONTHLY": MONTHLY, "QUARTERLY": Cycle(3, "month"), "ANNUAL": Cycle(1, "year")}
TIMINGS: dict[str, Timing] = {"IN_ADVANCE": "advance", "IN_ARREAR": "arrears"}


@holds(
    "killbill_proration_cycles", "inAdvance/annual/*", "inAdvance/monthly/*", "inAdvance/quarterly/*", "inAdvance/T*"
)
def test_the_parts_of_periods_that_are_due_add_up_to_the_same_number_of_cycles(case: Case) -> None:
    assert cycles_in(due(case.inputs)) == Decimal(case.expected["number_of_cycles"])


@holds("killbill_proration_cycles", "inAdvance/Validation/*")
def test_an_end_before_the_start_is_refused(case: Case) -> None:
    assert case.expected == {"error": "InvalidDateSequenceException"}
    with pytest.raises(ValueError, match=r"ends_on .* must not be before starts_on"):
        due(case.inputs)


@holds("killbill_recurring_periods")
def test_the_same_periods_are_due(case: Case) -> None:
    assert [[str(p.served.start), str(p.served.end)] for p in due(case.inputs)] == case.expected["periods"]


@holds("killbill_billing_interval_detail")
def test_the_dates_of_a_subscription_are_the_same(case: Case) -> None:
    inputs = {**case.inputs, "target_date": case.inputs["target_date"].replace("TODAY", "2012-02-16")}
    start, billing_day = day(inputs["start_date"]), inputs["billing_cycle_day"]
    cycle = CYCLES[inputs["billing_period"]]
    first = next(service_periods(start, cycle, billing_day=billing_day))
    first_boundary = first.served.start if first.is_whole else first.served.end
    billed = due(inputs)
    billed_to = billed[-1].served.end if billed else None

    def n_of(on: date) -> int:
        return boundary_index(start, cycle, on, billing_day)

    answers: dict[str, Any] = {
        "has_something_to_bill": bool(billed),
        "first_billing_cycle_date": str(first_boundary),
        "effective_end_date": billed_to and str(billed_to),
        "next_billing_cycle_date": str(
            boundary(start, cycle, n_of(billed_to) + 1, billing_day) if billed_to else first_boundary
        ),
    }
    if billed_to:
        answers["last_billing_cycle_date"] = str(boundary(start, cycle, n_of(billed_to), billing_day))
        answers["number_of_whole_billing_periods_first_to_last"] = n_of(billed_to) - n_of(first_boundary)
    assert {name: answers[name] for name in case.expected} == case.expected


@holds("killbill_date_utils", "*/testAdvanceByNPeriods#*", "*/testRecedeByNPeriods#*")
def test_the_nth_boundary_is_the_same_forwards_and_backwards(case: Case) -> None:
    n = case.inputs["n"] if case.inputs["operation"] == "advance_by_n_periods" else -case.inputs["n"]
    assert str(boundary(day(case.inputs["date"]), CYCLES[case.inputs["billing_period"]], n)) == case.expected["value"]


@holds("killbill_date_utils", "*/testCalculateNbOfBillingPeriods#*")
def test_as_many_whole_periods_lie_between_two_dates(case: Case) -> None:
    start, end = day(case.inputs["start_date"]), day(case.inputs["end_date"])
    periods = service_periods(start, CYCLES[case.inputs["billing_period"]], ends_on=end)
    assert sum(period.is_whole for period in periods) == case.expected["value"]


@holds("killbill_date_utils", "*/testProRationAfterLastBillingCycleDate#*")
def test_a_last_period_that_is_cut_costs_the_same_fraction(case: Case) -> None:
    start, end = day(case.inputs["previous_bill_through_date"]), day(case.inputs["end_date"])
    assert cycles_in(service_periods(start, MONTHLY, ends_on=end)) == Decimal(case.expected["value"])


@holds("killbill_date_utils", "*/testProRationBeforeFirstBillingPeriod*")
def test_a_first_period_that_is_cut_costs_the_same_fraction(case: Case) -> None:
    start, next_boundary = day(case.inputs["start_date"]), day(case.inputs["next_billing_cycle_date"])
    stub = next(service_periods(start, MONTHLY, billing_day=next_boundary.day))
    assert (stub.served.end, cycles_in([stub])) == (next_boundary, Decimal(case.expected["value"]))


@holds("killbill_amounts_and_scenarios", "amount/*")
def test_a_part_of_a_period_costs_the_same_amount(case: Case) -> None:
    inputs, expected = case.inputs, case.expected
    part = ServicePeriod(
        Period(day(inputs["start_date"]), day(inputs["end_date"])),
        Period(day(inputs["period_start"]), day(inputs["period_end"])),
    )
    quantity = -1 if expected["amount"].startswith("-") else 1
    net = line_net(quantity, Decimal(inputs["price"]), part.fraction, digits_of(inputs["currency"]))
    assert (str(net), part.served.days, part.full.days) == (
        expected["amount"],
        expected["days"],
        expected["days_in_period"],
    )


@holds("killbill_amounts_and_scenarios", "generator/*")
def test_a_bill_of_several_periods_has_the_same_lines_and_total(case: Case) -> None:
    rates = {"<rate1>": "7.31", "<rate2>": "11.13", "<rate3>": "19.17"}
    events = case.inputs["events"]
    lines: list[Decimal] = []
    for event, ends_on in zip(events, [*(later["date"] for later in events[1:]), None], strict=True):
        terms = {
            "start_date": event["date"],
            "end_date": ends_on,
            "target_date": case.inputs["target_date"],
            "billing_cycle_day": event["bcd"],
            "billing_period": event["period"],
            "billing_mode": case.inputs["billing_mode"],
        }
        price = Decimal(rates.get(event["price"], event["price"]))
        lines += [line_net(1, price, period.fraction, digits_of(case.inputs["currency"])) for period in due(terms)]
    wanted = case.expected["invoice_total"]
    if wanted == "rate1 + rate2 + 2 x rate3":
        wanted = "56.78"
    assert (len(lines), str(sum(lines))) == (case.expected["number_of_items"], wanted)


@holds("killbill_amounts_and_scenarios", "tz/testWithDayLightSaving")
def test_four_changes_of_the_clock_neither_skip_nor_double_a_month(case: Case) -> None:
    created = local_date(datetime.fromisoformat(case.inputs["created_at"]), case.inputs["timezone"])
    periods = list(
        service_periods(created + timedelta(days=30), MONTHLY, billing_day=case.inputs["bcd"], until=date(2017, 4, 1))
    )
    assert [str(periods[0].served.start), str(periods[0].served.end)] == case.expected["first_paid_period"]
    assert len(periods) == 19
    assert all(p.is_whole and p.served.start.day == 1 for p in periods)
    assert str(periods[-1].served.start) == "2017-04-01"


@holds("killbill_amounts_and_scenarios", "tz/testCancellationFrom_*")
def test_a_plan_that_ends_on_a_boundary_is_billed_once_and_whole(case: Case) -> None:
    created = local_date(datetime.fromisoformat(case.inputs["created_at"]), case.inputs["timezone"])
    ends_on = day(case.inputs["cancel_on_local_date"])
    periods = list(service_periods(created, MONTHLY, billing_day=case.inputs["bcd"], ends_on=ends_on))
    assert len(periods) == case.expected["invoices_total"] == 1
    assert periods[0].is_whole, "a part of it would have to be credited"
    assert periods[0].served.end == ends_on
    if run_at := case.inputs.get("billing_run_at"):
        assert local_date(datetime.fromisoformat(run_at), case.inputs["timezone"]) == ends_on - timedelta(days=1)


@holds("killbill_amounts_and_scenarios", "tz/testReferenceTimeInDSTGap")
def test_a_start_at_an_hour_that_does_not_exist_keeps_its_day(case: Case) -> None:
    zone = "America/Los_Angeles"
    start = local_date(instant_of_local(date(2015, 3, 8), 2, zone), zone)
    ends = [p.served.end for p, _ in zip(service_periods(start, MONTHLY), range(25), strict=False)]
    assert [str(end) for end in ends[:2]] == case.expected["charged_through"]
    assert {end.day for end in ends} == {8}


@holds("killbill_amounts_and_scenarios", "tz/testIntoDaylightSavingTransition")
def test_a_start_on_the_31st_after_the_clock_changed_is_anchored_on_the_31st(case: Case) -> None:
    created = local_date(datetime.fromisoformat("2017-03-01T23:30-08:00"), "America/Los_Angeles")
    start = created + timedelta(days=30)
    first = next(service_periods(start, MONTHLY))
    assert start.day == case.expected["computed_bcd"]
    assert [str(first.served.start), str(first.served.end)] == case.expected["first_paid_period"]
    assert str(line_net(1, Decimal("29.95"), first.fraction, 2)) == case.expected["amount"]


def due(inputs: dict[str, Any]) -> list[ServicePeriod]:
    """The periods that are due on the target date."""
    timing, target = TIMINGS[inputs["billing_mode"]], day(inputs["target_date"])
    periods = service_periods(
        day(inputs["start_date"]),
        CYCLES[inputs["billing_period"]],
        billing_day=inputs["billing_cycle_day"],
        ends_on=day(inputs["end_date"]) if inputs.get("end_date") else None,
        until=target,
    )
    return [period for period in periods if billing_date(period.served, timing) <= target]


def cycles_in(periods: Iterable[ServicePeriod]) -> Decimal:
    return sum((round_half_up(period.fraction, 9) for period in periods), Decimal(0))


def day(text: str) -> date:
    return date.fromisoformat(text)
