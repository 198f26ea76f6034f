"""Customers: the list, a customer's pages, adding, changing, archiving, contacts; and who sees whom."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quarterday.customers.actions import add_contact, mark_archived
from quarterday.customers.models import Contact, Customer
from quarterday.payments.actions import record_payment
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, disassociate
from tests.bills.desk import bill_on
from tests.fleet import computers
from tests.inventory.ledger import days_later, sync
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

NEW = {
    "name": "North Dental",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "currency": "EUR",
    "language": "de",
    "tax_status": "standard",
    "emails": "it@north.example\nboss@north.example",
    "reminders": "on",
}


@pytest.fixture
def desk(sign_in, time_machine):
    return at_desk(sign_in, time_machine)


@pytest.fixture
def everything(desk):
    with acting(Scope.all()):
        yield


def test_an_empty_list_leads_to_the_first_customer(desk):
    answer = desk.get("/customers/")
    assert "No customers yet Add the first one, or import a list from a CSV file." in text_of(answer)
    assert b'href="/customers/add/"' in answer.content


def test_the_list_says_devices_plans_balance_and_next_bill(desk, everything):
    north, south = a_customer("North Dental"), a_customer("South Law", time_zone="America/New_York")
    computers(north, 3)
    a_subscription(north, a_plan())
    record_payment(south, amount=Decimal("12.50"), currency="EUR", received_on=date(2026, 4, 2), by=BY, now=NOW)

    said = text_of(desk.get("/customers/"))

    assert "North Dental C-0001 Europe/Berlin 3 Gold EUR 0.00 1 May 2026" in said
    assert "South Law C-0002 America/New_York 0 no plan" in said
    assert "EUR −12.50 credit" in said


def test_the_list_is_searched_sorted_and_keeps_archived_customers_apart(desk, everything):
    a_customer("North Dental", city="Kiel")
    archived = a_customer("South Law")
    mark_archived(archived, on=date(2026, 4, 9), by=BY, now=NOW)

    assert "North Dental" in text_of(desk.get("/customers/", q="kiel"))
    assert "No customer is found" in text_of(desk.get("/customers/", q="south"))
    assert "South Law" in text_of(desk.get("/customers/", archived="yes"))
    a_customer("Zebra")
    newest = text_of(desk.get("/customers/", sort="newest"))
    assert newest.index("Zebra") < newest.index("North Dental")


def test_the_list_is_leafed_through_without_losing_its_filters(desk, everything):
    for number in range(51):
        a_customer(f"Customer {number:02}")
    first = desk.get("/customers/", q="customer")
    assert "Page 1" in text_of(first)
    assert b'href="?q=customer&amp;page=2"' in first.content
    second = text_of(desk.get("/customers/", q="customer", page="2"))
    assert "Customer 50" in second
    assert "Customer 49" not in second


def test_a_customer_is_added_with_all_its_fields(desk, everything):
    given = {
        **NEW,
        "time_zone": "new york",
        "country": "US",
        "currency": "usd",
        "po_number": "PO 7",
        "ledger_account": "10001",
        "reminder_days_before": "5",
        "reminder_days_after": "7, 3",
        "direct_debit": "on",
    }
    answer = desk.post("/customers/add/", fields=given)
    customer = Customer.objects.get()
    assert answer["Location"] == f"/customers/{customer.pk}/"
    assert (customer.number, customer.time_zone, customer.currency) == ("C-0001", "America/New_York", "USD")
    assert customer.emails == ["it@north.example", "boss@north.example"]
    assert (customer.reminder_days_before, customer.reminder_days_after) == (5, [3, 7])
    assert (customer.direct_debit, customer.review_bills, customer.po_number) == (True, False, "PO 7")


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(desk, everything):
    given = {**NEW, "time_zone": "Berlin City", "emails": "nobody"}
    answer = desk.post("/customers/add/", fields=given)
    page = answer.content.decode()
    assert "Please mend what is marked below." in page
    assert "is not an e-mail address: write it like billing@example.com." in page
    assert 'id="id_emails_error"' in page
    assert 'id="id_time_zone_error"' in page
    assert fields_of(answer)["name"] == "North Dental"
    assert not Customer.objects.exists()


def test_a_business_in_the_union_needs_its_vat_number(desk, everything):
    answer = desk.post("/customers/add/", fields={**NEW, "tax_status": "business"})
    assert "is missing: a business in the EU is billed with it" in text_of(answer)
    assert b'id="id_vat_id_error"' in answer.content


def test_a_change_of_somebody_who_was_quicker_is_not_overwritten(desk, everything):
    customer = a_customer()
    slow = fields_of(desk.get(f"/customers/{customer.pk}/change/"))
    desk.post(f"/customers/{customer.pk}/change/", fields={**slow, "city": "Kiel"})
    answer = desk.post(f"/customers/{customer.pk}/change/", fields={**slow, "street": "Hafen 1"})
    assert "was changed by somebody else in the meantime" in text_of(answer)
    customer.refresh_from_db()
    assert (customer.city, customer.street) == ("Kiel", "")


def test_a_form_that_is_sent_as_it_stands_changes_nothing(desk, everything):
    customer = a_customer(reminder_days_after=[3, 14], language="en-US", region="ON", notes="two\nlines")
    before = Customer.objects.values().get()
    assert (
        desk.post(
            f"/customers/{customer.pk}/change/", fields=fields_of(desk.get(f"/customers/{customer.pk}/change/"))
        ).status_code
        == 302
    )
    assert Customer.objects.values().get() == before


def test_the_currency_is_changed_as_long_as_nothing_is_agreed_in_it(desk, everything):
    customer = a_customer()
    desk.post(f"/customers/{customer.pk}/currency/", currency="USD")
    customer.refresh_from_db()
    assert customer.currency == "USD"
    a_subscription(customer, a_plan(currency="USD"))
    answer = desk.post(f"/customers/{customer.pk}/currency/", currency="EUR")
    assert "cannot be changed: plans or charges of North Dental are agreed in USD" in text_of(answer)


def test_archiving_tells_what_it_leads_to_and_waits_for_the_end_of_the_plan(desk, everything):
    customer = a_customer()
    computers(customer, 2)
    subscription = a_subscription(customer, a_plan())
    page = text_of(desk.get(f"/customers/{customer.pk}/archive/"))
    assert "What happens on 10 Apr 2026 (Europe/Berlin)" in page
    assert "2 devices are still there" in page
    assert "it has to be disassociated first" in page

    refused = desk.post(f"/customers/{customer.pk}/archive/")
    assert "still has a plan on 2026-04-10: disassociate it first" in text_of(refused)

    disassociate([subscription], last_day=date(2026, 4, 9), by=BY, now=NOW)
    assert desk.post(f"/customers/{customer.pk}/archive/").status_code == 302
    assert "archived on 10 Apr 2026" in text_of(desk.get(f"/customers/{customer.pk}/"))
    desk.post(f"/customers/{customer.pk}/restore/")
    assert Customer.objects.get().archived_on is None


def test_contacts_are_added_changed_and_forgotten(desk, everything):
    customer = a_customer()
    desk.post(f"/customers/{customer.pk}/contacts/add/", name="Nora North", role="Owner", email="nora@north.example")
    contact = Contact.objects.get()
    assert "Nora North Owner nora@north.example" in text_of(desk.get(f"/customers/{customer.pk}/details/"))
    desk.post(f"/customers/{customer.pk}/contacts/{contact.pk}/", name="Nora South", role="", phone="+49 40 1")
    contact.refresh_from_db()
    assert (contact.name, contact.role, contact.email, contact.phone) == ("Nora South", "", "", "+49 40 1")
    desk.post(f"/customers/{customer.pk}/contacts/{contact.pk}/remove/")
    assert not Contact.objects.exists()


def test_a_contact_is_not_reached_through_another_customer(desk, everything):
    north, south = a_customer("North"), a_customer("South")
    contact = add_contact(north, name="Nora", by=BY, now=NOW)
    assert desk.get(f"/customers/{south.pk}/contacts/{contact.pk}/").status_code == 404
    assert desk.post(f"/customers/{south.pk}/contacts/{contact.pk}/remove/").status_code == 404
    assert Contact.objects.exists()


def test_the_overview_shows_devices_by_class_a_chart_with_its_table_and_the_plan(desk, everything):
    customer = a_customer()
    sync("North-Dental 1 A computer\nNorth-Dental 2 B server", days_later(0))
    sync("Other 3 C computer", days_later(0))
    from quarterday.inventory.actions import map_customer
    from quarterday.inventory.models import CustomerMapping

    map_customer(CustomerMapping.objects.get(external_id="North-Dental").pk, to=customer, now=NOW, by=BY)
    sync("North-Dental 1 A computer\nNorth-Dental 2 B server", days_later(1))
    a_subscription(customer, a_plan())
    said = text_of(desk.get(f"/customers/{customer.pk}/"))
    assert "Devices now 2" in said
    assert "Next bill 1 May 2026 Europe/Berlin" in said
    assert "Computer 1 Server 1" in said
    assert "The figures as a table" in said
    assert "today 1 1" in said
    assert "Gold monthly 1 Apr 2026 – 1 May 2026" in said
    assert "Nothing is open." in said


def test_bills_charges_and_the_account_have_words_for_nothing(desk, everything):
    customer = a_customer()
    bills = text_of(desk.get(f"/customers/{customer.pk}/bills/"))
    assert "No bills yet" in bills
    assert "None are agreed." in bills
    account = text_of(desk.get(f"/customers/{customer.pk}/account/"))
    assert "Nothing moved the account on these days." in account
    assert "Everything is settled" in account


@pytest.fixture
def billed(desk, everything, time_machine, sign_in):
    """A customer with three bills: April overdue and partly paid, May and June open; on 2 July 2026."""
    customer = a_customer()
    computers(customer, 2)
    a_subscription(customer, a_plan(), review_first_bill=False)
    for day in (date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)):
        bill_on(day)
    time_machine.move_to(datetime(2026, 7, 2, 9, tzinfo=UTC), tick=False)
    desk.client = sign_in("admin")
    record_payment(
        customer,
        amount=Decimal("50.00"),
        currency="EUR",
        received_on=date(2026, 6, 3),
        reference="4711",
        by=BY,
        now=NOW,
    )
    return customer


def test_bills_are_listed_with_their_standing_and_the_account_with_its_balance(desk, billed):
    bills = text_of(desk.get(f"/customers/{billed.pk}/bills/"))
    assert "INV-2026-00001 1 May 2026 1 Apr 2026 – 30 Apr 2026 Gold EUR 71.40 15 May 2026 overdue" in bills
    assert "EUR 21.40 open" in bills
    assert "INV-2026-00003 1 Jul 2026 1 Jun 2026 – 30 Jun 2026 Gold EUR 71.40 15 Jul 2026 open" in bills
    account = text_of(desk.get(f"/customers/{billed.pk}/account/", first="2026-06-01", last="2026-06-30"))
    assert "1 Jun 2026 Balance before – – EUR 71.40" in account
    assert "1 Jun 2026 Bill INV-2026-00002 15 Jun 2026 EUR 71.40 EUR 142.80" in account
    assert "3 Jun 2026 Payment 4711 – EUR −50.00 EUR 92.80" in account
    assert "What the customer owes EUR 92.80" in account
    overview = text_of(desk.get(f"/customers/{billed.pk}/"))
    assert "Balance EUR 164.20" in overview
    assert "INV-2026-00001 1 May 2026 15 May 2026 overdue EUR 21.40" in overview
    assert "Next bill 1 Aug 2026" in overview


def test_a_page_of_bills_needs_at_most_twelve_queries(desk, billed):
    with counting_queries() as asked:
        desk.get(f"/customers/{billed.pk}/bills/")
    assert len(asked) == 9, asked
    with counting_queries() as asked:
        desk.get(f"/customers/{billed.pk}/")
    assert len(asked) == 10, asked


def test_a_bill_that_waits_is_shown_with_its_reason(desk, everything):
    customer = a_customer()
    computers(customer, 2)
    a_subscription(customer, a_plan())
    bill_on(date(2026, 5, 1))
    said = text_of(desk.get(f"/customers/{customer.pk}/bills/"))
    assert "Drafts that wait for a person" in said
    assert "This is the first bill for Gold: look at it, then release it." in said


def test_charges_and_payments_are_listed_in_words(desk, everything):
    customer = a_customer()
    add_adjustment(
        customer, text="Cabling", amount=Decimal("80.00"), starts_on=date(2026, 4, 1), times=3, by=BY, now=NOW
    )
    record_payment(
        customer,
        amount=Decimal("50.00"),
        currency="EUR",
        received_on=date(2026, 4, 3),
        reference="4711",
        by=BY,
        now=NOW,
    )
    assert "Cabling EUR 80.00 1 Apr 2026 3 times agreed" in text_of(desk.get(f"/customers/{customer.pk}/bills/"))
    said = text_of(desk.get(f"/customers/{customer.pk}/account/"))
    assert "3 Apr 2026 Payment 4711" in said
    assert "The customer's credit" in said


def test_a_charge_is_cancelled_after_its_effect_was_shown(desk, everything):
    customer, other = a_customer(), a_customer("South")
    computers(customer, 1)
    a_subscription(customer, a_plan())
    charge = add_adjustment(
        customer, text="Cabling", amount=Decimal("80.00"), starts_on=date(2026, 4, 1), by=BY, now=NOW
    )
    address = f"/customers/{customer.pk}/charges/{charge.pk}/cancel/"
    shown, done = desk.look_then_agree(address, {})
    assert "“Cabling” would go on no further bill." in text_of(shown)
    assert "EUR 130.90 EUR 35.70 EUR −95.20" in text_of(shown)
    assert done["Location"] == f"/customers/{customer.pk}/bills/"
    assert "once cancelled" in text_of(desk.get(f"/customers/{customer.pk}/bills/"))
    assert desk.get(address).status_code == 404
    assert desk.get(f"/customers/{other.pk}/charges/{charge.pk}/cancel/").status_code == 404


def test_a_customer_admin_sees_the_assigned_customers_and_may_change_none(sign_in, time_machine, desk, everything):
    north, south = a_customer("North Dental"), a_customer("South Law")
    admin = sign_in("customer_admin", customers=[north.pk])
    listed = text_of(admin.get("/customers/"))
    assert "North Dental" in listed
    assert "South Law" not in listed
    assert b"/customers/add/" not in admin.get("/customers/").content
    for page in ("", "bills/", "account/", "details/"):
        assert admin.get(f"/customers/{north.pk}/{page}").status_code == 200
        foreign, missing = (admin.get(f"/customers/{pk}/{page}") for pk in (south.pk, 10**9))
        assert foreign.status_code == missing.status_code == 404
        assert text_of(foreign) == text_of(missing)
    assert text_of(admin.get("/customers/options/?customer=south")) == ""
    for page in ("change/", "archive/", "currency/", "contacts/add/"):
        assert admin.get(f"/customers/{north.pk}/{page}").status_code == 403
    assert admin.get("/customers/import/").status_code == 403


def test_a_hostile_name_stays_a_name(desk, everything):
    customer = a_customer("<script>alert(1)</script>")
    page = desk.get(f"/customers/{customer.pk}/").content
    assert b"<script>alert" not in page
    assert b"&lt;script&gt;alert" in page


@pytest.mark.parametrize("count", [1, 3])
def test_more_rows_need_no_more_queries(desk, everything, count):
    plan = a_plan()
    for number in range(count):
        customer = a_customer(f"Customer {number}")
        computers(customer, 2)
        a_subscription(customer, plan)
        add_contact(customer, name="Nora", by=BY, now=NOW)
        for _ in range(count):
            add_adjustment(
                customer, text="Cabling", amount=Decimal("80.00"), starts_on=date(2026, 4, 1), by=BY, now=NOW
            )
    for address, expected in (
        ("/customers/", 9),
        ("/customers/options/?customer=Customer", 4),
        ("/customers/add/", 4),
        ("/customers/import/", 4),
        (f"/customers/{customer.pk}/", 10),
        (f"/customers/{customer.pk}/bills/", 9),
        (f"/customers/{customer.pk}/account/", 6),
        (f"/customers/{customer.pk}/details/", 6),
        (f"/customers/{customer.pk}/change/", 4),
        (f"/customers/{customer.pk}/archive/", 7),
    ):
        with counting_queries() as asked:
            assert desk.get(address).status_code == 200
        assert len(asked) == expected, (address, asked)
