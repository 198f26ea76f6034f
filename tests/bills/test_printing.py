"""From an issued bill to its PDF and its mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from quarterday.bills.actions import credit_bill, unpark_customer
from quarterday.bills.letterhead import customer_party
from quarterday.bills.models import Bill, BillPrint
from quarterday.bills.paper import papers_of
from quarterday.bills.printing import Printed, draft_pdf, papers_of_copies, print_some, print_waiting
from quarterday.bills.queries import parked_customers
from quarterday.bills.run import run_billing
from quarterday.customers.actions import change_customer
from quarterday.documents import press, sample
from quarterday.documents.confinement import Limits
from quarterday.documents.line_words import text_of as text_of_line
from quarterday.documents.printers import Printers
from quarterday.documents.printing import print_bill
from quarterday.documents.values import BillPaper
from quarterday.documents.wording import language
from quarterday.inventory.models import Device
from quarterday.outbox.models import Delivery, Message
from quarterday.plans.models import Plan
from quarterday.provider.queries import get_provider
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment
from tests.bills.ledger import present
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

APRIL = date(2026, 4, 1)
MAY_FIRST = datetime(2026, 5, 1, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop(street="Hafenstraße 12", postal_code="20457", city="Hamburg")
        yield


def billed(
    name: str = "North Dental",
    *,
    review: bool = False,
    timing: str = "arrears",
    counting: str = "",
    devices: str = "PC-1 #>\nPC-2 ..........####......\nSRV server #>",
    discounts: tuple[Decimal, ...] = (),
    **fields: Any,
) -> Bill:
    """The bill of the first of May: for April, or for May in advance."""
    customer = a_customer(name, **fields)
    starts_on = APRIL if timing == "arrears" else MAY_FIRST.date()
    a_subscription(
        customer,
        a_plan(f"Plan of {name}", timing=timing, counting=counting),
        starts_on=starts_on,
        review_first_bill=review,
    )
    present(customer, devices, start=APRIL)
    for percent in discounts:
        add_adjustment(customer, text=f"{percent} %", starts_on=APRIL, percent=percent, by=BY, now=NOW)
    run_billing(at=MAY_FIRST, by=BY)
    return Bill.objects.get(customer=customer)


def paper_of(bill: Bill) -> BillPaper:
    return papers_of([bill.pk], get_provider())[bill.pk]


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


def test_countries_are_named_in_the_customers_language_and_not_at_home() -> None:
    at_home = paper_of(billed(language="de"))
    abroad = paper_of(billed("Alpenblick", country="AT", language="de", vat_id="ATU13585627", tax_status="business"))

    assert at_home.letterhead.provider.address == ("Hafenstraße 12", "20457 Hamburg")
    assert abroad.letterhead.provider.address == ("Hafenstraße 12", "20457 Hamburg", "Deutschland")
    assert abroad.customer.address[-1] == "Österreich"


@pytest.mark.parametrize(
    ("fields", "town"),
    [
        ({"country": "US", "city": "Burbank", "region": "CA", "postal_code": "91505"}, "Burbank, CA 91505"),
        ({"country": "GB", "city": "London", "postal_code": "SE1 3TQ"}, "London SE1 3TQ"),
        ({"country": "JP", "city": "Yokohama", "postal_code": "220-0012"}, "220-0012 Yokohama"),
        ({"country": "DE", "city": "Berlin", "region": "BE"}, "Berlin, BE"),
    ],
)
def test_a_postal_code_stands_where_the_customers_post_wants_it(fields: dict[str, str], town: str) -> None:
    assert town in customer_party({"name": "Anybody", **fields}).address


def test_a_bill_in_advance_says_that_the_first_day_was_counted() -> None:
    (line,) = paper_of(billed(timing="advance", devices="PC-1 #>")).groups[0].lines

    assert (line.counting, line.counted_on) == ("in_advance", MAY_FIRST.date())


def test_the_fullest_day_is_named_on_paper() -> None:
    computers, servers = paper_of(billed(counting="peak")).groups[0].lines

    assert (computers.quantity, computers.counting, computers.counted_on) == (2, "peak", date(2026, 4, 11))
    assert (servers.quantity, servers.counted_on) == (1, APRIL)


def test_the_steps_of_a_true_up_do_not_say_which_units_they_are() -> None:
    tiers = {"mode": "graduated", "steps": [[1, "30.00"], [None, "20.00"]]}
    plan = a_plan(timing="advance", counting="at_end", prices={"computer": {"tiers": tiers}})
    customer = a_customer()
    a_subscription(customer, plan, starts_on=APRIL, review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 #>\nPC-3 ###", start=APRIL)
    run_billing(at=datetime(2026, 4, 1, 7, tzinfo=UTC), by=BY)
    run_billing(at=MAY_FIRST, by=BY)

    first, second = (paper_of(bill).groups[0].lines for bill in Bill.objects.order_by("pk"))

    assert [(line.kind, line.quantity, line.tier) for line in first] == [("usage", 1, (1, 1)), ("usage", 2, (2, 3))]
    assert [(line.kind, line.quantity, line.tier) for line in second] == [
        ("true_up", -1, None),
        ("usage", 1, (1, 1)),
        ("usage", 1, (2, 2)),
    ]


def test_a_percentage_names_the_amount_it_is_of_unless_it_was_cut() -> None:
    bill = billed("With discounts", discounts=(Decimal(-5), Decimal(-100)))

    discounts = paper_of(bill).groups[-1].lines

    assert [(line.percent, line.percent_of, line.net) for line in discounts] == [
        (Decimal(-5), Decimal("120.00"), Decimal("-6.00")),
        (Decimal(-100), None, Decimal("-114.00")),
    ]


def said_on(bill: Bill) -> list[tuple[str, list[str]]]:
    """Each heading with the texts of its lines, as paper has them in German."""
    german = language("de")
    return [(group.title, [text_of_line(line, german) for line in group.lines]) for group in paper_of(bill).groups]


def test_fees_rests_and_credits_are_in_the_customers_language_below_their_plan() -> None:
    """A voucher of 100.00 on April's 90.00 and 5.00 and a cable for 1.00: 4.00 of it are left for May."""
    customer = a_customer(language="de")
    plan = a_plan(flat_fee="5.00", prices={"computer": {"unit_price": "90.00"}})
    a_subscription(customer, plan, review_first_bill=False)
    present(customer, "PC-1 #>", start=APRIL)
    add_adjustment(customer, text="Voucher", starts_on=APRIL, amount=Decimal(-100), by=BY, now=NOW)
    add_adjustment(customer, text="Cable", starts_on=APRIL, amount=Decimal(1), times=None, by=BY, now=NOW)
    run_billing(at=MAY_FIRST, by=BY)
    run_billing(at=datetime(2026, 6, 1, 7, tzinfo=UTC), by=BY)
    april, may = Bill.objects.order_by("pk")
    assert (april.total, april.net) == (0, 0)

    lines = said_on(may)
    assert lines == [
        ("Gold", ["Computer", "Grundpauschale"]),
        ("", ["Voucher, Übertrag", "Cable"]),
    ]

    note = credit_bill(may, reason="Ausfall", now=datetime(2026, 6, 2, 9, tzinfo=UTC), by=BY)
    assert said_on(note) == lines


