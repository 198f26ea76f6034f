from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from quarterday.bills.models import Bill, BillIssue, PartyCopy
from quarterday.customers.models import Customer
from quarterday.provider.models import Provider, TaxCode
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
numbers = count(1)


@pytest.fixture
def desk(database: None) -> Iterator[None]:
    """The provider with the usual reminder schedule and a tax code, and the scope of staff."""
    with acting(Scope.all()):
        Provider.objects.create(pk=1, name="Bright MSP", reminder_days_before=3, reminder_days_after=[3, 14])
        TaxCode.objects.create(code="standard", name="Managed services")
        yield


@pytest.fixture
def north(desk: None) -> Customer:
    return customer("North Dental")


@pytest.fixture
def south(desk: None) -> Customer:
    return customer("South Law")


def customer(name: str, **fields: object) -> Customer:
    usual = {"country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR", "created_at": NOON}
    return Customer.objects.create(
        **{**usual, "number": name, "name": name, "emails": [f"ap@{name[:5]}.example"], **fields}
    )


def issued(
    owner: Customer,
    total: str,
    *,
    on: date = date(2026, 3, 1),
    due: date | None = None,
    kind: str = "invoice",
    currency: str = "EUR",
    corrects: Bill | None = None,
) -> Bill:
    """An issued bill over a total, as far as the till is concerned."""
    seller, _ = PartyCopy.objects.get_or_create(digest=b"provider".ljust(32), defaults={"content": {}})
    digest = str(owner.pk).encode().ljust(32)
    buyer, _ = PartyCopy.objects.get_or_create(digest=digest, defaults={"content": {}, "customer": owner})
    bill = Bill.objects.create(
        customer=owner,
        seller=seller,
        buyer=buyer,
        kind=kind,
        currency=currency,
        billing_date=on,
        net=Decimal(total),
        tax=0,
        total=Decimal(total),
        due_days=14,
        recipients=owner.emails,
        corrects=corrects,
        content_digest=b"0" * 32,
        calculated_at=NOON,
    )
    sequence = next(numbers)
    BillIssue.objects.create(
        bill=bill,
        customer=owner,
        kind=kind,
        year=on.year,
        sequence=sequence,
        number=f"{'INV' if kind == 'invoice' else 'CN'}-{sequence:05}",
        issued_on=on,
        due_on=due or on + timedelta(days=14),
        issued_at=NOON,
        issued_by="run",
        hash=b"1" * 32,
    )
    return bill
