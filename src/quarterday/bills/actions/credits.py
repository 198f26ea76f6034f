"""Correct an issued bill by a credit note that names it, whole or in part, and never by more than is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from quarterday.bills.actions.drafts import discard_upon
from quarterday.bills.actions.letting_go import let_go_for_good, refuse_corrected, refuse_used_rests
from quarterday.bills.content import BillContent, LineContent, Party, TaxContent
from quarterday.bills.locks import lock_customers
from quarterday.bills.models import Bill, BillDiscard, BillIssue, BillLine
from quarterday.bills.queries.creditable import creditable
from quarterday.bills.queries.device_days import DaysOfDevice, TakenDays, percentages_of, taken_days
from quarterday.bills.staging import insert_staged
from quarterday.bills.two_persons import refuse_alone
from quarterday.bills.writing import NewBill, issue_written, new_rows, rows_of_bills
from quarterday.engine.credits import Credit, CreditableLine, CreditTooLarge, NothingToCredit, calculate_credit
from quarterday.engine.money import in_currency, line_net, round_half_up
from quarterday.engine.periods import Period, local_date
from quarterday.engine.tax import TaxGroup
from quarterday.provider.queries import get_provider
from quarterday.provider.words import reason_given
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


class CreditRefused(Refused):
    """Nothing, or less than was asked for, is left of the bill."""


def credit_bill(
    bill: Bill,
    *,
    reason: str,
    now: datetime,
    by: Actor,
    amounts: Mapping[int, Decimal] | None = None,
    days_of: DaysOfDevice | None = None,
    bill_again: bool = False,
    second: Actor | None = None,
) -> Bill:
    """Credit all that is left of an issued bill, or net amounts of some of its lines by position (from 1), or what
    some days of a device cost on it, less its share of a discount by percentage.

    The credit note is issued at once. With `bill_again` the bill's periods are due again, which only a whole credit can
    ask for, and no bill that an issued one has trued up or caught up; drafts that do are made anew by the next run.
    Raises CreditRefused, Refused for a bill that is not issued or a reason that is missing, and TakesTwo above the
    provider's amount without a `second` person.
    """
    lock_customers([bill.customer_id])
    reason = reason_given(reason, missing="is missing: it is printed on the credit note.")
    _refuse(bill)
    original, issued = creditable(bill)
    taken: Sequence[TakenDays] = ()
    if days_of is not None:
        taken = taken_days(bill, device_id=days_of.device_id, days=days_of.days)
        amounts = {each.position: each.net for each in taken} | percentages_of(bill, taken)
    try:
        credit = calculate_credit(issued, amounts)
    except (NothingToCredit, CreditTooLarge) as error:
        raise CreditRefused("amounts", f"{error}.") from None
    _refuse_corrected_otherwise(bill, credit)
    is_whole = not any(
        left - sum(line.net for line in credit.lines if line.position == position)
        for position, left in issued.left().items()
    )
    if bill_again:
        if not is_whole:
            raise CreditRefused("bill_again", "Only a bill that is credited whole can be billed again.")
        refuse_used_rests(bill)
        refuse_corrected(bill)
    credited = sum((earlier.total for earlier in issued.credits), Decimal(0))
    refuse_alone(credit.total, bill.currency, before=lambda: credited, by=by, second=second)
    note = _write_note(bill, original, credit, taken, reason, now, by)
    if bill_again:
        discard_upon(bill, now=now, by=by)
        let_go_for_good(bill, because=f"credited by {note.issue.number}, to be billed again", now=now)
    record(
        by,
        "credited",
        bill,
        at=now,
        details={"by": note.issue.number, "total": f"{note.total} {note.currency}", "bill_again": bill_again},
    )
    return note


def _refuse(bill: Bill) -> None:
    if not BillIssue.objects.filter(bill=bill).exists():
        raise Refused("bill", f"Draft {bill.pk} is not issued: discard it instead.")
    if bill.kind != "invoice":
        raise Refused("bill", "A credit note cannot be credited: bill the customer instead.")


def _refuse_corrected_otherwise(bill: Bill, credit: Credit) -> None:
    """True-ups and credits of an ended service have taken back some of the bill on later ones: that is not left."""
    lines = BillLine.objects.filter(customer=bill.customer_id, corrects_bills__contains=[bill.pk], corrects_line=None)
    lines = lines.exclude(bill__in=BillDiscard.objects.filter(customer=bill.customer_id).values("bill"))
    on_notes = lines.filter(bill__kind="credit_note", net__gt=0).aggregate(net=Sum("net"))["net"] or 0
    on_bills = lines.filter(bill__kind="invoice", net__lt=0).aggregate(net=-Sum("net"))["net"] or 0
    before = BillLine.objects.filter(bill__corrects=bill, corrects_line__isnull=False).aggregate(net=Sum("net"))["net"]
    left = in_currency(bill.net - on_notes - on_bills - (before or 0), bill.currency)
    if credit.net > left:
        raise CreditRefused(
            "amounts", f"Later bills have corrected this one: {left} {bill.currency} is left, not {credit.net}."
        )


def _write_note(
    bill: Bill,
    original: BillContent,
    credit: Credit,
    taken: Sequence[TakenDays],
    reason: str,
    now: datetime,
    by: Actor,
) -> Bill:
    """The credit note on paper: the bill's parties and recipients, the lines that are taken back, due at once."""
    zone = bill.customer.time_zone
    digest = bytes(bill.content_digest).hex()
    days = {each.position: each for each in taken}
    content = replace(
        original,
        kind="credit_note",
        billing_on=local_date(now, zone),
        due_days=0,
        net=credit.net,
        tax=credit.total - credit.net,
        total=credit.total,
        lines=tuple(
            _taken_back(original.lines[line.position - 1], line, digest, days.get(line.position))
            for line in credit.lines
        ),
        taxes=tuple(_tax(group) for group in credit.tax),
        reason=reason,
        corrects=digest,
    )
    ids = dict(BillLine.objects.filter(bill=bill).values_list("position", "pk"))
    note = NewBill(
        content=content,
        digest=content.digest(),
        zone=zone,
        parties=(Party.of(bill.seller.content), Party.of(bill.buyer.content)),
        corrects_lines={place: ids[line.position] for place, line in enumerate(credit.lines, start=1)},
    )
    rows = new_rows()
    rows_of_bills([note], rows, at=now, by=by, run_id=None)
    insert_staged(rows)
    issue_written([note], mail_hour=get_provider().mail_hour, at=now, by=by)
    return Bill.objects.select_related("issue").get(pk=note.bill_id)


