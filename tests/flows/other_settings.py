"""Every setting there is, changed: what people do after a bill was issued (test_frozen.py asks whether it is all)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from quarterday.accounts.actions import assign, change_user, close_user, set_password
from quarterday.accounts.models import User
from quarterday.customers.actions import change_contact, change_customer
from quarterday.customers.models import Contact, Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import (
    apply_snapshot,
    correct_presence,
    move_device,
    retire_device,
    set_class,
)
from quarterday.inventory.models import Device
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.outbox.actions import configure_mail
from quarterday.plans.actions import archive_plan, change_plan, modify_plan
from quarterday.plans.models import Plan
from quarterday.provider.actions import (
    add_tax_rule,
    change_device_class,
    change_logo,
    change_number_series,
    change_provider,
    change_tax_code,
)
from quarterday.provider.models import DeviceClass, Provider, TaxCode
from quarterday.subscriptions.actions import (
    agree_terms,
    archive_customer,
    cancel_adjustment,
    change_subscription,
    disassociate,
)
from quarterday.subscriptions.models import Adjustment, Subscription
from tests.shop import BY, NOW, a_customer

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
LATER = datetime(2026, 5, 10, 12, tzinfo=UTC)
"""When it is all changed."""
OTHER_LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>'


def tell_inventory(*names: str, at: datetime, suffix: str = "", silent_since: datetime | None = None) -> None:
    """The RMM's list: computers, and servers whose name begins with SRV."""
    devices = tuple(
        SeenDevice(
            "north",
            name,
            name + suffix,
            "server" if name.startswith("SRV") else "computer",
            serial=f"SN-{name}{suffix}",
            last_seen_at=silent_since or at,
        )
        for name in names
    )
    seen = SeenCustomer("north", f"North{suffix}")
    apply_snapshot(Snapshot("RMM", True, at, (seen,), devices), now=max(at, NOW), by=BY, confirm_drop=True)


def change_everything() -> None:
    """Each setting, by the verb that changes it."""
    change_ourselves()
    change_the_customer()
    change_devices()
    change_agreements()
    change_people()


def change_ourselves() -> None:
    who: dict[str, Any] = {"by": BY, "now": LATER}
    provider = Provider.objects.get()
    flipped: dict[str, Any] = {
        name: not getattr(provider, name) for name in ("bridge_on_paper", "bridge_in_mail", "review_all_bills")
    }
    texts: dict[str, Any] = {
        name: f"Other {name}"[:20]
        for name in (
            *("name", "legal_name", "street", "postal_code", "city", "region", "phone", "website", "tax_number"),
            *("registration", "account_holder", "bank_name", "bank_details", "footer"),
        )
    }
    numbers = {
        name: getattr(provider, name) + 1
        for name in (
            *("bill_hour", "mail_hour", "feed_stale_days", "count_change_percent", "count_change_devices"),
            *("total_change_percent", "missed_periods_limit", "quiet_days_limit", "late_periods_limit"),
            *("exception_notice_days", "reminder_days_before", "late_fee_days"),
        )
    }
    add_tax_rule(TaxCode.objects.get(), category="S", rate=Decimal(7), valid_from=date(2026, 4, 15), **who)
    other = TaxCode.objects.create(code="other", name="Other")
    change_provider(
        provider,
        **flipped,
        **texts,
        **numbers,
        country="US",
        vat_id="",
        email="other@shop.example",
        iban="AT611904300234573201",
        bic="BKAUATWW",
        time_zone="Pacific/Kiritimati",
        language="de" if provider.language == "en" else "en",
        paper_size="letter",
        accent_colour="#aa0000",
        two_persons_above=7,
        reminder_days_after=[1, 2],
        reminder_texts={f"bill.{code}": {"subject": "Other", "body": "Other"} for code in ("de", "en")},
        late_fee_since=JUNE,
        late_fee_amount=None,
        late_fee_percent="2",
        late_fee_tax_code=other.code,
        late_fee_text="Other",
        **who,
    )
    change_logo(provider, content=OTHER_LOGO, **who)
    change_number_series(kind="invoice", pattern="R{number:07d}", restarts_yearly=False, given_twice=None, **who)
    change_tax_code(TaxCode.objects.earliest("pk"), name="Other", revenue_account="9999", **who)
    change_device_class(DeviceClass.objects.get(key="computer"), name="Other", position=77, **who)
    configure_mail(
        host="mail.other.example",
        port=465,
        security="tls",
        username="other",
        password="other words",
        sender_name="Other",
        sender_address="other@shop.example",
        reply_to="reply@shop.example",
        **who,
    )


