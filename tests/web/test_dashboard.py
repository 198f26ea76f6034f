"""The dashboard: what needs a person today, and the figures of the reader's own customers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from quarterday.bills.models import Parking
from quarterday.customers.models import Customer
from quarterday.inventory.models import CustomerMapping
from quarterday.outbox.actions import NewMessage, Ready, make_ready, post_messages
from quarterday.outbox.models import Delivery
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.remembering import remembered
from tests.bills.desk import bill_on
from tests.bills.ledger import present, source
from tests.shop import NOW, a_customer, a_plan, a_subscription, open_shop
from tests.web.plans_desk import counting_queries, text_of

APRIL, MAY_1 = date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture(autouse=True)
def _the_tenth_of_june(time_machine) -> None:
    time_machine.move_to(datetime(2026, 6, 10, 9, tzinfo=UTC), tick=False)


def billed(count: int = 1) -> list[Customer]:
    """Customers with two computers, and a printer that no plan prices; their April was billed on 1 May."""
    with acting(Scope.all()):
        open_shop(time_zone="Europe/Berlin")
        plan = a_plan()
        customers = [a_customer(f"Customer {n}") for n in range(count)]
        for customer in customers:
            present(customer, "PC-1  #>\nPC-2  #>", start=APRIL)
            present(customer, "PRN-1 printer  #>", start=APRIL)
            a_subscription(customer, plan, review_first_bill=False, emails=["it@north.example"])
    with acting(Scope.all()):
        bill_on(MAY_1)
        Parking.objects.all().delete()
    return customers


def tiles(client: Client) -> str:
    return text_of(client.get("/")).partition("Revenue by month")[0]


def test_an_empty_installation_leads_to_the_first_steps(sign_in):
    page = sign_in("admin").get("/").content.decode()
    assert 'href="/start/"' in page
    assert "There is nothing to draw yet" in page


def test_who_cannot_set_up_is_not_sent_there(sign_in):
    assert 'href="/start/"' not in sign_in("auditor").get("/").content.decode()


def test_a_day_without_tasks_says_so(sign_in):
    with acting(Scope.all()):
        open_shop()
    assert "Nothing waits for you." in text_of(sign_in("clerk").get("/"))


def test_overdue_bills_are_told_with_their_amount_and_lead_to_their_list(sign_in):
    billed()
    page = sign_in("clerk").get("/")
    assert "1 bill is overdue EUR 71.40 should have been paid." in text_of(page)
    assert 'href="/billing/bills/?paid=overdue"' in page.content.decode()


def test_devices_that_bring_nothing_in_are_told(sign_in):
    billed(2)
    assert "2 devices bring nothing in No plan of 2 customers prices them." in tiles(sign_in("clerk"))


def test_everything_that_waits_is_counted_and_leads_to_its_list(sign_in):
    (north,) = billed()
    with acting(Scope.all()):
        Parking.objects.create(customer=north, reason="odd", parked_at=NOW)
        CustomerMapping.objects.create(
            source=source(),
            external_id="x",
            external_name="Unknown Ltd",
            first_seen_at=NOW,
            last_seen_at=NOW,
            device_count=7,
        )
        key = post_messages([NewMessage("k", "bill", north.pk, ["a@b.example"], not_before=NOW)], now=NOW)["k"]
        make_ready([Ready(key, "Bill", "Good day")], now=NOW)
        Delivery.objects.filter(message=key).update(state="failed")
        a_subscription(a_customer("South"), a_plan("Silver"))  # its first bill is to be reviewed
        present(a_customer("East"), "PC-9 #>", start=APRIL)
    with acting(Scope.all()):
        bill_on(date(2026, 6, 10), customers=[Customer.objects.get(name="South").pk])
    page = sign_in("clerk").get("/")
    told = text_of(page)
    assert "1 customer is parked" in told
    assert "1 unknown customer 7 devices of theirs are not billed until you say who it is." in told
    assert "1 mail did not arrive" in told
    html = page.content.decode()
    for address in ("/billing/bills/waiting/", "/inventory/customers/", "/settings/outbox/?show=trouble"):
        assert f'href="{address}"' in html


def test_an_auditor_sees_the_tasks_but_no_mail_that_they_cannot_send(sign_in):
    billed()
    with acting(Scope.all()):
        Delivery.objects.update(state="failed")
    told = tiles(sign_in("auditor"))
    assert "1 bill is overdue" in told
    assert "did not arrive" not in told


def test_revenue_is_drawn_by_month_and_readable_as_a_table(sign_in):
    billed()
    page = text_of(sign_in("clerk").get("/"))
    assert "Revenue by month of issue, net, EUR" in page
    assert "May ’26 60" in page


def test_a_customer_sees_what_was_billed_not_our_revenue(sign_in):
    billed()
    with acting(Scope.all()):
        mine = Customer.objects.values_list("pk", flat=True)[:1]
        client = sign_in("contact", customers=list(mine))
    page = text_of(client.get("/"))
    assert "Billed by month of issue, net, EUR" in page
    assert "Open bills by days overdue, EUR" in page
    assert "Revenue" not in page


def test_devices_are_drawn_by_class(sign_in):
    billed()
    page = text_of(sign_in("clerk").get("/"))
    assert "Computer: 0 (Jun ’25) to 2 (today)." in page
    assert "printer: 0 (Jun ’25) to 1 (today)." in page


def test_receivables_are_drawn_by_age(sign_in):
    billed()
    page = text_of(sign_in("clerk").get("/"))
    assert "Receivables by days overdue, EUR" in page
    assert "1–30 days 71.40" in page


def test_a_customer_admin_sees_only_their_own_customer_s_figures(sign_in):
    north, south = billed(2)
    with acting(Scope.all()):
        present(south, "PC-3 #>\nPC-4 #>", start=APRIL)
    page = text_of(sign_in("customer_admin", customers=[north.pk]).get("/"))
    assert "1 open bill EUR 71.40 is overdue." in page
    assert "Computer: 0 (Jun ’25) to 2 (today)." in page
    assert "What needs a person today" not in page


def test_who_sees_nobody_sees_an_empty_page(sign_in):
    billed()
    page = text_of(sign_in("contact").get("/"))
    assert "There is nothing to draw yet" in page
    assert "71.40" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_dashboard_asks_twelve_queries_for_one_customer_and_three(sign_in, count):
    billed(count)
    client = sign_in("clerk")
    with counting_queries() as queries:
        client.get("/")
    # session, user, role; provider, receivables, revenue, what waits; plans in force (3), devices unbilled; devices
    assert len(queries) == 12


def test_a_customer_admin_s_dashboard_asks_eight(sign_in):
    (north,) = billed()
    client = sign_in("customer_admin", customers=[north.pk])
    with counting_queries() as queries:
        client.get("/")
    assert len(queries) == 8


def told(what: str, ask: Callable[[], str], within: Scope, *, anew: bool = False) -> tuple[str, datetime | None]:
    now = datetime.now(UTC)
    answer = remembered(what, ask, within=within, on=APRIL, now=now, anew=anew)
    return answer.answer, answer.kept_since


def slowly(*answers: str) -> Callable[[], str]:
    left = iter(answers)
    return lambda: time.sleep(0.06) or next(left)


def test_a_figure_that_takes_long_is_remembered_for_a_while_and_says_since_when(time_machine):
    ask, began = slowly("slow", "slow again"), datetime.now(UTC)

    assert told("ages", ask, Scope.all()) == ("slow", None)
    time_machine.shift(10)
    assert told("ages", ask, Scope.all()) == ("slow", began)
    time_machine.shift(51)
    assert told("ages", ask, Scope.all()) == ("slow again", None)


def test_a_remembered_figure_is_counted_again_when_that_is_asked_for():
    ask, now = slowly("slow", "slow again"), datetime.now(UTC)

    assert told("ages", ask, Scope.all()) == ("slow", None)
    assert told("ages", ask, Scope.all(), anew=True) == ("slow again", None)
    assert told("ages", ask, Scope.all()) == ("slow again", now)
    assert told("ages", lambda: "quick", Scope.all(), anew=True) == ("quick", None)
    assert told("ages", lambda: "quick again", Scope.all()) == ("quick again", None)


def test_a_quick_figure_is_asked_anew_each_time():
    asked = iter(["first", "second"])
    assert [told("ages", lambda: next(asked), Scope.all()) for _ in range(2)] == [("first", None), ("second", None)]


def test_what_is_remembered_for_one_scope_is_not_told_in_another():
    scopes = {"all": Scope.all(), "one": Scope.of(1), "two": Scope.of(2), "both": Scope.of(1, 2), "none": Scope.of()}
    for name, scope in scopes.items():
        assert told("ages", slowly(name), scope)[0] == name
    for name, scope in scopes.items():
        assert told("ages", slowly("foreign"), scope)[0] == name


def test_a_dashboard_that_was_counted_a_while_ago_says_so_and_leads_to_a_new_count(sign_in, monkeypatch, time_machine):
    monkeypatch.setattr("quarterday.web.remembering.LONG_SECONDS", 0)
    monkeypatch.setattr("quarterday.web.remembering.TIMES_AS_LONG", 1_000_000)
    billed()
    client = sign_in("clerk")

    assert "Count again" not in text_of(client.get("/"))
    time_machine.shift(30)
    kept = client.get("/")
    assert "Counted 10 Jun 2026, 11:00 (Europe/Berlin); what happened since is not in it. Count again" in text_of(kept)
    assert 'href="?count=now"' in kept.content.decode()
    assert "Count again" not in text_of(client.get("/?count=now"))