def _taken_back(line: LineContent, credited: CreditableLine, digest: str, taken: TakenDays | None) -> LineContent:
    """A line of the bill as the credit note has it: with as many units as the amount pays for.

    Days of a device stand on it as those days, at their share of the period, and with the device.
    """
    note = line._replace(
        net=credited.net,
        corrects=(digest,),
        corrects_line=credited.position,
        device_ids=None,
        device_days=None,
    )
    if taken is None:
        return note._replace(quantity=_units(line, credited.net, Fraction(1)))
    assert line.start_on is not None, f"{line} takes back days and has none"
    assert line.end_on is not None, f"{line} takes back days and has none"
    share = Fraction(taken.days.days, Period(line.start_on, line.end_on).days)
    note = note._replace(
        start_on=taken.days.start,
        end_on=taken.days.end,
        fraction=str(Fraction(line.fraction) * share),
        device_ids=(str(taken.device_id),),
        device_days=(taken.device_days,),
    )
    by_days = line.unit == "device-day"
    count = Decimal(taken.device_days if by_days else 1)
    if _net_of(note, count) != credited.net:
        # Steps, or a half cent that another day had: its share is not that of a whole unit at the price.
        count = _units(line, credited.net, Fraction(1) if by_days else share)
    return note._replace(quantity=count)


def _net_of(line: LineContent, quantity: Decimal) -> Decimal | None:
    """What so many units of the line come to, with as many decimals as its net has."""
    if line.unit_price is None:
        return None
    exponent = line.net.as_tuple().exponent
    assert isinstance(exponent, int), f"{line.net} is no finite amount"
    share = Fraction(1, line.per) if line.unit == "device-day" else Fraction(line.fraction)
    return line_net(quantity, line.unit_price, share, -exponent)


def _units(line: LineContent, net: Decimal, share: Fraction) -> Decimal:
    """How many of the line's units the net pays for, on a share of its days."""
    return round_half_up(Fraction(line.quantity) * Fraction(net) / Fraction(line.net) / share, 6)


def _tax(group: TaxGroup) -> TaxContent:
    components = tuple((part.component.name, part.component.rate, part.amount) for part in group.components)
    return TaxContent(group.category, group.rate, group.base, group.amount, group.reason, components)
