"""What each list says when it has nothing to show: on the first day with a way on, under a filter with a way back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.isolation.addresses import ADDRESSES
from tests.shop import open_shop

EMPTY = re.compile(r'class="empty-title">(.*?)</p>(.*?)</div>\s*(?:</section>|</div>|</form>)', re.DOTALL)
WAY = re.compile(r'empty-action"><a class="btn btn-primary" href="([^"]+)">(.+?)</a>')

# page: what it says on the first day, and the act that leads on
FIRST_DAY = {
    "/": ("There is nothing to draw yet", None),
    "/customers/": ("No customers yet", "Add a customer"),
    "/customers/?archived=yes": ("Nobody is archived", None),
    "/billing/": ("No service plan yet", "Add Service Plan"),
    "/billing/?archived=yes": ("No plan is archived", "To the plans in use"),
    "/billing/associate/": ("There is no plan to associate yet", "Add Service Plan"),
    "/billing/disassociate/": ("There is no plan to disassociate yet", "Add Service Plan"),
    "/billing/bills/": ("No bill yet", "Generate bills now"),
    "/billing/bills/run/": ("Nothing is due at this moment", None),
    "/billing/bills/waiting/": ("No bill is held", "All bills"),
    "/billing/bills/late/": ("No question is open", "All bills"),
    "/billing/conservation/": ("No device in this month", "Devices"),
    "/billing/payments/": ("Nobody owed anything", "All bills"),
    "/billing/payments/received/": ("No payments yet", None),
    "/billing/payments/proposals/": ("Nobody has proposed anything", None),
    "/billing/payments/bank/": ("No line waits", None),
    "/billing/payments/ledger/": ("Nothing is booked", "All bills"),
    "/billing/payments/write-offs/": ("Nothing was written off", "All bills"),
    "/billing/payments/late-fees/": ("Nobody was charged a late fee", "All bills"),
    "/inventory/": ("No devices yet", "Upload a CSV file"),
    "/inventory/devices/": ("No devices yet", "Upload a CSV file"),
    "/inventory/freshness/": ("No customers yet", "Add a customer"),
    "/inventory/customers/": ("Every name is known", "Upload a CSV file"),
    "/inventory/customers/?decided=yes": ("Nothing was decided yet", None),
    "/inventory/replacements/": ("Nothing to decide", "Devices"),
    "/inventory/exceptions/": ("No exceptions", "Devices"),
    "/inventory/paused/": ("Nothing is paused", "Service Plan"),
    "/inventory/unbilled/": ("Every device is billed", "Devices"),
    "/settings/outbox/": ("No mails yet", "All bills"),
}

# page: what it says when a filter leaves nothing over, and where "Show all" leads
FILTERED = {
    "/customers/?q=zzz": ("No customer is found", "/customers/"),
    "/customers/?q=zzz&archived=yes": ("No customer is found", "/customers/"),
    "/billing/?q=zzz": ("No plan has this name", "/billing/"),
    "/billing/bills/?q=zzz": ("No bill is like this", "/billing/bills/"),
    "/billing/bills/?paid=overdue": ("No bill is like this", "/billing/bills/"),
    "/billing/conservation/?q=zzz": ("No customer with devices is found", "/billing/conservation/"),
    "/inventory/devices/?q=zzz": ("No device is found", "/inventory/devices/"),
    "/inventory/freshness/?q=zzz": ("No customer is found", "/inventory/freshness/"),
    "/inventory/freshness/?old=yes": ("Every source has told everything in time", "/inventory/freshness/"),
    "/inventory/exceptions/?q=zzz": ("No exception is found", "/inventory/exceptions/"),
    "/inventory/exceptions/?soon=yes": ("No exception is found", "/inventory/exceptions/"),
    "/inventory/paused/?q=zzz": ("No paused device is found", "/inventory/paused/"),
    "/settings/outbox/?show=on-its-way": ("No mail is in this state", "/settings/outbox/"),
    "/system/trail/?who=zzz": ("Nobody did such a thing", "/system/trail/"),
}

# Their lists are never empty: the provider's own user, tax code and device classes are in them from the first day.
NEVER_EMPTY = {"settings_users", "settings_taxes", "settings_classes", "settings_reminders", "trail"}


@pytest.fixture
def first_day(sign_in: Any) -> Any:
    """The admin's browser on the first day: a provider, and nothing else."""
    with acting(Scope.all()):
        open_shop()
    return sign_in("admin")


def said(browser: Any, page: str) -> tuple[str, str | None, str | None]:
    """The title of the page's first empty list, and the address and words of the act below it."""
    answer = browser.get(page)
    assert answer.status_code == 200, page
    shown = unescape(answer.content.decode())
    found = EMPTY.search(shown)
    assert found is not None, f"{page} shows no empty list"
    way = WAY.search(shown, found.start())
    return found[1], way and way[1], way and way[2]


def test_each_list_says_on_the_first_day_what_to_do_next(first_day: Any) -> None:
    told = {page: said(first_day, page) for page in FIRST_DAY}
    assert {page: (title, act) for page, (title, _, act) in told.items()} == FIRST_DAY


def test_each_list_says_that_its_filter_leaves_nothing_and_leads_back(first_day: Any) -> None:
    told = {page: said(first_day, page) for page in FILTERED}
    assert {page: (title, address) for page, (title, address, _) in told.items()} == FILTERED
    assert {act for _, _, act in told.values()} == {"Show all"}


@pytest.mark.parametrize("page", ["/customers/", "/billing/", "/inventory/devices/", "/billing/bills/"])
def test_who_may_not_add_anything_is_led_to_no_form(sign_in: Any, page: str) -> None:
    with acting(Scope.all()):
        open_shop()
    assert said(sign_in("auditor"), page)[1:] == (None, None)


def test_no_list_is_forgotten_here(first_day: Any) -> None:
    known = {page.split("?")[0] for page in [*FIRST_DAY, *FILTERED]}
    forgotten = []
    for name in ADDRESSES:
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        answer = first_day.get(path)
        if answer.streaming or answer.status_code != 200:
            continue
        is_list = b"empty-title" in answer.content or b"card-table" in answer.content
        if is_list and path not in known and name not in NEVER_EMPTY:
            forgotten.append(name)
    assert forgotten == []
