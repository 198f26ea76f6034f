"""Correct an issued bill by a credit note that names it: whole or by line, never more than is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from quarterday.bills.actions.letting_go import let_go, refuse_used_rests
from quarterday.bills.content import BillContent, LineContent, Party, TaxContent
from quarterday.bills.locks import lock_customers
from quarterday.bills.models import Bill, BillDiscard, BillIssue, BillLine
from quarterday.bills.staging import insert_staged
from quarterday.bills.stored import stored_contents
from quarterday.bills.two_persons import refuse_alone
from quarterday.bills.writing import NewBill, issue_written, new_rows, rows_of_bills
from quarterday.engine.credits import (
    Credit,
    CreditableLine,
    CreditTooLarge,
    IssuedBill,
    NothingToCredit,
    calculate_credit,
)
from quarterday.engine.facts import TaxComponent, TaxTreatment
from quarterday.engine.money import in_currency, round_half_up
from quarterday.engine.periods import local_date
from quarterday.engine.tax import ComponentAmount, TaxGroup
from quarterday.provider.queries import get_provider
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
    bill_again: bool = False,
    second: Actor | None = None,
) -> Bill:
    """Credit all that is left of an issued bill, or net amounts of some of its lines by position (from 1).

    The credit note is issued at once. With `bill_again` the bill's periods are due again, which only a whole credit can
    ask for. Raises CreditRefused, Refused for a bill that is not issued or a reason that is missing, and TakesTwo above
    the provider's amount without a `second` person.
    """
    lock_customers([bill.customer_id])
    _refuse(bill, reason)
    contents = stored_contents([bill.pk, *_credit_notes(bill)])
    original = contents.pop(bill.pk)
    issued = _issued_bill(original, contents.values())
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
    credited = sum((earlier.total for earlier in issued.credits), Decimal(0))
    refuse_alone(credit.total, bill.currency, before=credited, by=by, second=second)
    note = _write_note(bill, original, credit, reason, now, by)
    if bill_again:
        let_go(bill, because=f"credited by {note.issue.number}, to be billed again", now=now)
    record(
        by,
        "credited",
        bill,
        at=now,
        details={"by": note.issue.number, "total": f"{note.total} {note.currency}", "bill_again": bill_again},
    )
    return note


def left_to_credit(bill: Bill) -> dict[int, Decimal]:
    """What is left of each line of an issued bill, by position, before a credit is written."""
    contents = stored_contents([bill.pk, *_credit_notes(bill)])
    return _issued_bill(contents.pop(bill.pk), contents.values()).left()


def credited_by_hand(bill: Bill) -> Decimal:
    """What people have taken back of an issued bill by credit notes, with tax, in its currency."""
    return Bill.objects.filter(pk__in=_credit_notes(bill)).aggregate(total=Sum("total"))["total"] or Decimal(0)


def _refuse(bill: Bill, reason: str) -> None:
    if not reason.strip():
        raise Refused("reason", "is missing: it is printed on the credit note.")
    if not BillIssue.objects.filter(bill=bill).exists():
        raise Refused("bill", f"Draft {bill.pk} is not issued: discard it instead.")
    if bill.kind != "invoice":
        raise Refused("bill", "A credit note cannot be credited: bill the customer instead.")


def _credit_notes(bill: Bill) -> list[int]:
    """The credit notes by hand that take back lines of the bill."""
    notes = Bill.objects.filter(corrects=bill, lines__corrects_line__isnull=False).distinct().order_by("pk")
    return list(notes.values_list("pk", flat=True))


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


def _issued_bill(bill: BillContent, notes: Iterable[BillContent]) -> IssuedBill:
    return IssuedBill(
        currency=bill.currency,
        lines=tuple(_creditable(position, line) for position, line in enumerate(bill.lines, start=1)),
        tax=tuple(map(_group, bill.taxes)),
        credits=tuple(
            Credit(
                tuple(_creditable(line.corrects_line, line) for line in note.lines if line.corrects_line is not None),
                tuple(map(_group, note.taxes)),
                note.net,
                note.total,
            )
            for note in notes
        ),
    )


def _creditable(position: int, line: LineContent) -> CreditableLine:
    tax = None
    if line.tax_category:
        components = tuple(TaxComponent(name, rate) for name, rate in line.tax_components)
        tax = TaxTreatment(line.tax_category, line.tax_rate, line.tax_reason, components, line.tax_code)
    return CreditableLine(position, line.text, line.net, tax)


def _group(tax: TaxContent) -> TaxGroup:
    components = tuple(ComponentAmount(TaxComponent(name, rate), amount) for name, rate, amount in tax.components)
    return TaxGroup(tax.category, tax.rate, tax.base, tax.amount, tax.reason, components)


def _write_note(bill: Bill, original: BillContent, credit: Credit, reason: str, now: datetime, by: Actor) -> Bill:
    """The credit note on paper: the bill's parties and recipients, the lines that are taken back, due at once."""
    zone = bill.customer.time_zone
    digest = bytes(bill.content_digest).hex()
    content = replace(
        original,
        kind="credit_note",
        billing_on=local_date(now, zone),
        due_days=0,
        net=credit.net,
        tax=credit.total - credit.net,
        total=credit.total,
        lines=tuple(_taken_back(original.lines[line.position - 1], line, digest) for line in credit.lines),
        taxes=tuple(_tax(group) for group in credit.tax),
        reason=reason.strip()[:300],
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


def _taken_back(line: LineContent, credited: CreditableLine, digest: str) -> LineContent:
    """A line of the bill as the credit note shows it: with as many units as the amount pays for."""
    quantity = line.quantity if credited.net == line.net else round_half_up(line.quantity * credited.net / line.net, 6)
    return line._replace(
        net=credited.net,
        quantity=quantity,
        corrects=(digest,),
        corrects_line=credited.position,
        device_ids=None,
        device_days=None,
    )


def _tax(group: TaxGroup) -> TaxContent:
    components = tuple((part.component.name, part.component.rate, part.amount) for part in group.components)
    return TaxContent(group.category, group.rate, group.base, group.amount, group.reason, components)
