"""The QR code that fills in a SEPA transfer: European Payments Council, EPC069-12, version 002."""

from __future__ import annotations

import io
from decimal import Decimal

from segno import helpers

from quarterday.documents.values import BankAccount, BillPaper

_LARGEST = Decimal("999999999.99")


def payment_code(paper: BillPaper) -> str:
    """The code of a bill as SVG, or "" where there is none to scan.

    Only euro invoices that are issued, no copy, and have something to pay to an IBAN have one: a draft or a copy must
    not lead to a payment, and a credit note asks for none. Bank details that the standard does not admit give no code
    rather than no bill.
    """
    bank = paper.letterhead.bank
    if bank is None or not bank.iban or paper.currency != "EUR":
        return ""
    if paper.kind != "invoice" or paper.number is None or paper.copy or not 0 < paper.to_pay <= _LARGEST:
        return ""
    try:
        return _svg(bank, amount=paper.to_pay, reference=paper.number)
    except ValueError:
        return ""


def _svg(bank: BankAccount, *, amount: Decimal, reference: str) -> str:
    code = helpers.make_epc_qr(
        name=_one_line(bank.holder, 70),
        iban=bank.iban.replace(" ", ""),
        bic=bank.bic or None,
        amount=amount,
        text=_one_line(reference, 140),
        encoding="utf-8",
    )
    out = io.BytesIO()
    code.save(out, kind="svg", border=0, omitsize=True, xmldecl=False, svgclass=None, lineclass=None)
    return out.getvalue().decode()


def _one_line(text: str, longest: int) -> str:
    """A line end would begin the next field of the code."""
    return " ".join(text.split())[:longest]
