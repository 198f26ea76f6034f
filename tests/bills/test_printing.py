"""From an issued bill to its PDF and its mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader

from quarterday.bills.models import Bill, BillPrint
from quarterday.bills.printing import draft_pdf, print_some
from quarterday.bills.run import run_billing
from quarterday.outbox.models import Delivery, Message
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription, open_shop

APRIL = date(2026, 4, 1)
MAY_FIRST = datetime(2026, 5, 1, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def billed(*, review: bool = False) -> Bill:
    customer = a_customer()
    a_subscription(customer, a_plan(), review_first_bill=review)
    present(customer, "PC-1 #>\nPC-2 ..........####......\nSRV server #>", start=APRIL)
    run_billing(at=MAY_FIRST, by=BY)
    return Bill.objects.get()


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\xa0", " ")


def test_an_issued_bill_is_printed_once_and_its_mail_becomes_ready() -> None:
    bill = billed()
    assert Delivery.objects.get().state == "waiting"

    assert print_some(now=MAY_FIRST) == 1
    assert print_some(now=MAY_FIRST) == 0

    printed = BillPrint.objects.get(pk=bill.pk)
    assert printed.sha256 == sha256(bytes(printed.content)).hexdigest()
    words = text_of(bytes(printed.content))
    assert "INV-2026-00001" in words
    assert "PC-1" in words
    message = Message.objects.get()
    assert (Delivery.objects.get().state, message.attachments.get().filename) == ("queued", "INV-2026-00001.pdf")
    assert bytes(message.attachments.get().content) == bytes(printed.content)
    assert "INV-2026-00001" in message.subject


def test_a_draft_is_shown_as_one_and_not_kept() -> None:
    bill = billed(review=True)

    assert "DRAFT" in text_of(draft_pdf(bill.pk)).upper()
    assert not BillPrint.objects.exists()
    assert print_some(now=MAY_FIRST) == 0
