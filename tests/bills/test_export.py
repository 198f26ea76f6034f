"""CSV for the accounts office: a row a line, exact, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from quarterday.bills.actions import credit_bill
from quarterday.bills.export import COLUMNS, csv_of_bills, defused
from quarterday.bills.models import Bill
from quarterday.bills.queries import Wanted, every_bill
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment
from tests.bills.desk import bill_on, eur, moment
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def rows() -> list[dict[str, str]]:
    text = "".join(csv_of_bills(every_bill(Wanted())))
    header, *lines = csv.reader(text.splitlines())
    assert tuple(header) == COLUMNS
    return [dict(zip(header, line, strict=True)) for line in lines]


def a_bill(name: str = "Alpha") -> Bill:
    customer = a_customer(name, ledger_account="10001")
    a_subscription(customer, a_plan(f"Plan of {name}"), review_first_bill=False, po_number="PO-7")
    present(customer, "PC-1 ##########\nPC-2 #>\nSRV server #>", start=APRIL)
    add_adjustment(customer, text="=cmd|' /C calc'!A0", amount=eur("-5.50"), starts_on=APRIL, by=BY, now=NOW)
    bill_on(MAY)
    return Bill.objects.get(customer=customer)


def test_every_line_is_booked_by_its_row() -> None:
    a_bill()

    computers, servers, discount = rows()

    assert computers["number"] == servers["number"] == "INV-2026-00001"
    assert (computers["issued_on"], computers["due_on"]) == ("2026-05-01", "2026-05-15")
    assert (computers["ledger_account"], computers["po_number"]) == ("10001", "PO-7")
    assert (computers["quantity"], computers["unit_price"], computers["net"]) == ("1", "30.00", "30.00")
    assert (servers["device_class"], servers["net"], servers["tax_rate"]) == ("server", "90.00", "19")
    assert discount["net"] == "-5.50"
    assert sum(eur(row["net"]) for row in rows()) == Bill.objects.get().net


def test_a_credit_note_is_below_nought_so_that_the_column_adds_up() -> None:
    bill = a_bill()
    credit_bill(bill, reason="Wrong", now=moment(MAY, 12), by=BY)

    assert sum(eur(row["net"]) for row in rows()) == 0
    assert {row["number"] for row in rows()} == {"INV-2026-00001", "CN-2026-00001"}


@pytest.mark.parametrize("text", ["=1+1", "+49 30 123", "-1", "@SUM(A1)", "\tx", "|calc"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert defused(text) == f"'{text}"
    assert defused(f"Alpha {text}") == f"Alpha {text}"


def test_a_hostile_line_text_is_defused_in_the_file() -> None:
    a_bill()

    assert rows()[2]["text"] == "'=cmd|' /C calc'!A0"


def test_a_scope_exports_its_customers_only() -> None:
    alpha = a_bill("Alpha").customer_id
    a_bill("Beta")

    with acting(Scope.of(alpha)):
        assert {row["customer"] for row in rows()} == {"Alpha"}
