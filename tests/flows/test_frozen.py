"""Promise 9: whatever is set otherwise after a bill was issued, the bill is what it was, to the byte.

Every setting is changed with the verbs that people have. Afterwards the fields of the tables in SETTINGS are walked: a
field that is as before and that NEVER does not name fails, and so does a table of these rooms that is in no list. So a
new setting is part of this test, or the test says that it is missing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection, models

from quarterday.accounts.actions import create_user
from quarterday.accounts.models import User
from quarterday.audit.queries import audit
from quarterday.bills.export import csv_of_bills
from quarterday.bills.models import Bill, BillPrint
from quarterday.bills.paper import papers_of
from quarterday.bills.printing import print_some
from quarterday.bills.queries import recompute, shown_lines, shown_taxes
from quarterday.bills.stored import stored_facts
from quarterday.customers.actions import add_contact
from quarterday.customers.models import Contact, Customer
from quarterday.inventory.actions import (
    map_customer,
)
from quarterday.inventory.models import CustomerMapping, Device
from quarterday.outbox.models import MailServer
from quarterday.outbox.sending import send_due
from quarterday.plans.models import Plan, PlanVersion
from quarterday.provider.actions import (
    change_logo,
)
from quarterday.provider.models import DeviceClass, NumberSeries, Provider, TaxCode, TaxRule
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import (
    add_adjustment,
)
from quarterday.subscriptions.models import Adjustment, Subscription, SubscriptionTerms
from quarterday.upkeep.backup.tables import spell_alike, tables_of, text_of
from tests.bills.desk import bill_on
from tests.flows.other_settings import APRIL, LATER, MAY, change_everything, tell_inventory
from tests.isolation.world import PIXEL
from tests.outbox.post import scripted_post
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

ROOMS = ("provider", "customers", "plans", "subscriptions", "inventory", "outbox", "accounts")

SETTINGS: tuple[type[models.Model], ...] = (
    *(Provider, NumberSeries, TaxCode, DeviceClass, Customer, Contact, Plan, Subscription, Adjustment),
    *(Device, CustomerMapping, MailServer, User),
)
"""Of each, the row that the bill depended on; the last three say where devices come from, how mail goes, who acts."""

NEVER = {
    "provider.NumberSeries": {"kind": "what is numbered"},
    "provider.TaxCode": {"code": "what plans call it"},
    "provider.DeviceClass": {"key": "what prices call it", "added_at": "a stamp"},
    "customers.Customer": {"currency": "refused as soon as something is agreed in it", "created_at": "a stamp"},
    "customers.Contact": {"customer": "a contact is of one customer"},
    "plans.Plan": {"currency": "refused", "timing": "refused", "counting": "refused", "created_at": "a stamp"},
    "subscriptions.Subscription": {
        **dict.fromkeys(("customer", "plan", "starts_on", "billed_from"), "another is another subscription"),
        **dict.fromkeys(("cycle_every", "cycle_unit", "billing_day", "offset_days"), "another is another subscription"),
        **dict.fromkeys(("continues", "created_at"), "how it came to be"),
    },
    "subscriptions.Adjustment": dict.fromkeys(
        (
            *("customer", "subscription", "text", "currency", "amount", "percent", "quantity", "unit_price"),
            *("tax_code", "starts_on", "until", "times", "created_at", "created_by"),
        ),
        "cancelled and agreed anew",
    ),
    "inventory.Device": {
        **dict.fromkeys(("source", "external_id"), "what makes it this device"),
        **dict.fromkeys(("first_seen_at", "evidence"), "how it was first seen"),
    },
    "inventory.CustomerMapping": {
        **dict.fromkeys(("source", "external_id", "first_seen_at"), "what makes it this mapping"),
        "ignored": "none that has a customer is",
        "present_since": "given with the first load",
        "customer": "a mapped name stays mapped",
    },
    "accounts.User": dict.fromkeys(
        ("last_login", "date_joined", "is_superuser", "is_staff"), "no setting: stamps, and a framework's flags"
    ),
}
"""What no verb changes in a row that is there, and why."""

ADDED = (PlanVersion, SubscriptionTerms, TaxRule)
"""Terms that have begun stay as they are; changing them is a row more, from a day on."""

NO_SETTING = {
    **dict.fromkeys(("inventory.Presence", "inventory.SyncRun", "inventory.SyncCoverage"), "what was seen"),
    **dict.fromkeys(("inventory.Source", "inventory.LedgerClock"), "who saw it, and when"),
    **dict.fromkeys(("inventory.Replacement", "inventory.BillingException", "subscriptions.Pause"), "truths of days"),
    **dict.fromkeys(("outbox.Message", "outbox.Attachment", "outbox.Delivery"), "the post, which must stay as it is"),
    **dict.fromkeys(("customers.ZoneChange", "provider.Restoration"), "a history"),
    **dict.fromkeys(("accounts.Assignment", "accounts.Upload"), "whose desk it is on"),
}


def test_a_bill_stays_the_same_bytes_when_every_setting_is_changed(database: None) -> None:
    bill = issue_a_bill()
    with acting(Scope.all()):
        before, terms = fields_of_settings(), {model: model._default_manager.count() for model in ADDED}
        said = all_that_it_says(bill)
        change_everything()
        after = fields_of_settings()
        assert [
            f"{table}.{name}"
            for table, fields in before.items()
            for name, value in fields.items()
            if (after[table][name] == value) != (name in NEVER.get(table, {}))
        ] == [], "changed above, or named in NEVER; and what NEVER names is not changed"
        assert {model: model._default_manager.count() - count for model, count in terms.items()} == dict.fromkeys(
            ADDED, 1
        )

        now_says = all_that_it_says(bill)
        assert [part for part in said if said[part] != now_says[part]] == []
        assert recompute(bill).holds
        assert [kept for kept in audit(now=LATER) if not kept.holds] == []


def test_every_table_of_the_rooms_before_the_bills_is_a_setting_or_says_why_not() -> None:
    tables = {model._meta.label for room in ROOMS for model in apps.get_app_config(room).get_models()}
    listed = [model._meta.label for model in (*SETTINGS, *ADDED)] + list(NO_SETTING)
    assert sorted(listed) == sorted(tables)


def issue_a_bill() -> Bill:
    """Two devices in April, a discount; issued, printed with its annex, and mailed, on the first of May."""
    with acting(Scope.all()):
        provider = open_shop(late_fee_days=30, late_fee_since=MAY, late_fee_amount="5.00")
        change_logo(provider, content=PIXEL, by=BY, now=NOW)
        customer = a_customer(vat_id="DE136695976", late_fee_amount="4.00")
        add_contact(customer, name="Paula Person", email="paula@north.example", by=BY, now=NOW)
        create_user(email="clara@shop.example", name="Clara Clerk", role="clerk", by=BY, now=NOW)
        create_user(email="ada@shop.example", name="Ada", role="admin", by=BY, now=NOW)
        tell_inventory("PC-1", "SRV-1", at=datetime(2026, 4, 1, 6, tzinfo=UTC))
        map_customer(CustomerMapping.objects.get().pk, to=customer, present_since=APRIL, now=NOW, by=BY)
        tell_inventory("PC-1", "SRV-1", at=datetime(2026, 4, 1, 7, tzinfo=UTC))
        gold = a_subscription(customer, a_plan(), review_first_bill=False)
        add_adjustment(customer, text="Loyalty", starts_on=APRIL, percent=Decimal(-10), times=None, by=BY, now=NOW)
        tell_inventory("PC-1", "SRV-1", at=datetime(2026, 5, 1, 5, tzinfo=UTC))
        assert gold.ends_on is None
    bill_on(MAY)
    print_some(now=NOON)
    with scripted_post() as post:
        with acting(Scope.all()):
            MailServer.objects.update(
                host="127.0.0.1", port=post.port, security="none", tested_at=NOON, test_response="250 OK"
            )
        send_due(clock=lambda: NOON)
        assert len(post.taken) == 1
    with acting(Scope.all()):
        bill = Bill.objects.get()
        assert (bill.issue.number, bill.net) == ("INV-2026-00001", Decimal("108.000"))
        return bill


def all_that_it_says(bill: Bill) -> dict[str, Any]:
    """Every row of the bill desk and of the post, and what is read and made of them."""
    spell_alike(connection)
    kept = [
        table
        for table in tables_of(connection)
        if table.name.startswith(("bills_", "outbox_")) and table.name != MailServer._meta.db_table
    ]
    rows = {table.name: b"".join(text_of(connection, table.name, table.columns, table.key)) for table in kept}
    assert all(rows[f"bills_{name}"] for name in ("bill", "billissue", "billline", "billtax", "billfacts", "billprint"))
    assert all(rows[f"outbox_{name}"] for name in ("message", "attachment", "delivery"))
    paper = papers_of([bill.pk], Provider.objects.get())[bill.pk]
    stationery = replace(paper.letterhead, logo=None, accent="", size="a4")
    return {
        **rows,
        "PDF": bytes(BillPrint.objects.get(pk=bill.pk).content),
        "line of the export": "".join(csv_of_bills([bill.pk])),
        "facts as JSON": json.loads(stored_facts(bill.pk) or b""),
        "explained lines": shown_lines(bill),
        "taxes": shown_taxes(bill),
        # A copy is laid out anew: by the same content, but on today's stationery.
        "paper of a copy": replace(paper, letterhead=stationery),
    }


def fields_of_settings() -> dict[str, dict[str, Any]]:
    """Table -> field -> value, of the row that the bill depended on: the first."""
    rows = {model._meta.label: model._default_manager.order_by("pk").first() for model in SETTINGS}
    rows["provider.NumberSeries"] = NumberSeries.objects.get(kind="invoice")
    rows["provider.DeviceClass"] = DeviceClass.objects.get(key="computer")
    assert None not in rows.values()
    return {
        label: {
            field.name: bytes(value) if isinstance(value := getattr(row, field.attname), memoryview) else value
            for field in row._meta.concrete_fields
            if not field.primary_key and field.name != "revision"
        }
        for label, row in rows.items()
        if row is not None
    }
