"""Short words for the tests of the tab Billing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.plans.queries import get_plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.shop import a_customer, a_plan, a_subscription, open_shop
from tests.web.plans_desk import fields_of, text_of

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))


def open_the_shop() -> None:
    """A German provider with the plan Gold: 30.00 EUR a computer, 90.00 a server."""
    with acting(Scope.all()):
        open_shop(time_zone="Europe/Berlin")
        a_plan()


def customers(*names: str, review: bool = False) -> list[Customer]:
    """Customers on Gold since April, each with two computers and a server."""
    with acting(Scope.all()):
        made = [a_customer(name) for name in names]
        for customer in made:
            a_subscription(customer, get_plan("Gold"), review_first_bill=review)
            present(customer, "PC-1 #>\nPC-2 #>\nSRV server #>", start=APRIL)
    return made


def billed(*names: str, review: bool = False) -> list[Bill]:
    """Their April, billed on the first of May: 178.50 EUR each."""
    customers(*names, review=review)
    bill_on(MAY)
    return every()


def every() -> list[Bill]:
    """All bills and drafts, in the order of their making."""
    with acting(Scope.all()):
        return list(Bill.objects.select_related("issue", "discard").order_by("pk"))


def page(client: Client, address: str) -> str:
    """The words of a page that opens."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return text_of(answer)


def fill(client: Client, address: str, **fields: Any) -> Any:
    """Open a form, fill it in, and send it."""
    found = fields_of(client.get(address))
    return client.post(address, {**{name: value for name, value in found.items() if value is not None}, **fields})


def agree(client: Client, address: str, looked: Any, **fields: Any) -> str:
    """Press the button below the consequence; answers the words of the page that follows."""
    answer = client.post(address, {**fields_of(looked), **fields, "agree": "yes"}, follow=True)
    assert answer.redirect_chain, text_of(answer)
    return text_of(answer)