def test_who_pays_by_direct_debit_is_asked_for_nothing_also_when_that_is_changed_later() -> None:
    bill = billed(direct_debit=True, language="de")
    change_customer(bill.customer, direct_debit=False, by=BY, now=NOW)

    paper = paper_of(bill)
    with_bank = replace(paper.letterhead, bank=sample.bill().letterhead.bank)
    page = text_of(print_bill(replace(paper, letterhead=with_bank)))

    assert paper.is_collected
    assert "ziehen wir zur Fälligkeit am 15. Mai 2026 per Lastschrift ein. Bitte überweisen Sie nichts." in page
    assert not [words for words in ("IBAN", "Scannen", "Verwendungszweck") if words in page]


def test_a_draft_is_shown_as_one_and_not_kept() -> None:
    bill = billed(review=True)

    assert "DRAFT" in text_of(draft_pdf(bill.pk)).upper()
    assert not BillPrint.objects.exists()
    assert print_some(now=MAY_FIRST) == 0


def test_a_bill_that_cannot_be_printed_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first = billed()
    customers = [a_customer(f"Customer {n}") for n in range(3)]
    for customer in customers:
        a_subscription(customer, Plan.objects.get(), review_first_bill=False)
        present(customer, "PC-1 #>", start=APRIL)
    run_billing(at=MAY_FIRST, by=BY)

    def press(paper: BillPaper, **options: Any) -> bytes:
        if paper.customer.name == "Customer 1":
            raise ValueError("the ink is out")
        return print_bill(paper, **options)

    monkeypatch.setattr("quarterday.bills.printing.print_bill", press)
    printed = print_waiting(clock=lambda: MAY_FIRST, batch=2)

    bad = Bill.objects.get(customer=customers[1])
    assert printed.failures == {bad.pk: "ValueError: the ink is out"}
    assert set(BillPrint.objects.values_list("pk", flat=True)) == {
        first.pk,
        *Bill.objects.filter(customer__in=[customers[0], customers[2]]).values_list("pk", flat=True),
    }
    assert printed.count == 3


def test_a_bill_whose_layout_finds_no_end_is_parked_in_words_and_tried_again_when_somebody_looked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bill = billed()
    monkeypatch.setattr(press, "printers", Printers(Limits(computing_seconds=1)))
    endless = b"#{ for a in range(9999) { for b in range(9999) { for c in range(9999) { let d = a } } } }"
    with monkeypatch.context() as hostile:
        hostile.setattr(press, "_templates", lambda: {"main.typ": endless})
        printed = print_waiting(clock=lambda: MAY_FIRST)
    because = "laying it out took more than 1 seconds, and was stopped"
    assert printed.failures == {bill.pk: f"TooMuchToPrint: {because}"}
    assert [parking.reason for parking in parked_customers()] == [f"INV-2026-00001 cannot be printed: {because}"]
    assert AuditEntry.objects.latest("pk").verb == "parked"

    assert print_waiting(clock=lambda: MAY_FIRST) == Printed(), "it is not tried again by itself"

    unpark_customer(bill.customer, now=MAY_FIRST, by=BY)
    assert print_waiting(clock=lambda: MAY_FIRST).count == 1


def test_a_copys_annex_has_the_serials_of_the_print() -> None:
    bill = billed()
    Device.objects.update(serial="SN-1")
    print_some(now=MAY_FIRST)
    Device.objects.update(serial="SN-2")

    [copy] = papers_of_copies([bill.pk], get_provider())

    listed = [device.serial for group in copy.groups for line in group.lines for device in line.devices]
    assert set(listed) == {"SN-1"}
