"""The lines of a period, whole: what they show, what they are charged for, and which devices they name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from quarterday.engine.calculate import calculate_bill
from quarterday.engine.facts import (
    BilledPart,
    BillingFacts,
    ClassPrice,
    DeviceException,
    PeriodDue,
    TaxTreatment,
    Tier,
    Tiers,
)
from quarterday.engine.lines import BillLine, as_billed, ground_of, lines_by_rule
from quarterday.engine.periods import Period, ServicePeriod
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, facts_of, rule, sentences, unit, version

D = Decimal
WHOLE = ServicePeriod(APRIL, APRIL)
MID_APRIL = date(2026, 4, 16)
TWO_PCS = draw("PC-1 #>\nPC-2 ....................#>", start=APRIL.start)
COMPUTERS_AT_30 = {"computer": unit("30.00")}


def lines(stays: Any = TWO_PCS, **told: Any) -> list[BillLine]:
    return list(calculate_bill(facts_of(stays, **{"prices": COMPUTERS_AT_30, **told})).lines)


def test_counted_devices_are_one_line_with_their_days() -> None:
    vat = TaxTreatment("S", D(19), code="std")

    assert lines(prices={"computer": unit("30.00", tax_code="std")}, tax_rules=(rule("std", vat),)) == [
        BillLine(
            kind="usage",
            text="computer",
            net=D("60.00"),
            quantity=D(2),
            unit="device",
            unit_price=D("30.00"),
            per=1,
            fraction=Fraction(1),
            subscription_id="gold",
            device_class="computer",
            days=APRIL,
            service_period=WHOLE,
            tax=vat,
            devices=(("PC-1", 30), ("PC-2", 10)),
        )
    ]


def test_device_days_are_one_line_per_30_days() -> None:
    [line] = lines(subscription={"counting": "prorated"})

    assert line == BillLine(
        kind="usage",
        text="computer",
        net=D("40.00"),
        quantity=D(40),
        unit="device-day",
        unit_price=D("30.00"),
        per=30,
        fraction=Fraction(1),
        subscription_id="gold",
        device_class="computer",
        days=APRIL,
        service_period=WHOLE,
        devices=(("PC-1", 30), ("PC-2", 10)),
    )


def test_the_first_step_of_tiers_names_the_devices_and_neither_the_next_nor_a_minimum_does() -> None:
    steps = Tiers("graduated", (Tier(1, D("30.00")), Tier(None, D("20.00"))))
    first, second, minimum = lines(prices={"computer": ClassPrice(tiers=steps, minimum=3)})

    assert [(each.kind, each.text, each.quantity, each.net) for each in (first, second, minimum)] == [
        ("usage", "computer", D(1), D("30.00")),
        ("usage", "computer", D(1), D("20.00")),
        ("minimum", "computer, minimum", D(1), D("20.00")),
    ]
    assert (first.devices, second.devices, minimum.devices) == ((("PC-1", 30), ("PC-2", 10)), None, None)


def test_a_flat_fee_is_a_line_of_the_plan_and_names_no_devices() -> None:
    assert lines((), fee="12.00") == [
        BillLine(
            kind="flat_fee",
            text="gold, flat fee",
            net=D("12.00"),
            unit="period",
            unit_price=D("12.00"),
            subscription_id="gold",
            days=APRIL,
            service_period=WHOLE,
        )
    ]


SHORT = Period(APRIL.start, date(2026, 4, 11))


@pytest.mark.parametrize(("counting", "quantity"), [("at_end", 1), ("any_day", 2), ("prorated", 38)])
def test_a_final_period_charged_in_full_runs_on_with_who_was_there_on_its_last_day(
    counting: str, quantity: int
) -> None:
    """Ten days are served. PC-1 stays for the whole month that is charged; PC-2 was there for 8 days."""
    stays = draw("PC-1 #>\nPC-2 ########......................", start=APRIL.start)
    told = {"counting": counting, "final_period": "full"}

    [line] = lines(stays, subscription=told, periods=(PeriodDue(SHORT, APRIL),))

    assert (line.quantity, line.fraction, line.days) == (quantity, Fraction(1), SHORT)
    assert line.service_period == ServicePeriod(SHORT, APRIL)
    assert dict(line.devices or ())["PC-1"] == 30


def test_a_final_period_by_the_day_is_charged_for_its_days() -> None:
    [line] = lines(periods=(PeriodDue(SHORT, APRIL),), fee="12.00")[1:]

    assert (line.net, line.fraction, line.days) == (D("4.00"), Fraction(1, 3), SHORT)


def test_only_the_last_of_two_prices_runs_on_in_a_final_period_charged_in_full() -> None:
    """30.00 until the 5th and 60.00 from the 6th on, served until the 10th and charged until the 30th."""
    versions = (version(COMPUTERS_AT_30), version({"computer": unit("60.00")}, on=date(2026, 4, 6)))

    drafted = lines(
        draw("PC-1 #>", start=APRIL.start),
        versions=versions,
        subscription={"final_period": "full"},
        periods=(PeriodDue(SHORT, APRIL),),
    )

    assert [(line.net, line.fraction, line.days) for line in drafted] == [
        (D("5.00"), Fraction(1, 6), Period(date(2026, 4, 1), date(2026, 4, 6))),
        (D("50.00"), Fraction(5, 6), Period(date(2026, 4, 6), date(2026, 4, 11))),
    ]


@pytest.mark.parametrize(("counting", "quantity"), [("at_end", 1), ("prorated", 30)])
def test_in_advance_who_is_there_on_the_first_day_is_charged_for_the_whole_period(counting: str, quantity: int) -> None:
    stays = draw("PC-1 ##........\nPC-2 ..########", start=APRIL.start)

    [line] = lines(stays, subscription={"counting": counting, "timing": "advance"})

    assert (line.quantity, line.devices) == (quantity, (("PC-1", 30),))


def test_in_advance_a_final_period_charged_in_full_is_charged_to_its_end() -> None:
    told = {"counting": "prorated", "timing": "advance", "final_period": "full"}

    [line] = lines(subscription=told, periods=(PeriodDue(SHORT, APRIL),))

    assert (line.quantity, line.devices) == (30, (("PC-1", 30),))


def test_lines_are_cut_at_the_days_inside_them_alone() -> None:
    facts = facts_of(TWO_PCS, prices={**COMPUTERS_AT_30, "server": unit("90.00", minimum=1)}, fee="12.00")
    [subscription] = facts.subscriptions
    cuts = {"computer": {date(2026, 4, 21), MID_APRIL, APRIL.start, APRIL.end}, None: {MID_APRIL}}

    found = lines_by_rule(subscription, WHOLE, ground_of(facts), cuts=cuts)

    assert [(line.device_class, line.days and line.days.start.day, line.net) for line in found] == [
        ("computer", 1, D("30.00")),
        ("computer", 16, D("10.00")),
        ("computer", 21, D("20.00")),
        ("server", 1, D("90.00")),
        (None, 1, D("6.00")),
        (None, 16, D("6.00")),
    ]


def test_days_that_are_excepted_or_paused_are_not_charged_and_other_devices_are() -> None:
    excepted = DeviceException("PC-1", Period(APRIL.start, date(2026, 4, 6)))
    paused = DeviceException("PC-2", Period(date(2026, 4, 26), APRIL.end))

    [line] = lines(subscription={"counting": "prorated", "paused": (paused,)}, exceptions=(excepted,))

    assert line.devices == (("PC-1", 25), ("PC-2", 5))


def test_a_replaced_device_that_is_paused_is_joined_to_its_successor() -> None:
    stays = draw("PC-1 ##########\nPC-2 ..........#>", start=APRIL.start)
    paused = DeviceException("PC-1", Period(date(2026, 4, 6), date(2026, 4, 11)))

    [line] = lines(stays, subscription={"counting": "prorated", "paused": (paused,)}, replaced_by={"PC-1": "PC-2"})

    assert line.devices == (("PC-2", 25),)


def test_what_a_line_charged_is_what_later_bills_see() -> None:
    [line] = lines()

    assert as_billed(line, "INV-7") == BilledPart(
        bill="INV-7",
        device_class="computer",
        days=APRIL,
        quantity=D(2),
        unit="device",
        unit_price=D("30.00"),
        per=1,
        fraction=Fraction(1),
        tax=None,
    )
    lacks: list[dict[str, Any]] = [{"days": None}, {"unit": None}, {"unit_price": None}]
    for lacking in lacks:
        with pytest.raises(ValueError, match="charges for no period"):
            as_billed(replace(line, **lacking), "INV-7")


def test_yen_have_no_cents_and_dinars_three() -> None:
    def net(currency: str) -> list[str]:
        facts: BillingFacts = facts_of(TWO_PCS, prices={"computer": unit("10.0555")}, currency=currency)
        return sentences(calculate_bill(facts))

    assert net("JPY") == ["usage computer: 2 x 10.0555 = 20"]
    assert net("KWD") == ["usage computer: 2 x 10.0555 = 20.111"]
