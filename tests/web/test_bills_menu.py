"""The menu in a bill's row: what it offers to whom, for an invoice, a credit note and a draft."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override

from quarterday.bills.queries import BillRow, bill_rows
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.addresses import address_by_id
from quarterday.web.bills.row_menu import row_menu
from tests.web.bills_desk import billed, open_the_shop
from tests.web.conftest import SignIn


@pytest.fixture
def row(database: None, time_machine: Any) -> BillRow:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()
    bill = billed("North & Sons")[0]
    with acting(Scope.all()):
        return bill_rows([bill.pk])[0]


def test_a_clerk_may_do_everything_with_an_invoice(row: BillRow, sign_in: SignIn) -> None:
    shown = sign_in("clerk").get("/billing/bills/").content.decode()

    assert re.findall(r'<a class="dropdown-item" href="(.*?)">(.*?)</a>', shown) == [
        (f"/billing/bills/{row.id}/pdf/?download=yes", "Download the bill"),
        (f"/billing/bills/consolidated/?customer={row.customer_id}", "Consolidated bill of this customer"),
        (f"/billing/bills/{row.id}/payment/", "Record a payment"),
        (f"/billing/bills/{row.id}/resend/", "Resend"),
        (f"/billing/bills/{row.id}/credit/", "Credit"),
        (f"/billing/bills/charge/?customer={row.customer_id}", "Add a charge or discount"),
    ]
    assert f'<a href="/customers/{row.customer_id}/">North &amp; Sons</a>' in shown


def labels(row: BillRow, *abilities: str, language: str = "en") -> list[str]:
    with override(language):
        return [act.label for act in row_menu(abilities)(row)]


def test_the_menu_speaks_the_readers_language(row: BillRow) -> None:
    assert labels(row, "read", language="de")[0] == "Rechnung herunterladen"


def test_an_auditor_only_downloads(row: BillRow) -> None:
    assert labels(row, "read") == ["Download the bill", "Consolidated bill of this customer"]


def test_a_credit_note_is_neither_paid_nor_credited(row: BillRow) -> None:
    note = replace(row, kind="credit_note")

    assert labels(note, "read", "bill")[2:] == ["Resend", "Add a charge or discount"]


def test_a_draft_is_only_downloaded(row: BillRow) -> None:
    draft = replace(row, number=None)

    assert labels(draft, "read", "bill") == ["Download the bill", "Consolidated bill of this customer"]


def test_an_address_by_id_is_djangos_own() -> None:
    assert address_by_id("bill")(17) == "/billing/bills/17/"
    assert address_by_id("bill_pdf")(0) == "/billing/bills/0/pdf/"
