"""The stored facts: one spelling, small, and whole: a bill calculated from the bytes is the same bill."""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from quarterday.engine import facts as kinds_of_facts
from quarterday.engine.calculate import calculate_bill
from quarterday.engine.canonical import canonical_json, digest_of
from quarterday.engine.facts import (
    AdjustmentFacts,
    BilledPart,
    BillingFacts,
    ClassPrice,
    DeviceException,
    FlatFee,
    PeriodDue,
    PlanVersion,
    PriceOverride,
    SubscriptionFacts,
    TaxComponent,
    TaxRule,
    TaxTreatment,
    Tier,
    Tiers,
)
from quarterday.engine.lines import BillLine, as_billed
from quarterday.engine.periods import Cycle, Period
from quarterday.engine.presence import Stay
from quarterday.engine.stored_facts import UnknownForm, facts_from_bytes, facts_to_bytes
from tests.engine.draw import draw
from tests.engine.facts_of import APRIL, facts_of, unit

D = Decimal
QUEBEC = TaxTreatment("S", D("14.975"), "agreed", (TaxComponent("GST", D(5)), TaxComponent("QST", D("9.975"))), "std")
MAY = Period(date(2026, 5, 1), date(2026, 6, 1))

EVERYTHING = BillingFacts(
    customer_id="42",
    time_zone="America/Toronto",
    currency="CAD",
    billing_on=date(2026, 5, 1),
    subscriptions=(
        SubscriptionFacts(
            id="7",
            plan="Gold “managed”",
            starts_on=APRIL.start,
            versions=(
                PlanVersion(
                    date(2026, 1, 1),
                    {
                        # Not in the order of the alphabet: the plan's order is the order of the lines.
                        "server": ClassPrice(
                            tiers=Tiers("graduated", (Tier(1, D("90.00")), Tier(None, D("80.125")))),
                            minimum=1,
                            included=2,
                            tax_code="std",
                        ),
                        "computer": unit("30.00", tax_code="std"),
                    },
                    FlatFee(D("9.90"), "std"),
                    "next_period",
                ),
            ),
            periods=(
                PeriodDue(
                    APRIL,
                    APRIL,
                    "settlement",
                    (
                        BilledPart("INV-1", "computer", APRIL, D(3), "device", D("30.00"), 1, Fraction(29, 30), QUEBEC),
                        BilledPart("INV-1", None, APRIL, D(1), "period", D("9.90"), 1, Fraction(1), is_goodwill=True),
                    ),
                ),
                PeriodDue(MAY, MAY),
                PeriodDue(None, APRIL, "ended", only_in_favour=True),
            ),
            cycle=Cycle(2, "month"),
            billing_day=1,
            counting="peak",
            timing="advance",
            final_period="full",
            due_days=30,
            overrides=(
                PriceOverride(date(2026, 2, 1), {"computer": unit("25.00", tax_code="std")}),
                PriceOverride(date(2026, 3, 1), flat_fee=FlatFee(D(0)), applies="next_period"),
            ),
            paused=(DeviceException("3", Period(date(2026, 4, 20), date(2026, 5, 1))),),
        ),
    ),
    stays=(
        Stay("1", "computer", APRIL),
        Stay("2", "computer", APRIL),
        Stay("10", "computer", Period.since(date(2026, 4, 7))),
        Stay("3", "server", APRIL),
    ),
    names={"1": "Réception", "2": "<script>", "10": "计算机", "3": "SRV"},
    exceptions=(DeviceException("2", Period(date(2026, 4, 3), date(2026, 4, 5))),),
    replaced_by={"1": "10"},
    adjustments=(
        AdjustmentFacts("a", "Loyalty", date(2026, 1, 1), percent=D("-5"), times=None, used=3),
        AdjustmentFacts("b", "Setup", date(2026, 1, 1), amount=D("100.00"), tax_code="std", subscription_id="7"),
        AdjustmentFacts(
            "c", "Seats", date(2026, 1, 1), unit_price=D("-6.5"), quantity=D(4), until=date(2027, 1, 1), rest=D("-1.50")
        ),
    ),
    tax_rules=(TaxRule("std", date(2026, 1, 1), QUEBEC),),
)


