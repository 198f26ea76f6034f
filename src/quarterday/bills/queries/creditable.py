"""What is left to credit of an issued bill: its lines, less what credit notes by hand took back of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Sum

from quarterday.bills.content import BillContent, LineContent, TaxContent
from quarterday.bills.models import Bill
from quarterday.bills.stored import stored_contents
from quarterday.engine.credits import Credit, CreditableLine, IssuedBill
from quarterday.engine.facts import TaxComponent, TaxTreatment
from quarterday.engine.tax import ComponentAmount, TaxGroup


def left_to_credit(bill: Bill) -> dict[int, Decimal]:
    """What is left of each line of an issued bill, by position, before a credit is written."""
    return creditable(bill)[1].left()


def credited_by_hand(bill: Bill) -> Decimal:
    """What people have taken back of an issued bill by credit notes, with tax, in its currency."""
    return Bill.objects.filter(pk__in=_credit_notes(bill)).aggregate(total=Sum("total"))["total"] or Decimal(0)


def creditable(bill: Bill) -> tuple[BillContent, IssuedBill]:
    """What the bill says, and the same as a credit sees it: with the credits so far."""
    contents = stored_contents([bill.pk, *_credit_notes(bill)])
    original = contents.pop(bill.pk)
    return original, _issued_bill(original, contents.values())


def _credit_notes(bill: Bill) -> list[int]:
    """The credit notes by hand that take back lines of the bill."""
    notes = Bill.objects.filter(corrects=bill, lines__corrects_line__isnull=False).distinct().order_by("pk")
    return list(notes.values_list("pk", flat=True))


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
