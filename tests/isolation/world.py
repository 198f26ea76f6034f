"""A shop with two customers' lives in it: what there can be of one customer, there is of both.

The lives are lived one after the other, so that the first customer's rows are the same with and without the second.
Every text of a life starts with its mark: a text of the second one that the first one's people read is a leak.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from psycopg.types.range import DateRange  # type: ignore[attr-defined]

from quarterday.accounts.actions import create_user, keep_upload, set_upload_options
from quarterday.accounts.models import Role, User
from quarterday.bills.actions import adjust_draft, credit_bill, record_download
from quarterday.bills.models import Bill, BillApproval, BillingClock, BillingRun, LateTruth, Parking
from quarterday.bills.printing import print_some
from quarterday.bills.run import run_billing
from quarterday.customers.actions import add_contact, change_customer
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import apply_snapshot, except_device, map_customer, replace_device
from quarterday.inventory.models import CustomerMapping, Device, SyncRun
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.outbox.models import Delivery, MailServer
from quarterday.outbox.sending import send_due
from quarterday.payments.actions import record_payment, refund, write_off
from quarterday.payments.models import BankFile, BankLine, LateFee, Payment, Proposal, ReminderPause
from quarterday.payments.reminders import remind
from quarterday.plans.models import Plan, PlanVersion
from quarterday.provider.actions import change_logo
from quarterday.provider.models import DeviceClass, Provider, TaxCode, TaxRule
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import add_adjustment, agree_terms, disassociate
from quarterday.subscriptions.models import Adjustment, Pause, Subscription
from tests.outbox.post import ScriptedPost, scripted_post
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

if TYPE_CHECKING:
    from tests.databases import Database

OWN, FOREIGN = "Ownwood", "Zebracanary"
"""The marks; no other word of the product has one of them in it."""
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
TODAY = datetime(2026, 7, 10, 9, tzinfo=UTC)
"""When the world is looked at."""
APRIL_FIRST = datetime(2026, 4, 1, 6, tzinfo=UTC)
PASSWORD = "three plain words"
APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))


@dataclass(slots=True)
class Life:
    """One customer's rows, by the names that the addresses of pages use."""

    mark: str
    customer: int
    contact: int = 0
    plan: int = 0
    version: int = 0
    subscription: int = 0
    special: int = 0
    ended: int = 0
    terms: int = 0
    charge: int = 0
    subscription_charge: int = 0
    bill: int = 0
    draft: int = 0
    device: int = 0
    exception: int = 0
    replacement: int = 0
    mapping: int = 0
    sync: int = 0
    parked: int = 0
    late: int = 0
    delivery: int = 0
    bank_line: int = 0
    pause: int = 0
    write_off: int = 0
    late_fee: int = 0
    payment: int = 0
    proposal: int = 0
    user: int = 0
    mails: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """Two lives, and what belongs to no customer."""

    database: Database
    own: Life
    foreign: Life
    users: dict[str, User]
    tax_code: int
    tax_rule: int
    device_class: int
    run: int
    device_file: str
    customer_file: str
    letter: str = "reminder_after"
    language: str = "de"


def open_world() -> None:
    """The shop before its first customer."""
    with acting(Scope.all()):
        open_shop(total_change_percent=1000)
        a_plan()
        create_user(email="ada@shop.example", role="admin", name="Ada", password=PASSWORD, by=BY, now=NOW)


def make_world(database: Database, *, lives: tuple[str, ...] = (OWN, FOREIGN)) -> World:
    """The lives, and a user of each role; customer admin and contact see the first customer only."""
    open_world()
    own = live(lives[0])
    users = people(own)
    foreign = own
    for mark in lives[1:]:
        foreign = live(mark)
    with acting(Scope.all()):
        rule = TaxRule.objects.order_by("pk").last()
        files = {purpose: _on_the_desk_of(users["admin"], purpose) for purpose in ("devices", "customers")}
        change_logo(Provider.objects.get(), content=PIXEL, by=BY, now=NOW)
        return World(
            database,
            own,
            foreign,
            users,
            tax_code=TaxCode.objects.get().pk,
            tax_rule=rule.pk if rule else 0,
            device_class=DeviceClass.objects.earliest("pk").pk,
            run=BillingRun.objects.latest("pk").pk,
            device_file=files["devices"],
            customer_file=files["customers"],
        )


def _on_the_desk_of(user: User, purpose: str) -> str:
    upload = keep_upload(user, purpose=purpose, name="file.csv", content=b"Customer,Name\nOwnwood,PC-1\n", now=TODAY)
    set_upload_options(upload, {"source": "RMM"})
    return str(upload.key)


