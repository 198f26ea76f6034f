"""Figures from other systems' documentation and from the issues of people whose bills were wrong.

Where an issue names a bug, its wanted answer is held, not the wrong one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from quarterday.engine.money import line_net, round_half_up
from quarterday.engine.periods import (
    Cycle,
    Period,
    billing_date,
    boundary,
    boundary_index,
    instant_of_local,
    local_date,
    service_periods,
)

from . import Case, holds

MONTHLY, QUARTERLY, YEARLY = Cycle(1, "month"), Cycle(3, "month"), Cycle(1, "year")
DAY = timedelta(days=1)


def from_documents(*ids: str) -> pytest.MarkDecorator:
    return holds("documents_and_issues", *ids)


@from_documents("stripe/half_period_upgrade")
def test_half_a_period_of_each_plan(case: Case) -> None:
    left = Fraction(case.inputs["fraction_left"])
    credit = line_net(-1, Decimal(case.inputs["old_price"]), left, 0)
    charge = line_net(1, Decimal(case.inputs["new_price"]), left, 0)
    assert {"credit": str(credit), "charge": str(charge), "net": str(credit + charge)} == case.expected


@from_documents("stripe/anchor_31_january")
def test_the_31st_of_january_comes_back_in_march(case: Case) -> None:
    first, *others = case.expected["bills_on"]
    for year, february in ((2026, first[:5]), (2028, first[7:12])):
        bills_on = [f"{boundary(date(year, 1, 31), MONTHLY, n):%m-%d}" for n in (1, 2, 3)]
        assert bills_on == [february, *others]


@from_documents("stripe/anchor_2_september")
def test_a_day_that_every_month_has_stays(case: Case) -> None:
    assert case.expected["bills_on"] == "day 2 of every month"
    assert {boundary(date(2026, 9, 2), MONTHLY, n).day for n in range(60)} == {2}


@from_documents("zuora/actual_basis")
def test_half_of_august_is_divided_by_the_days_of_august(case: Case) -> None:
    inputs = case.inputs
    periods = list(
        service_periods(
            day(inputs["from_date"]), MONTHLY, billing_day=1, ends_on=day(inputs["to_date_inclusive"]) + DAY
        )
    )
    nets = [line_net(inputs["extra_units"], Decimal(inputs["unit_price"]), p.fraction, 2) for p in periods]
    assert {
        "august": str(nets[0]),
        "september_to_december": str(sum(nets[1:])),
        "total": str(sum(nets)),
    } == case.expected


@from_documents("salesforce/day_of_period_5")
def test_a_stub_belongs_to_the_whole_period_that_ends_there(case: Case) -> None:
    stub = next(service_periods(day(case.inputs["start"]), MONTHLY, billing_day=case.inputs["anchor_day"]))
    assert {
        "first_period": [str(stub.full.start), f"{stub.full.last_day} (inclusive)"],
        "days_used": stub.served.days,
        "days_in_period": stub.full.days,
    } == case.expected


@from_documents("bc/*")
def test_days_of_february_are_divided_by_february(case: Case) -> None:
    served = Period(day(case.inputs["from_date"]), day(case.inputs["to_date_inclusive"]) + DAY)
    (period,) = service_periods(served.start.replace(day=1), MONTHLY, billed_from=served.start, ends_on=served.end)
    assert str(line_net(1, Decimal(case.inputs["price"]), period.fraction, 5)) == case.expected["correct_amount"]


@from_documents("lago/4313_precise_tax")
def test_a_total_is_the_sum_of_its_rounded_parts(case: Case) -> None:
    net, percent = Decimal(case.inputs["amount"]), Fraction(case.inputs["tax_percent"]) / 100
    exact = Fraction(net) * Fraction(case.inputs["days"])
    rounded = line_net(1, net, Fraction(case.inputs["days"]), 2)
    tax = line_net(1, rounded, percent, 2)
    assert abs(exact - Fraction(case.expected["net"])) < Fraction(1, 10**8)
    assert str(round_half_up(exact * (1 + percent), 2)) == case.expected["rounded_once"]
    assert str(rounded + tax) == case.expected["sum_of_rounded_parts"]


@from_documents("killbill/127_anchor_31")
def test_the_third_bill_of_a_plan_from_the_31st_comes(case: Case) -> None:
    run_on = day(case.inputs["runs"][-1])
    periods = service_periods(
        day(case.inputs["start"]), MONTHLY, billing_day=case.inputs["bill_cycle_day"], until=run_on
    )
    assert [[str(p.served.start), str(p.served.end)] for p in periods] == case.expected["periods"]


@from_documents("killbill/2133_eom_early")
def test_a_month_is_not_due_a_day_before_its_end(case: Case) -> None:
    run_on = day(case.inputs["run_on"])
    due = [
        [str(p.served.start), str(p.served.end)]
        for p in service_periods(day(case.inputs["start"]), MONTHLY, billing_day=31, until=run_on)
        if billing_date(p.served, "arrears") <= run_on
    ]
    assert due == case.expected["periods"]


@from_documents("lago/1567_anniversary_31")
def test_the_month_after_february_ends_before_the_31st(case: Case) -> None:
    start = date(2022, 12, case.inputs["anniversary_day"])
    billed_on = day(case.inputs["billed_on"])
    ended, begun = service_periods(start, MONTHLY, from_day=billed_on - DAY, until=billed_on)
    assert [str(ended.served.start), str(ended.served.last_day)] == case.expected["period_inclusive"]
    assert [str(begun.served.start), str(begun.served.last_day)] == case.expected["next_period_inclusive"]


@from_documents("lago/1840_start_30_january")
def test_the_bill_of_29_february_is_for_the_period_that_starts_there(case: Case) -> None:
    billed_on = day(case.inputs["billed_on"])
    (period,) = service_periods(day(case.inputs["start"]), MONTHLY, from_day=billed_on, until=billed_on)
    assert [str(period.served.start), str(period.served.last_day)] == case.expected["period_inclusive"]
    assert billing_date(period.served, "advance") == billed_on


@from_documents("lago/1074_double_on_zone_edge")
def test_two_runs_on_both_sides_of_midnight_find_one_period(case: Case) -> None:
    found = set()
    for run_at in case.inputs["runs"]:
        today = local_date(datetime.fromisoformat(run_at), case.inputs["timezone"])
        for period in service_periods(day(case.inputs["start"]), Cycle(1, "week"), until=today):
            if billing_date(period.served, "arrears") <= today:
                found.add(period)
    assert len(found) == case.expected["invoices"]


@from_documents("lago/6194_whole_period")
def test_a_quarter_that_was_begun_late_is_divided_by_the_whole_quarter(case: Case) -> None:
    started = day(case.inputs["started"])
    for key, anchor in (
        ("days_calendar", day(case.inputs["calendar_quarter"][0])),
        ("days_anniversary", date(2024, 4, case.inputs["anniversary_day"])),
    ):
        assert next(service_periods(anchor, QUARTERLY, billed_from=started)).full.days == case.expected[key]


@from_documents("invoiceninja/12158_dst")
def test_six_o_clock_stays_six_o_clock_when_the_clocks_change(case: Case) -> None:
    zone = case.inputs["timezone"]
    sent_on = day(case.inputs["sent"][:10])
    next_on = boundary(sent_on, QUARTERLY, 1)
    instants = [instant_of_local(on, case.inputs["send_hour_local"], zone) for on in (sent_on, next_on)]
    assert f"{instants[1].astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M} local" == case.expected["next_send"]
    assert [instant.hour for instant in instants] == [10, 11]


@from_documents("invoiceninja/3407_drift")
def test_a_late_run_does_not_move_the_day(case: Case) -> None:
    start, late = day(case.inputs["start"]), day(case.inputs["run_missed_until"])
    assert str(boundary(start, MONTHLY, boundary_index(start, MONTHLY, late) + 1)) == case.expected["next_date"]


@from_documents("tryton/rrule_31", "invoiceninja/drift_after_february")
def test_no_month_is_skipped_and_no_day_is_lost(case: Case) -> None:
    wanted = case.expected["wanted"]
    assert [str(boundary(day(case.inputs["start"]), MONTHLY, n)) for n in range(len(wanted))] == wanted


@from_documents("tryton/rrule_29_february_yearly")
def test_a_plan_from_29_february_is_billed_every_year(case: Case) -> None:
    wanted = case.expected["wanted"]
    assert [str(boundary(day(case.inputs["start"]), YEARLY, n)) for n in range(len(wanted))] == wanted


@from_documents("invoiceninja/1453_gst_qst_*")
def test_each_component_of_a_tax_is_rounded_half_up(case: Case) -> None:
    net = Decimal(case.inputs["net"])
    taxes = [line_net(1, net, Fraction(percent) / 100, 2) for percent in case.inputs["taxes_percent"]]
    assert {"tax_lines": [str(tax) for tax in taxes], "total": str(net + sum(taxes))} == case.expected


@from_documents("itflow/drift_and_missed_night")
def test_a_missed_night_is_caught_up_for_its_own_period(case: Case) -> None:
    start, missed = day(case.inputs["start"]), day(case.inputs["night_missed"])
    next_run = missed + DAY
    due = [
        p.served
        for p in service_periods(start, MONTHLY, until=next_run)
        if billing_date(p.served, "arrears") <= next_run
    ]
    assert due == [Period(start, missed)]
    following = boundary(start, MONTHLY, 2)
    assert case.expected["wanted"] == f"billed at the next run for its own period, next date {following}"


@from_documents("lago/354_missed_day")
def test_what_was_due_while_the_scheduler_was_down_is_still_due(case: Case) -> None:
    due_on, up_again = day(case.inputs["due"]), day(case.inputs["scheduler_down"][1])
    march = Period(boundary(due_on, MONTHLY, -1), due_on)
    due = [
        p.served
        for p in service_periods(march.start, MONTHLY, until=up_again)
        if billing_date(p.served, "arrears") <= up_again
    ]
    assert due == [march]
    assert case.expected["wanted"] == f"made on {up_again} for the period due on {due_on:%m-%d}"


@from_documents("killbill/over_100_percent")
def test_thirty_days_of_march_never_cost_more_than_march(case: Case) -> None:
    periods = service_periods(
        day(case.inputs["start"]),
        MONTHLY,
        billing_day=case.inputs["bill_cycle_day"],
        ends_on=day(case.inputs["end"]),
    )
    wanted = [Fraction(text.split(" = ")[0]) for text in case.expected["wanted_fractions"]]
    assert [p.fraction for p in periods] == wanted


def day(text: str) -> date:
    return date.fromisoformat(text)
