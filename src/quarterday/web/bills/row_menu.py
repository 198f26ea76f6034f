"""What can be done with each bill of the list."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from quarterday.bills.queries import BillRow
from quarterday.web.addresses import address_by_id


@dataclass(frozen=True, slots=True)
class Act:
    """One line of a menu: what it is called and where it leads."""

    label: str
    address: str


def row_menu(abilities: Collection[str]) -> Callable[[BillRow], list[Act]]:
    """The menu of any bill for a reader who may do so much; what the bills of a page share is looked up once, here."""
    download, pdf = _("Download the bill"), address_by_id("bill_pdf")
    consolidate, consolidated = _("Consolidated bill of this customer"), reverse("consolidated_bill")
    pay, payment = _("Record a payment"), address_by_id("pay_bill")
    resend, mail = _("Resend"), address_by_id("resend_bill")
    credit, credit_note = _("Credit"), address_by_id("credit_bill")
    add, charge = _("Add a charge or discount"), reverse("add_charge")

    def acts(bill: BillRow) -> list[Act]:
        listed = [
            Act(download, f"{pdf(bill.id)}?download=yes"),
            Act(consolidate, f"{consolidated}?customer={bill.customer_id}"),
        ]
        if "bill" in abilities and bill.number:
            if bill.kind == "invoice":
                listed.append(Act(pay, payment(bill.id)))
            listed.append(Act(resend, mail(bill.id)))
            if bill.kind == "invoice":
                listed.append(Act(credit, credit_note(bill.id)))
            listed.append(Act(add, f"{charge}?customer={bill.customer_id}"))
        return listed

    return acts