def people(own: Life) -> dict[str, User]:
    """A user of each role."""
    with acting(Scope.all()):
        customer = Customer.objects.get(pk=own.customer)
        users = {"admin": User.objects.get(email="ada@shop.example")}
        for role in (Role.CLERK, Role.AUDITOR, Role.CUSTOMER_ADMIN, Role.CONTACT):
            sees = [customer] if role in (Role.CUSTOMER_ADMIN, Role.CONTACT) else []
            users[role.value] = create_user(
                email=f"{role.value}@shop.example",
                role=role.value,
                name=str(role.label),
                password=PASSWORD,
                customers=sees,
                by=BY,
                now=NOW,
            )
    return users


def live(mark: str) -> Life:
    """A customer's life from April to July, with one of each thing that can be of a customer."""
    with scripted_post() as post:
        with acting(Scope.all()):
            MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
            life = _join(mark)
        for month in (MAY, JUNE, JULY):
            _first_of(month, life, post)
    with acting(Scope.all()):
        _what_waits(life)
    return life


def _join(mark: str) -> Life:
    low = mark.lower()
    customer = a_customer(
        f"{mark} Dental",
        street=f"{mark} Street 1",
        city=f"{mark} City",
        emails=[f"bills@{low}.example"],
        notes=f"{mark} notes",
        po_number=f"{mark}-PO",
        buyer_reference=f"{mark}-REF",
    )
    change_customer(customer, by=BY, now=NOW, time_zone="Europe/Vienna")
    life = Life(mark, customer.pk)
    life.contact = add_contact(customer, name=f"{mark} Person", email=f"person@{low}.example", by=BY, now=NOW).pk
    _sync(life, APRIL_FIRST)
    life.mapping = CustomerMapping.objects.get(external_id=mark).pk
    map_customer(life.mapping, to=customer, present_since=APRIL, now=NOW, by=BY)
    life.sync = _sync(life, APRIL_FIRST + timedelta(hours=1))
    plan = a_plan(f"{mark} Plan", prices={"computer": {"unit_price": "77.00"}})
    gold = a_subscription(customer, Plan.objects.get(name="Gold"), review_first_bill=False)
    special = a_subscription(customer, plan, review_first_bill=True, bill_separately=True)
    ended = a_subscription(
        customer, a_plan(f"{mark} Ended", prices={"server": {"unit_price": "5.00"}}), review_first_bill=False
    )
    disassociate([ended], last_day=date(2026, 6, 10), by=BY, now=NOW)
    life.plan, life.version = plan.pk, PlanVersion.objects.get(plan=plan).pk
    life.subscription, life.special, life.ended = gold.pk, special.pk, ended.pk
    agreed = agree_terms(
        special, effective_on=MAY, settled_until=None, prices={"computer": {"unit_price": "66.00"}},
        note=f"{mark} note", by=BY, now=NOW,
    )  # fmt: skip
    life.terms = agreed.pk
    life.charge = _charge(customer, f"{mark} charge", times=2).pk
    life.subscription_charge = _charge(customer, f"{mark} charge of one", subscription=gold, times=None).pk
    _exceptions(life)
    create_user(
        email=f"it@{low}.example", role="contact", name=f"{mark} IT", customers=[customer], by=BY, now=NOW,
    )  # fmt: skip
    life.user = User.objects.get(email=f"it@{low}.example").pk
    return life


def _charge(customer: Customer, text: str, **fields: Any) -> Adjustment:
    return add_adjustment(customer, text=text, starts_on=APRIL, amount=Decimal("12.34"), by=BY, now=NOW, **fields)


def _sync(life: Life, at: datetime) -> int:
    """An inventory of three computers and a server, from a source that is named after the customer."""
    seen = SeenCustomer(life.mark, f"{life.mark} as RMM says")
    devices = tuple(
        SeenDevice(life.mark, f"{life.mark}-{name}", f"{life.mark}-{name}", kind, serial=f"{life.mark}{name}")
        for name, kind in (("PC1", "computer"), ("PC2", "computer"), ("PC3", "computer"), ("SRV", "server"))
    )
    apply_snapshot(Snapshot(f"{life.mark} RMM", True, at, (seen,), devices), now=max(at, NOW), by=BY)
    return SyncRun.objects.latest("pk").pk


def _exceptions(life: Life) -> None:
    first, second, third, server = Device.objects.filter(customer=life.customer).order_by("pk")
    life.device = first.pk
    life.exception = except_device(
        server, days=Period(APRIL, MAY), reason=f"{life.mark} spare", agreed_by=f"{life.mark} boss", now=NOW, by=BY
    ).pk
    life.replacement = replace_device(second, new=third, now=NOW, by=BY).pk


