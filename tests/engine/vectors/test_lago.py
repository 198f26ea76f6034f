"""Lago's figures. Its days are inclusive: `to_date_inclusive` is our end less one day.

A period that starts late (a start in mid-period, a free trial) is our cycle from the period's own first day, charged
from the first day that costs. Amounts come in cents and are compared as euros.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quarterday.engine.money import Money, line_net, round_half_up, total
from quarterday.engine.periods import Cycle, Period, ServicePeriod, local_date, service_periods

from . import Case, holds

MONTHLY, YEARLY, QUARTERLY, WEEKLY = Cycle(1, "month"), Cycle(1, "year"), Cycle(3, "month"), Cycle(1, "week")
DAY = timedelta(days=1)


@holds("lago_amounts_credits_rounding", "fee/*")
def test_a_fee_for_a_part_of_a_period_is_the_same(case: Case) -> None:
    inputs, expected = case.inputs, case.expected
    first, last = day(inputs["from_date"]), day(inputs["to_date_inclusive"])
    # A plan that is replaced by another gives its last day to the new one.
    replaced = case.id in ("fee/terminated_by_upgrade/L1221", "fee/terminated_trial3/L1244")
    trial = inputs.get("trial_days")
    charged_from = max(first, day(inputs["started_at"]) + timedelta(days=trial)) if trial else first
    anchor, cycle = {
        "weekly": (first - timedelta(days=first.weekday()), WEEKLY),
        "monthly": (first.replace(day=1), MONTHLY),
        "yearly": (first.replace(month=1, day=1), YEARLY),
    }[inputs["interval"]]
    end = last if replaced else last + DAY
    periods = list(service_periods(anchor, cycle, billed_from=charged_from, ends_on=end))

    assert len(periods) == (expected["amount_cents"] > 0)
    fraction = periods[0].fraction if periods else Fraction(0)
    if "fraction" in expected:
        assert fraction == Fraction(expected["fraction"])
    price = euros(inputs["plan_amount_cents"])
    assert line_net(1, price, fraction, 2) == euros(expected["amount_cents"])
    assert round_half_up(100 * Fraction(price) * fraction, 9) == round_half_up(
        Decimal(expected["precise_amount_cents"]), 9
    )


@holds("lago_amounts_credits_rounding", "credit/terminate_mid_october", "credit/amount_on_fee_wins_over_plan")
def test_the_days_after_a_termination_are_credited_at_the_price_that_was_billed(case: Case) -> None:
    inputs = case.inputs
    billed = euros(inputs.get("billed_amount_cents", inputs["plan_amount_cents"]))
    october = Period(date(2022, 10, 1), date(2022, 11, 1))
    assert credit_note(billed, unused(inputs["terminated_at"], october), inputs["tax_percent"]) == (
        euros(case.expected["item_cents"]),
        euros(case.expected["tax_cents"]),
        euros(case.expected["total_cents"]),
    )


@holds("lago_amounts_credits_rounding", "credit/rounding_*")
def test_the_total_of_a_credit_note_is_the_sum_of_its_rounded_parts(case: Case) -> None:
    inputs = case.inputs
    start = day(inputs["start"])
    cycle = WEEKLY if inputs["interval"] == "weekly" else MONTHLY
    price = euros(inputs["plan_amount_cents"])
    whole = next(service_periods(start, cycle)).full
    tax = line_net(1, price, rate(inputs["tax_percent"]), 2)
    assert {"fees": price, "tax": tax, "total": price + tax} == {
        name: euros(cents) for name, cents in case.expected["invoice"].items()
    }
    assert credit_note(price, unused(inputs["terminated_at"], whole), inputs["tax_percent"]) == (
        euros(case.expected["credit_net_cents"]),
        euros(case.expected["credit_tax_cents"]),
        euros(case.expected["total_cents"]),
    )


@holds("lago_amounts_credits_rounding", "credit/sum_of_parts_*")
def test_a_total_is_a_sum_and_not_rounded_again(case: Case) -> None:
    net = case.inputs.get("net_cents", case.inputs.get("item_cents"))
    parts = [Money(euros(cents), "EUR") for cents in (net, case.inputs["tax_cents"])]
    assert total(parts, "EUR") == Money(euros(case.expected["total_cents"]), "EUR")


@holds("lago_amounts_credits_rounding", "credit/upgrade_monthly_to_yearly")
def test_an_upgrade_credits_the_old_plan_and_charges_the_rest_of_the_new_year(case: Case) -> None:
    inputs, expected = case.inputs, case.expected
    start, upgrade = day(inputs["start"]), day(inputs["upgrade_at"])
    old, new = euros(inputs["plan"]["amount_cents"]), euros(inputs["new_plan"]["amount_cents"])
    billed = list(service_periods(start, MONTHLY, until=upgrade))
    assert [
        [str(p.served.start), str(p.served.last_day), int(100 * line_net(1, old, p.fraction, 2))] for p in billed
    ] == (expected["invoices"])
    left = ServicePeriod(Period(upgrade, billed[-1].served.end), billed[-1].full)
    assert line_net(1, old, left.fraction, 2) == euros(expected["credit_of_old_cents"])

    first = next(service_periods(start, YEARLY, billed_from=upgrade))
    assert f"{first.served.days} of {first.full.days}" == expected["new_plan_first_fee_days"]
    assert line_net(1, new, first.fraction, 2) == euros(expected["new_plan_first_fee_cents"])


@holds("lago_amounts_credits_rounding", "credit/proration_on_whole_period_after_upgrade", "credit/proration_calendar_*")
def test_a_part_of_a_quarter_is_divided_by_the_whole_quarter(case: Case) -> None:
    inputs = case.inputs
    begun = day(inputs.get("upgrade_at", inputs["start"]))
    anchor = date(2024, 4, 1) if inputs["billing_time"] == "calendar" else day(inputs["start"])
    ends_on = day(inputs["terminated_at"]) + DAY
    price = euros(inputs.get("new_plan", inputs["plan"])["amount_cents"])
    (last,) = service_periods(anchor, QUARTERLY, billed_from=begun, ends_on=ends_on)
    assert (last.served.days, last.full.days) == (32, 91)
    assert line_net(1, price, last.fraction, 2) == euros(case.expected["final_fee_cents"])


def credit_note(price: Decimal, left: ServicePeriod, tax_percent: str) -> tuple[Decimal, Decimal, Decimal]:
    """The net, tax and total of what was billed for days that are not served."""
    net = line_net(1, price, left.fraction, 2)
    tax = line_net(1, net, rate(tax_percent), 2)
    return net, tax, net + tax


def unused(terminated_at: str, full: Period) -> ServicePeriod:
    """The days of a period after that of the termination, which was used."""
    return ServicePeriod(Period(day(terminated_at) + DAY, full.end), full)


def rate(percent: str) -> Fraction:
    return Fraction(percent) / 100


def euros(cents: Any) -> Decimal:
    return Decimal(cents).scaleb(-2)


def day(text: str) -> date:
    """A date, or the date in UTC of an instant."""
    if "T" in text:
        return local_date(datetime.fromisoformat(text), "UTC")
    return date.fromisoformat(text.removesuffix(" (Paris)"))
