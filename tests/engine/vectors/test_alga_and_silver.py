"""Alga PSA's figures (half-open, like ours) and Silver's (inclusive: our end less one day).

Alga asks for the period around a reference date; its anchors are days of a calendar, so the cycle starts here on such
a day a year or so earlier.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from quarterday.engine.money import Money, line_net, split
from quarterday.engine.periods import Cycle, Period, ServicePeriod, Timing, billing_date, service_periods

from . import Case, holds

MONTHLY = Cycle(1, "month")
ALGA_CYCLES = {
    "weekly": Cycle(1, "week"),
    "bi-weekly": Cycle(2, "week"),
    "monthly": MONTHLY,
    "quarterly": Cycle(3, "month"),
    "semi-annually": Cycle(6, "month"),
    "annually": Cycle(1, "year"),
}
DAY = timedelta(days=1)


@holds("alga_periods_tax", "period/monthly*", "period/*weekly*", "period/quarterly", "period/semi", "period/annual")
def test_alga_s_period_around_a_day_is_ours(case: Case) -> None:
    anchor = case.inputs["anchor"]
    if "reference_date" in anchor:
        start = day(anchor["reference_date"])
    elif "day_of_week" in anchor:
        start = date(2024, 1, 1) + (anchor["day_of_week"] - 1) * DAY
    else:
        start = date(2024, anchor.get("month_of_year", 1), anchor["day_of_month"])
    found = next(service_periods(start, ALGA_CYCLES[case.inputs["cycle"]], from_day=day(case.inputs["reference_date"])))
    assert found.is_whole
    assert dates(found.served) == case.expected["period"]


@holds("alga_periods_tax", "period/transition")
def test_alga_s_next_boundary_after_a_day_ends_our_stub(case: Case) -> None:
    stub = next(service_periods(day(case.inputs["after"]), MONTHLY, billing_day=case.inputs["anchor"]["day_of_month"]))
    assert str(stub.served.end) == case.expected["next_boundary"]


@holds("alga_periods_tax", "period/backfill")
def test_alga_s_missed_periods_are_all_found_without_a_gap(case: Case) -> None:
    start, now = day(case.inputs["existing"][0]), day(case.inputs["now"])
    periods = [period.served for period in service_periods(start, MONTHLY, until=now)]
    assert len(periods) == case.expected["number_of_periods"]
    assert str(periods[-1].end) == case.expected["last_period_end"]
    assert all(later.start == earlier.end for earlier, later in pairwise(periods))


@holds("alga_periods_tax", "period/effective_date")
def test_alga_s_first_cycle_from_an_effective_day_is_ours(case: Case) -> None:
    wanted = case.expected["period"]
    first = next(service_periods(day(wanted[0]), MONTHLY, billing_day=case.inputs["anchor"]["day_of_month"]))
    assert (first.is_whole, dates(first.served)) == (True, wanted)


@holds("alga_periods_tax", "coverage/T017", "coverage/T03*")
def test_alga_s_covered_days_of_a_service_period_are_ours(case: Case) -> None:
    full, active = period(case.inputs["service_period"]), period(case.inputs["active_window"])
    covered = full.overlap(active)
    assert covered is not None
    assert {"covered_days": covered.days, "total_days": full.days, "covered_period": dates(covered)} == case.expected


@holds("alga_periods_tax", "coverage/T019", "coverage/T040")
def test_alga_s_touching_ranges_do_not_overlap(case: Case) -> None:
    one = period(case.inputs.get("a") or case.inputs["service_period"])
    other = period(case.inputs.get("b") or case.inputs["active_window"])
    assert case.expected in ({"overlap": None}, {"charges": 0})
    assert one.overlap(other) is None


@holds("alga_periods_tax", "timing/*")
def test_alga_s_service_period_is_due_where_its_invoice_window_starts(case: Case) -> None:
    window, service = period(case.inputs["invoice_window"]), period(case.expected["service_period"])
    timing: Timing = case.inputs["payment"]
    assert billing_date(service, timing) == window.start
    if "active_window" in case.inputs:
        covered = service.overlap(period(case.inputs["active_window"]))
        assert covered is not None
        assert str(covered.start) == case.expected.get("covered_from", str(service.start))
        assert str(covered.end) == case.expected.get("covered_to", str(service.end))


@holds("alga_periods_tax", "amount/T046")
def test_alga_s_last_month_up_to_an_inclusive_end_costs_the_same(case: Case) -> None:
    full = period(case.inputs["service_period"])
    served = Period(full.start, day(case.inputs["end_date_inclusive"]) + DAY)
    net = line_net(1, euros(case.inputs["amount_cents"]), ServicePeriod(served, full).fraction, 2)
    assert (net, case.expected["negative_lines"]) == (euros(case.expected["amount_cents"]), 0)


@holds("alga_periods_tax", "amount/compute_22_31")
def test_alga_s_fraction_of_an_amount_is_rounded_the_same(case: Case) -> None:
    net = line_net(1, euros(case.inputs["amount_cents"]), Fraction(case.inputs["fraction"]), 2)
    assert net == euros(case.expected["amount_cents"])


@holds("alga_periods_tax", "amount/fmv_allocation")
def test_alga_s_bundle_is_split_the_same(case: Case) -> None:
    bundle = Money(euros(case.inputs["bundle_amount_cents"]), "USD")
    assert split(bundle, case.inputs["service_values_cents"]) == [
        Money(euros(cents), "USD") for cents in case.expected["allocated_cents"]
    ]


@holds("alga_periods_tax", "tax/small")
def test_alga_s_tax_on_a_sum_is_the_same_and_so_are_its_shares(case: Case) -> None:
    nets, expected = case.inputs["net_cents"], case.expected
    subtotal = euros(sum(nets))
    tax = line_net(1, subtotal, Fraction(case.inputs["tax_percent"]) / 100, 2)
    assert (subtotal, tax, subtotal + tax) == tuple(
        euros(expected[name]) for name in ("subtotal_cents", "tax_cents", "total_cents")
    )
    assert [part.amount for part in split(Money(tax, "USD"), nets)] == [euros(c) for c in expected["line_tax_cents"]]


@holds("silver_cycles", "monthdiff/*")
def test_silver_s_months_between_two_dates_are_ours(case: Case) -> None:
    periods = service_periods(day(case.inputs["start"]), MONTHLY, ends_on=day(case.inputs["end"]))
    wanted = sum(Fraction(part) for part in case.expected["months"].split(" + "))
    assert sum((p.fraction for p in periods), Fraction(0)) == wanted


@holds("silver_cycles", "cycles/1")
def test_silver_s_calendar_months_are_a_stub_and_whole_months(case: Case) -> None:
    periods = service_periods(
        day(case.inputs["start"]), Cycle(case.inputs["count"], "month"), billing_day=1, until=date(2015, 4, 30)
    )
    assert [[str(p.served.start), str(p.served.last_day)] for p in periods] == case.expected["cycles_inclusive"]


@holds("silver_cycles", "issue200")
def test_silver_s_trial_over_a_month_s_end_is_divided_by_each_month_s_own_days(case: Case) -> None:
    ends_on = day(case.inputs["trial_end_inclusive"]) + DAY
    periods = service_periods(day(case.inputs["start"]), MONTHLY, billing_day=1, ends_on=ends_on)
    wanted = [Fraction(part) for part in case.expected["fraction_of_months"].split(" + ")]
    assert [p.fraction for p in periods] == wanted


def period(pair: list[str]) -> Period:
    return Period(*map(day, pair))


def dates(found: Period) -> list[str]:
    return [str(found.start), str(found.end)]


def euros(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def day(text: str) -> date:
    return date.fromisoformat(text)