def every_field_that_is_not_its_default(value: object) -> Iterator[str]:
    """Class and field of all that somebody chose, in a value of the facts and in the values inside it."""
    if is_dataclass(value):
        for each in fields(value):
            content = getattr(value, each.name)
            default = each.default_factory() if callable(each.default_factory) else each.default
            if default is MISSING or content != default:
                yield f"{type(value).__name__}.{each.name}"
            yield from every_field_that_is_not_its_default(content)
    elif isinstance(value, (tuple, Mapping)):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from every_field_that_is_not_its_default(part)


def test_everything_leaves_nothing_at_its_default() -> None:
    chosen = set(every_field_that_is_not_its_default(EVERYTHING))

    kinds = {name.partition(".")[0]: getattr(kinds_of_facts, name.partition(".")[0], None) for name in chosen}
    assert {f"{name}.{each.name}" for name, kind in kinds.items() if kind for each in fields(kind)} - chosen == set()


def test_the_bytes_hold_everything() -> None:
    assert facts_from_bytes(facts_to_bytes(EVERYTHING)) == EVERYTHING


def test_a_bill_calculated_from_stored_facts_is_the_same_bill() -> None:
    drawn = calculate_bill(EVERYTHING)

    again = calculate_bill(facts_from_bytes(facts_to_bytes(EVERYTHING)))

    assert again == drawn
    assert again.content == drawn.content
    assert drawn.outcome == "billed"


def test_equal_facts_have_equal_bytes_whatever_order_and_zeros_they_came_with() -> None:
    """The database returns prices with six decimals and stays in any order."""
    facts = facts_of(draw("PC-1 #>\nPC-2 #>", start=APRIL.start), prices={"computer": unit("30.00")})
    same = facts_of(facts.stays[::-1], prices={"computer": unit("30.000000")})

    assert facts_to_bytes(same) == facts_to_bytes(facts)
    assert digest_of(facts_to_bytes(facts)) == digest_of(facts_to_bytes(same))


def test_the_bytes_hold_no_float_and_sorted_keys() -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"{text} is a float")

    content = facts_to_bytes(EVERYTHING)

    stored = json.loads(content, parse_float=refuse)
    assert list(stored) == sorted(stored)
    assert b" " not in content.replace("Gold “managed”".encode(), b"")


def test_5000_devices_take_few_bytes_each() -> None:
    stays = tuple(Stay(str(100_000 + n), "computer", APRIL) for n in range(5000))
    names = {stay.device_id: f"NORTH-WS-{n * 7919 % 100_000:05d}" for n, stay in enumerate(stays)}

    stored = zlib.compress(facts_to_bytes(facts_of(stays, prices={"computer": unit("30.00")}, names=names)))

    assert len(stored) < 5000 * 10


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"form": 99}', b"\xff"])
def test_bytes_of_another_form_are_refused(content: bytes) -> None:
    with pytest.raises(UnknownForm):
        facts_from_bytes(content)


def test_facts_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match="exactly one of unit_price and tiers"):
        ClassPrice()
    with pytest.raises(ValueError, match="exactly one of amount, percent and unit_price"):
        AdjustmentFacts("a", "Both", APRIL.start, amount=D(1), percent=D(1))
    with pytest.raises(ValueError, match="rest"):
        AdjustmentFacts("a", "Owes", APRIL.start, amount=D(1), rest=D(1))
    with pytest.raises(ValueError, match="no day is served"):
        _ = PeriodDue(None, APRIL, "ended").service_period


def test_only_what_has_one_spelling_is_stored_and_only_charges_for_a_period_are_billed_parts() -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical_json({"what": object()})
    with pytest.raises(ValueError, match="charges for no period"):
        as_billed(BillLine("adjustment", "Setup", D("5.00")), "INV-1")


def test_stored_facts_in_which_a_device_lost_its_name_are_refused() -> None:
    stored = json.loads(facts_to_bytes(EVERYTHING))
    stored["stays"][0][-1].pop()

    with pytest.raises(ValueError, match="shorter"):
        facts_from_bytes(canonical_json(stored))


def test_a_device_without_a_name_is_stored_under_its_id() -> None:
    stored = facts_to_bytes(facts_of(draw("PC-1 #>", start=APRIL.start), prices={"computer": unit("30.00")}))

    assert facts_from_bytes(stored).names == {"PC-1": "PC-1"}
