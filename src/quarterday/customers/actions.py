"""Add, change and archive customers and their contacts. Each act leaves an audit entry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from quarterday.customers.fields import checked_customer
from quarterday.customers.models import Contact, Customer, ZoneChange
from quarterday.engine.periods import local_date
from quarterday.provider import checks
from quarterday.provider.checks import Check, checked, optional, text
from quarterday.provider.editing import ChangedMeanwhile, save_changes
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import entry, record

__all__ = [
    "ChangedMeanwhile",
    "add_contact",
    "add_customer",
    "add_customers",
    "change_contact",
    "change_customer",
    "mark_archived",
    "remove_contact",
    "restore_customer",
]


def add_customer(*, by: Actor, now: datetime, **fields: Any) -> Customer:
    """Add one customer: name, country, time_zone and currency are needed; without a number it gets the next C-0001.

    Refused names every field that is wrong.
    """
    try:
        return add_customers([fields], by=by, now=now)[0]
    except Refused as refused:
        problems = [Problem(problem.field.removeprefix("row 1, "), problem.message) for problem in refused.problems]
        raise Refused(problems=problems) from None


def add_customers(rows: Sequence[Mapping[str, Any]], *, by: Actor, now: datetime) -> list[Customer]:
    """Add many customers in one act, all or none; a problem's field says the row: "row 3, vat_id"."""
    problems: list[Problem] = []
    kept: list[dict[str, Any]] = []
    for row, fields in enumerate(rows, start=1):
        given = {name: value for name, value in fields.items() if name != "number" or value}
        try:
            kept.append(checked_customer(given))
        except Refused as refused:
            problems += [Problem(f"row {row}, {problem.field}", problem.message) for problem in refused.problems]
    if problems:
        raise Refused(problems=problems)
    _lock_numbers()
    _refuse_taken_numbers(kept)
    numbers = iter(_free_numbers(sum("number" not in fields for fields in kept)))
    added = Customer.objects.bulk_create(
        Customer(created_at=now, **{**fields, "number": fields.get("number") or next(numbers)}) for fields in kept
    )
    AuditEntry.objects.bulk_create(entry(by, "added", customer, at=now) for customer in added)
    return added


def change_customer(
    customer: Customer, *, by: Actor, now: datetime, seen: int | None = None, **changes: Any
) -> dict[str, Any]:
    """Change a customer; the answer is field -> [before, after]. Issued bills keep what they say.

    A time zone counts from the next period. The currency is not changed here, because plans and charges are agreed in
    it (see subscriptions). `seen` is the revision that the person looked at; ChangedMeanwhile if somebody was quicker.
    """
    if changes.get("currency", customer.currency) != customer.currency:
        raise Refused("currency", "cannot be changed among other fields: it is an act of its own.")
    together = ("vat_id", "tax_status", "country", "late_fee_amount", "late_fee_percent")
    current = {name: getattr(customer, name) for name in together}
    kept = checked_customer(changes, current=current)
    if kept.get("number", customer.number) != customer.number:
        _lock_numbers()
        _refuse_taken_numbers([kept])
    before = customer.time_zone
    told = save_changes(customer, kept, seen=seen)
    if "time_zone" in told:
        _change_zone(customer, before=before, now=now)
    if told:
        record(by, "changed", customer, at=now, details=told)
    return told


def change_currency(customer: Customer, *, currency: str, by: Actor, now: datetime) -> None:
    """Bill a customer in another currency. Call it through subscriptions, which knows what is agreed in the old one."""
    kept = checked({"currency": currency}, {"currency": checks.checked_currency})
    if told := save_changes(customer, kept):
        record(by, "changed", customer, at=now, details=told)


def mark_archived(customer: Customer, *, on: date, by: Actor, now: datetime) -> None:
    """Put a customer away; its bills stay. Call it through subscriptions, which knows whether it is still served."""
    if customer.archived_on is not None:
        raise Refused("", f"{customer} is archived already.")
    save_changes(customer, {"archived_on": on})
    record(by, "archived", customer, at=now, details={"on": str(on)})


def restore_customer(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Bring an archived customer back."""
    if customer.archived_on is None:
        raise Refused("", f"{customer} is not archived.")
    save_changes(customer, {"archived_on": None})
    record(by, "restored", customer, at=now)


def add_contact(customer: Customer, *, by: Actor, now: datetime, **fields: Any) -> Contact:
    """Add a person to call: name, and perhaps email, phone, role."""
    kept = checked({"name": "", **fields}, _CONTACT_FIELDS)
    contact = Contact.objects.create(customer=customer, **kept)
    record(by, "added a contact to", customer, at=now, details=kept)
    return contact


def change_contact(contact: Contact, *, by: Actor, now: datetime, **changes: Any) -> None:
    """Change a contact's name, email, phone or role."""
    kept = checked(changes, _CONTACT_FIELDS)
    for field, value in kept.items():
        setattr(contact, field, value)
    contact.save(update_fields=list(kept))
    record(by, "changed a contact of", contact.customer, at=now, details=kept)


def remove_contact(contact: Contact, *, by: Actor, now: datetime) -> None:
    """Forget a contact."""
    record(by, "removed a contact of", contact.customer, at=now, details={"name": contact.name})
    contact.delete()


_CONTACT_FIELDS: dict[str, Check] = {
    "name": text(200, required=True),
    "email": lambda value: optional(checks.checked_email)(value) or "",
    "phone": text(60),
    "role": text(120),
}


def _change_zone(customer: Customer, *, before: str, now: datetime) -> None:
    # A period that starts on the day of the change, in either zone, has begun: the change waits for the one after it.
    from_on = max(local_date(now, before), local_date(now, customer.time_zone)) + timedelta(days=1)
    change, is_new = ZoneChange.objects.get_or_create(
        customer=customer, from_on=from_on, defaults={"before": before, "after": customer.time_zone}
    )
    if is_new:
        return
    if change.before == customer.time_zone:
        change.delete()
    else:
        change.after = customer.time_zone
        change.save(update_fields=["after"])


def _lock_numbers() -> None:
    """Two people who add customers at once get different numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('quarterday.customer_numbers'))")


def _refuse_taken_numbers(rows: Iterable[Mapping[str, Any]]) -> None:
    given = Counter(fields["number"] for fields in rows if "number" in fields)
    taken = set(Customer.objects.filter(number__in=given).values_list("number", flat=True))
    problems = [
        Problem("number", f"{number!r} is taken: choose another, or leave it out to get the next one.")
        for number, times in given.items()
        if number in taken or times > 1
    ]
    if problems:
        raise Refused(problems=problems)


def _free_numbers(count: int) -> list[str]:
    if not count:
        return []
    used = Customer.objects.filter(number__regex=r"^C-\d{1,9}$").values_list("number", flat=True)
    last = max((int(re.sub(r"\D", "", number)) for number in used), default=0)
    return [f"C-{number:04d}" for number in range(last + 1, last + 1 + count)]