def change_the_customer() -> None:
    who: dict[str, Any] = {"by": BY, "now": LATER}
    customer = Customer.objects.get()
    texts = ("number", "name", "street", "postal_code", "city", "region", "tax_number", "po_number")
    flags = ("review_bills", "direct_debit", "reminders", "late_fees")
    changes: dict[str, Any] = {
        **{name: f"Other {name}"[:20] for name in (*texts, "buyer_reference", "ledger_account", "notes")},
        **{name: not getattr(customer, name) for name in flags},
    }
    change_customer(
        customer,
        **changes,
        country="US",
        vat_id="",
        time_zone="Pacific/Apia",
        language="de" if customer.language == "en" else "en",
        tax_status="business",
        emails=["other@north.example"],
        reminder_days_before=9,
        reminder_days_after=[9],
        late_fee_amount=None,
        late_fee_percent="9",
        **who,
    )
    change_contact(Contact.objects.get(), name="Other", email="other@north.example", phone="0049", role="Other", **who)


def change_devices() -> None:
    """Renamed, silent, reclassified, moved, gone; one of them was elsewhere in April, as we learn now."""
    who: dict[str, Any] = {"by": BY, "now": LATER}
    tell_inventory("PC-1", "SRV-1", "PC-2", at=LATER, suffix="-other", silent_since=NOW)
    device, server = Device.objects.order_by("pk")[:2]
    set_class(device, device_class="server", on=date(2026, 5, 3), **who)
    move_device(device, to=a_customer("South Law"), on=date(2026, 5, 5), **who)
    correct_presence(server, days=Period(APRIL, date(2026, 4, 20)), at=None, reason="it was not there", **who)
    retire_device(device, on=date(2026, 5, 8), **who)


def change_agreements() -> None:
    who: dict[str, Any] = {"by": BY, "now": LATER}
    plan, subscription = Plan.objects.get(), Subscription.objects.get()
    customer = Customer.objects.earliest("pk")
    dearer = {"computer": {"unit_price": "99.00"}, "server": {"unit_price": "199.00"}}
    modify_plan(plan, effective_on=MAY, prices=dearer, settled_until=MAY, **who)
    change_plan(plan, name="Other", description="Other", late_policy="forgive", pause_after_days=9, **who)
    agree_terms(subscription, effective_on=MAY, settled_until=MAY, prices=dearer, **who)
    change_subscription(
        subscription,
        due_days=99,
        po_number="Other",
        bill_separately=True,
        review_first_bill=True,
        emails=["other@north.example"],
        **who,
    )
    cancel_adjustment(Adjustment.objects.get(), **who)
    disassociate([subscription], last_day=date(2026, 5, 31), final_period="full", **who)
    archive_customer(customer, on=JUNE, **who)
    archive_plan(plan, on=JUNE, **who)


def change_people() -> None:
    who: dict[str, Any] = {"by": BY, "now": LATER}
    user = User.objects.earliest("pk")
    set_password(user, password="three other words", **who)
    change_user(user, email="other@shop.example", name="Other", role="customer_admin", language="de", **who)
    assign(user, [Customer.objects.earliest("pk")], **who)
    close_user(user, **who)
