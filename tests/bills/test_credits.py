"""Credit notes: whole or by line, never more than is left, the tax to the cent."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest

from quarterday.bills.actions import CreditRefused, credit_bill
from quarterday.bills.models import Bill, BillIssue, PeriodClaim
from quarterday.bills.queries.creditable import left_to_credit
from quarterday.bills.queries.device_days import DaysOfDevice, taken_days
from quarterday.engine.periods import Period
from quarterday.inventory.models import Device
from quarterday.outbox.models import Message
from quarterday.shared.refusal import Refused
from quarterday.subscriptions.actions import add_adjustment, disassociate
from tests.bills.desk import bill_on, eur, lines, moment, numbers
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))
NOON = moment(MAY, hour=12)


def a_bill(price: str = "33.33", devices: int = 3) -> Bill:
    customer = a_customer()
    a_subscription(customer, a_plan(prices={"computer": {"unit_price": price}}), review_first_bill=False)
    present(customer, "\n".join(f"PC-{i} #>" for i in range(devices)), start=APRIL)
    bill_on(MAY)
    return Bill.objects.get()


def test_a_whole_credit_mirrors_the_bill_in_its_own_series_and_names_it() -> None:
    bill = a_bill()

    note = credit_bill(bill, reason="Wrong plan", now=NOON, by=BY)

    assert (note.kind, note.net, note.tax, note.total) == ("credit_note", bill.net, bill.tax, bill.total)
    assert lines(note) == lines(bill)
    assert (note.corrects_id, note.reason) == (bill.pk, "Wrong plan")
    assert numbers() == ["CN-2026-00001", "INV-2026-00001"]
    assert Message.objects.filter(key=f"bill/{note.pk}").count() == 1


def test_after_a_credit_the_month_is_not_billed_again_unless_asked() -> None:
    credit_bill(a_bill(), reason="Goodwill", now=NOON, by=BY)

    assert bill_on(MAY).bills == []
    assert PeriodClaim.objects.filter(released_at=None).count() == 1


def test_bill_again_makes_the_month_due_again_as_it_is_known_then() -> None:
    bill = a_bill()
    credit_bill(bill, reason="A computer was missing", now=NOON, by=BY, bill_again=True)
    present(bill.customer, "PC-X #>", start=APRIL, learned_at=NOON)

    [again] = bill_on(date(2026, 5, 2)).bills

    assert (again.number, again.net, again.issued_on) == ("INV-2026-00002", eur("133.32"), date(2026, 5, 2))


def test_credits_by_line_never_take_more_than_is_left_and_the_last_takes_the_remaining_tax() -> None:
    bill = a_bill()  # 99.99 and 19.00

    first = credit_bill(bill, reason="One was idle", now=NOON, by=BY, amounts={1: eur("33.33")})
    second = credit_bill(bill, reason="So was another", now=NOON, by=BY, amounts={1: eur("33.33")})
    with pytest.raises(CreditRefused, match=r"33\.34 cannot be credited: 33\.33 is left of line 1"):
        credit_bill(bill, reason="Too much", now=NOON, by=BY, amounts={1: eur("33.34")})
    third = credit_bill(bill, reason="The rest", now=NOON, by=BY)

    assert [note.tax for note in (first, second, third)] == [eur("6.33"), eur("6.33"), eur("6.34")]
    assert sum(note.total for note in (first, second, third)) == bill.total
    assert lines(first) == [("computer", 1, eur("33.33"))]
    with pytest.raises(CreditRefused, match="nothing of this bill is left"):
        credit_bill(bill, reason="Again", now=NOON, by=BY)


def ten_days_of(name: str, first: int = 11) -> DaysOfDevice:
    start = date(2026, 4, first)
    days = Period(start, start + timedelta(days=10))
    return DaysOfDevice(Device.objects.get(name=name).pk, days)


def cost_of(bill: Bill, days_of: DaysOfDevice) -> dict[int, Decimal]:
    found = taken_days(bill, device_id=days_of.device_id, days=days_of.days)
    return {each.position: each.net for each in found}


def test_days_of_one_device_are_credited_at_what_they_cost() -> None:
    bill = a_bill("30.00")

    note = credit_bill(bill, reason="PC-1 was in repair", now=NOON, by=BY, days_of=ten_days_of("PC-1"))

    assert lines(note) == [("computer", 1, eur("10.00"))]
    line = note.lines.get()
    assert (line.start_on, line.end_on, line.fraction) == (date(2026, 4, 11), date(2026, 4, 21), "1/3")
    assert line.evidence == [(Device.objects.get(name="PC-1").pk, 10)]
    assert note.device_count == 0


def test_a_device_day_is_credited_once() -> None:
    bill = a_bill("30.00")
    credit_bill(bill, reason="In repair", now=NOON, by=BY, days_of=ten_days_of("PC-1"))

    with pytest.raises(Refused, match="CN-2026-00001 has credited this device from 2026-04-11 to 2026-04-20: choose"):
        credit_bill(bill, reason="In repair", now=NOON, by=BY, days_of=ten_days_of("PC-1", first=20))
    for name, first in (("PC-1", 21), ("PC-1", 1), ("PC-2", 11)):
        credit_bill(bill, reason="In repair", now=NOON, by=BY, days_of=ten_days_of(name, first))
    assert numbers()[:4] == [f"CN-2026-0000{number}" for number in (1, 2, 3, 4)]


def all_april(name: str) -> DaysOfDevice:
    return DaysOfDevice(Device.objects.get(name=name).pk, Period(APRIL, MAY))


def day_by_day(bill: Bill, name: str) -> tuple[int, Decimal]:
    """How many days of April can be credited one by one, and what they come to."""
    device, notes = Device.objects.get(name=name).pk, []
    for day in range(30):
        days = Period(APRIL + timedelta(days=day), APRIL + timedelta(days=day + 1))
        with suppress(Refused):
            notes.append(credit_bill(bill, reason="x", now=NOON, by=BY, days_of=DaysOfDevice(device, days)))
    return len(notes), sum((note.net for note in notes), Decimal(0))


def a_month(counting: str, price: str = "10.05") -> Bill:
    """PC-0 is there all April, PC-1 from the eleventh, PC-2 until the twentieth and again on the last ten days."""
    customer = a_customer()
    plan = a_plan(prices={"computer": {"unit_price": price}}, counting=counting)
    a_subscription(customer, plan, review_first_bill=False)
    present(customer, "PC-0 #>\nPC-1 ..........#>\nPC-2 ##########..........##########>", start=APRIL)
    bill_on(MAY)
    return Bill.objects.get()


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("counting", "charged"),
    [
        ("at_end", {"PC-0": (30, "10.05"), "PC-1": (30, "10.05"), "PC-2": (30, "10.05")}),
        ("at_start", {"PC-0": (30, "10.05"), "PC-1": (0, "0"), "PC-2": (30, "10.05")}),
        ("peak", {"PC-0": (30, "10.05"), "PC-1": (30, "10.05"), "PC-2": (30, "10.05")}),
        ("any_day", {"PC-0": (30, "10.05"), "PC-1": (30, "10.05"), "PC-2": (30, "10.05")}),
        ("prorated", {"PC-0": (30, "10.05"), "PC-1": (20, "6.70"), "PC-2": (20, "6.70")}),
    ],
)
def test_all_days_of_a_device_come_to_what_it_cost(counting: str, charged: dict[str, tuple[int, str]]) -> None:
    """A counted device is charged for the whole month, at 0.335 a day; device-days only for those that it was there."""
    bill = a_month(counting)

    for name, (days, cost) in charged.items():
        assert day_by_day(bill, name) == (days, eur(cost)), name
    assert left_to_credit(bill) == {1: 0}


def test_days_on_which_a_counted_device_was_not_there_cost_their_part_of_the_month_and_no_more() -> None:
    """Counted at the end: the bill charges PC-1 for April, though it came on the eleventh."""
    bill = a_month("at_end", price="30.00")

    assert cost_of(bill, ten_days_of("PC-1", first=1)) == {1: eur("10.00")}
    assert cost_of(bill, ten_days_of("PC-1", first=21)) == {1: eur("10.00")}


def test_a_device_day_that_was_not_charged_is_not_credited() -> None:
    bill = a_month("prorated", price="30.00")

    with pytest.raises(Refused, match="charges nothing for this device from 2026-04-01 to 2026-04-10"):
        cost_of(bill, ten_days_of("PC-1", first=1))
    note = credit_bill(bill, reason="In repair", now=NOON, by=BY, days_of=ten_days_of("PC-1", first=6))

    line = note.lines.get()
    assert (line.start_on, line.end_on, line.net) == (date(2026, 4, 11), date(2026, 4, 16), eur("5.00"))


def test_in_advance_a_device_is_charged_for_each_day_of_the_period() -> None:
    customer = a_customer()
    plan = a_plan(prices={"computer": {"unit_price": "30.00"}}, timing="advance", counting="prorated")
    a_subscription(customer, plan, starts_on=APRIL, review_first_bill=False)
    present(customer, "PC-0 #####.", start=APRIL)
    bill_on(APRIL)

    assert cost_of(Bill.objects.get(), ten_days_of("PC-0")) == {1: eur("10.00")}


def test_the_days_of_a_final_period_in_full_cost_the_full_price() -> None:
    customer = a_customer()
    plan = a_plan(prices={"computer": {"unit_price": "30.00"}})
    row = a_subscription(customer, plan, review_first_bill=False)
    present(customer, "PC-0 #>", start=APRIL)
    disassociate([row], last_day=date(2026, 4, 20), final_period="full", by=BY, now=NOW)
    bill_on(MAY)
    bill = Bill.objects.get()

    assert lines(bill) == [("computer", 1, eur("30.00"))]
    assert cost_of(bill, ten_days_of("PC-0")) == {1: eur("15.00")}
    assert day_by_day(bill, "PC-0") == (20, eur("30.00"))


def test_a_percentage_goes_with_the_days_that_it_was_of() -> None:
    """Three computers for 90.00, of which 10 % were off, and a setup of 50.00: ten days of one cost 9.00."""
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-0 #>\nPC-1 #>\nPC-2 #>", start=APRIL)
    add_adjustment(customer, text="Loyalty", starts_on=APRIL, percent=Decimal(-10), by=BY, now=NOW)
    add_adjustment(customer, text="Setup", starts_on=APRIL, amount=Decimal(50), tax_code="standard", by=BY, now=NOW)
    bill_on(MAY)
    bill = Bill.objects.get()

    first = credit_bill(bill, reason="In repair", now=NOON, by=BY, days_of=ten_days_of("PC-1"))

    assert [(text, net) for text, _, net in lines(first)] == [("computer", eur("10.00")), ("Loyalty", eur("-1.00"))]
    assert (first.net, first.tax) == (eur("9.00"), eur("1.71"))
    assert day_by_day(bill, "PC-1") == (20, eur("18.00"))
    for name in ("PC-0", "PC-2"):
        note = credit_bill(bill, reason="In repair", now=NOON, by=BY, days_of=all_april(name))
        assert note.net == eur("27.00")
    assert left_to_credit(bill) == {1: 0, 2: 0, 3: eur("50.00")}


def test_device_days_cost_their_share_where_steps_have_several_prices() -> None:
    customer = a_customer()
    tiers = {"tiers": {"mode": "graduated", "steps": [[1, "40.00"], [None, "20.00"]]}}
    a_subscription(customer, a_plan(prices={"computer": tiers}, counting="prorated"), review_first_bill=False)
    present(customer, "PC-0 #>\nPC-1 ..........#>", start=APRIL)
    bill_on(MAY)
    bill = Bill.objects.get()  # 30 days at 40.00 and 20 at 20.00, per 30 days

    # 53.33 for 50 device-days.
    assert cost_of(bill, ten_days_of("PC-1")) == {1: eur("10.67")}
    with pytest.raises(Refused, match="charges nothing for this device from 2026-05-01 to 2026-05-10"):
        taken_days(bill, device_id=Device.objects.first().pk, days=Period(MAY, date(2026, 5, 11)))


def test_device_days_are_never_credited_beyond_what_is_left_of_their_lines() -> None:
    bill = a_bill("30.00", devices=1)
    credit_bill(bill, reason="Sorry", now=NOON, by=BY, amounts={1: eur("25.00")})

    with pytest.raises(Refused, match=r"5\.00 EUR more than is left"):
        credit_bill(bill, reason="In repair", now=NOON, by=BY, days_of=ten_days_of("PC-0"))


def test_only_a_whole_credit_can_bill_again() -> None:
    with pytest.raises(CreditRefused, match="credited whole"):
        credit_bill(a_bill(), reason="Half", now=NOON, by=BY, amounts={1: eur("10.00")}, bill_again=True)


def test_a_discount_is_credited_with_the_bill_and_used_again_with_the_new_one() -> None:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    add_adjustment(customer, text="Welcome", starts_on=APRIL, amount=Decimal(-10), by=BY, now=NOW)
    bill_on(MAY)

    note = credit_bill(Bill.objects.get(), reason="Wrong address", now=NOON, by=BY, bill_again=True)
    [again] = bill_on(MAY).bills

    assert lines(note) == [("computer", 1, eur("30.00")), ("Welcome", 1, eur("-10.00"))]
    assert (note.net, again.net) == (eur("20.00"), eur("20.00"))


def test_what_an_ended_service_took_back_is_not_left_to_credit() -> None:
    bill = a_bill("30.00", devices=1)
    [claim] = PeriodClaim.objects.select_related("subscription")
    disassociate([claim.subscription], last_day=date(2026, 4, 15), by=BY, now=NOON)
    bill_on(date(2026, 5, 2))

    with pytest.raises(CreditRefused, match=r"15\.00 EUR is left, not 30"):
        credit_bill(bill, reason="All of it", now=NOON, by=BY)
    assert credit_bill(bill, reason="The rest", now=NOON, by=BY, amounts={1: eur("15.00")}).net == eur("15.00")


def test_drafts_and_credit_notes_are_not_credited_and_a_reason_is_needed() -> None:
    bill = a_bill()
    with pytest.raises(Refused, match="reason: is missing"):
        credit_bill(bill, reason=" ", now=NOON, by=BY)
    note = credit_bill(bill, reason="Wrong", now=NOON, by=BY)
    with pytest.raises(Refused, match="A credit note cannot be credited"):
        credit_bill(note, reason="Wrong", now=NOON, by=BY)
    a_subscription(a_customer("Draft"), a_plan("Other", flat_fee="5.00"))
    bill_on(JUNE)
    draft = Bill.objects.exclude(pk__in=BillIssue.objects.values("bill")).order_by("pk")[0]
    with pytest.raises(Refused, match="is not issued: discard it instead"):
        credit_bill(draft, reason="Wrong", now=NOON, by=BY)
