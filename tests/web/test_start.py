"""First steps: each is told by what is there, so it can be left and gone on with at any time."""

from __future__ import annotations

import re

from django.test import Client

from quarterday.outbox.models import MailServer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.shop import NOW, a_customer, a_plan, a_subscription, open_shop
from tests.web.plans_desk import counting_queries, text_of
from tests.web.test_dashboard import APRIL, MAY_1


def states(client: Client) -> list[str]:
    """The state of each step, as the page says it."""
    return re.findall(r"q-step-(done|next|later)\"", client.get("/start/").content.decode())


def test_an_empty_installation_begins_with_who_you_are(sign_in):
    client = sign_in("admin")
    assert states(client) == ["next"] + ["later"] * 6
    assert 'href="/settings/provider/"' in client.get("/start/").content.decode()


def test_every_step_is_done_by_what_is_there(sign_in):
    client = sign_in("admin")
    with acting(Scope.all()):
        open_shop(street="Hof 1", city="Berlin")
        MailServer.objects.all().delete()
    assert states(client) == ["done", "next", "later", "later", "later", "later", "later"]
    with acting(Scope.all()):
        MailServer.objects.create(pk=1, host="mail", sender_address="a@b.example", changed_at=NOW, tested_at=NOW)
    assert states(client) == ["done", "done", "next", "later", "later", "later", "later"]
    with acting(Scope.all()):
        customer = a_customer()
    assert states(client) == ["done", "done", "done", "next", "later", "later", "later"]
    with acting(Scope.all()):
        present(customer, "PC-1 #>", start=APRIL)
    assert states(client) == ["done", "done", "done", "done", "next", "later", "later"]
    with acting(Scope.all()):
        plan = a_plan()
    assert states(client) == ["done", "done", "done", "done", "done", "next", "later"]
    with acting(Scope.all()):
        a_subscription(customer, plan)
    assert states(client) == ["done"] * 6 + ["next"]
    assert 'href="/billing/bills/run/"' in client.get("/start/").content.decode()
    with acting(Scope.all()):
        bill_on(MAY_1)
    assert states(client) == ["done"] * 7
    assert "bills are made by themselves from now on" in text_of(client.get("/start/"))


def test_steps_may_be_taken_in_another_order(sign_in):
    client = sign_in("admin")
    with acting(Scope.all()):
        open_shop(street="Hof 1", city="Berlin")
        a_plan()
    assert states(client) == ["done", "done", "next", "later", "done", "later", "later"]


def test_an_address_that_is_missing_is_told(sign_in):
    with acting(Scope.all()):
        open_shop()
    client = sign_in("admin")
    assert states(client)[0] == "next"
    assert "Your address is missing: bills must name it." in text_of(client.get("/start/"))


def test_a_mail_server_that_was_never_tested_is_told(sign_in):
    with acting(Scope.all()):
        open_shop(street="Hof 1", city="Berlin")
        MailServer.objects.update(tested_at=None)
    assert "no test mail has gone out yet" in text_of(sign_in("admin").get("/start/"))


def test_the_page_takes_four_queries_at_any_size(sign_in):
    client = sign_in("admin")
    with acting(Scope.all()):
        open_shop()
        for number in range(3):
            a_customer(f"Customer {number}")
    client.get("/start/")  # the session is told once that the menu leads back here
    with counting_queries() as queries:
        client.get("/start/")
    assert len(queries) == 4  # session, user, role, and all foundations at once


def test_the_menu_leads_back_to_the_first_steps_as_long_as_any_is_left(sign_in):
    client = sign_in("admin")
    assert "First steps" not in text_of(client.get("/customers/"))
    client.get("/start/")
    assert "First steps" in text_of(client.get("/customers/"))


def test_first_steps_are_for_admins(sign_in):
    assert sign_in("clerk").get("/start/").status_code == 403