def _first_of(day: date, life: Life, post: ScriptedPost) -> None:
    at = datetime(day.year, day.month, 1, 7, tzinfo=UTC)
    with acting(Scope.all()):
        BillingClock.objects.all().delete()  # the second life is lived after the first one, and earlier
        _sync(life, at - timedelta(hours=1))
    run_billing(at=at, by=BY)
    with acting(Scope.all()):
        customer = Customer.objects.get(pk=life.customer)
        issued = Bill.objects.filter(customer=customer, issue__isnull=False, kind="invoice").order_by("pk")
        if day == JUNE:
            first = issued.first()
            assert first is not None
            life.bill = first.pk
            payment = record_payment(
                customer, amount=Decimal("50.00"), currency="EUR", received_on=day, reference=f"{life.mark} transfer",
                now=at, by=BY,
            )  # fmt: skip
            refund(payment, amount=Decimal("10.00"), refunded_on=day, reference=f"{life.mark} back", now=at, by=BY)
            record_download([life.bill], now=at, by=BY)
        if day == JULY:
            credit_bill(issued[1], reason=f"{life.mark} goodwill", now=at, by=BY)
            drafts = Bill.objects.filter(customer=customer, issue=None, discard=None).order_by("pk")
            assert len(drafts) >= 1, "a draft waits for a person"
            life.draft = adjust_draft(drafts[0], text=f"{life.mark} extra", amount=Decimal("1.00"), now=at, by=BY).pk
    print_some(now=at)
    later = at + timedelta(hours=2)
    send_due(clock=lambda: later)
    with acting(Scope.all()):
        remind(now=later + timedelta(days=20))
    send_due(clock=lambda: later + timedelta(days=20))
    life.mails += post.taken[len(life.mails) :]


def _what_waits(life: Life) -> None:
    """What a person has to decide, written as the run writes it."""
    customer = Customer.objects.get(pk=life.customer)
    draft = Bill.objects.get(pk=life.draft)
    subscription = Subscription.objects.get(pk=life.subscription)
    BillApproval.objects.create(bill=draft, customer=customer, approved_by=f"{life.mark} Ann", approved_at=TODAY)
    life.parked = Parking.objects.create(customer=customer, reason=f"{life.mark} reason", parked_at=TODAY).customer_id
    life.late = LateTruth.objects.create(
        subscription=subscription, customer=customer, period=DateRange(APRIL, MAY), difference=Decimal("5.000"),
        currency="EUR", details={"text": f"{life.mark} late"}, found_at=TODAY, decision="asked",
    ).pk  # fmt: skip
    file, _ = BankFile.objects.get_or_create(
        digest=sha256(life.mark.encode()).digest(),
        defaults={"name": "statement.csv", "line_count": 1, "new_count": 1, "imported_at": TODAY, "imported_by": "Ann"},
    )
    life.bank_line = BankLine.objects.create(
        file=file, key=sha256(f"{life.mark} line".encode()).digest(), booked_on=JULY, amount=Decimal("3.00"),
        currency="EUR", text=f"{life.mark} wires", name=f"{life.mark} payer", state="confirmed", customer=customer,
        payment=Payment.objects.filter(customer=customer).earliest("pk"),
    ).pk  # fmt: skip
    ReminderPause.objects.create(
        customer=customer, bill_id=life.bill, reason=f"{life.mark} asks", paused_at=TODAY, paused_by="Ann"
    )
    life.late_fee = LateFee.objects.create(
        customer=customer, bill_id=life.bill, adjustment_id=life.charge, charged_on=JULY
    ).pk
    bill, reason = Bill.objects.get(pk=life.bill), f"{life.mark} never pays"
    life.write_off = write_off(bill, reason=reason, amount=Decimal("1.00"), now=TODAY, by=BY).pk
    life.payment = Payment.objects.filter(customer=customer).earliest("pk").pk
    life.proposal = Proposal.objects.create(
        customer=customer, kind="write_off", bill=bill, amount=Decimal("1.00"), currency="EUR",
        reason=f"{life.mark} is poor", terms={"amount": "1.00", "on": None}, proposed_at=TODAY, proposed_by="Ann",
    ).pk  # fmt: skip
    life.pause = Pause.objects.create(
        customer=customer, subscription=subscription, device_id=life.device, valid=DateRange(JULY, None),
        silent_since=TODAY, recorded_at=TODAY,
    ).pk  # fmt: skip
    life.delivery = Delivery.objects.filter(customer=customer).earliest("pk").pk
