"""Erase a customer's personal data: look first, then forget for ever what no law makes us keep.

Issued bills and payments stay as they are. The audit trail keeps who did what and when; its words are taken out, and
the seals over the entries that changed are noted with their new digests in the erasure's own entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from quarterday.accounts.models import Assignment, Role, User
from quarterday.customers.models import Customer
from quarterday.engine.money import in_currency
from quarterday.payments.queries import balances
from quarterday.shared.refusal import Problem, refuse_if
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.upkeep.privacy.places import PLACES, Place
from quarterday.upkeep.seals import ERASED, digests_over, hold_seals

_WORDS_IN_THE_TRAIL = """
    UPDATE shared_auditentry SET
        subject_name = CASE WHEN subject_kind ~ '^(bills|payments)[.]' THEN subject_name ELSE 'Erased' END,
        details = '{}'
    WHERE customer_id = %(customer)s AND verb <> %(erased)s
      AND (subject_kind !~ '^(bills|payments)[.]' OR details::text ~ '@')
    RETURNING id
    """
"""Entries about bills and payments belong to the books, unless they say to which address something went."""

_NAMES_IN_THE_TRAIL = """
    UPDATE shared_auditentry SET
        actor_name = CASE WHEN user_id = ANY (%(users)s) THEN 'Erased user ' || user_id ELSE actor_name END,
        address = CASE WHEN user_id = ANY (%(users)s) THEN '' ELSE address END,
        subject_name = CASE WHEN subject_kind = 'accounts.User' AND subject_id = ANY (%(users)s)
                            THEN 'Erased user ' || subject_id ELSE subject_name END,
        details = CASE WHEN subject_kind = 'accounts.User' AND subject_id = ANY (%(users)s) THEN '{}' ELSE details END
    WHERE user_id = ANY (%(users)s) OR (subject_kind = 'accounts.User' AND subject_id = ANY (%(users)s))
    RETURNING id
    """

_NAMES_IN_SYNCS = """
    UPDATE shared_auditentry SET details = '{}'
    WHERE subject_kind = 'inventory.SyncRun' AND details::text ILIKE ANY (%(names)s) RETURNING id
    """

_SYNCS = """
    UPDATE inventory_syncrun SET summary = summary - 'customers' - 'drops' - 'newer_known'
    WHERE summary::text ILIKE ANY (%(names)s)
    """

_TRACES_OF_USERS = (
    "UPDATE account_emailaddress SET email = 'erased-' || user_id || '@erased.invalid' WHERE user_id = ANY (%(users)s)",
    "DELETE FROM mfa_authenticator WHERE user_id = ANY (%(users)s)",
    "DELETE FROM axes_accessattempt WHERE username = ANY (%(emails)s)",
    "DELETE FROM axes_accesslog WHERE username = ANY (%(emails)s)",
    "DELETE FROM axes_accessfailurelog WHERE username = ANY (%(emails)s)",
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure takes out: how many rows of what; and how many issued bills and payments stay."""

    taken: Sequence[tuple[str, int]]
    user_count: int
    bill_count: int
    payment_count: int


def preview_erasure(customer: Customer) -> Erasure:
    """What an erasure would take out and leave; Refused with everything that stands against it."""
    refuse_if(_obstacles(customer))
    *counts, bill_count, payment_count = _counts(
        customer,
        *(f"{place.table} WHERE {place.whose}" for place in PLACES),
        "bills_billissue WHERE customer_id = %(customer)s",
        "payments_payment WHERE customer_id = %(customer)s",
    )
    return Erasure(
        [(place.what, count) for place, count in zip(PLACES, counts, strict=True) if count],
        user_count=len(_own_users(customer)),
        bill_count=bill_count,
        payment_count=payment_count,
    )


def erase_customer(customer: Customer, *, by: Actor, now: datetime) -> Erasure:
    """Take a customer's personal data out for ever; Refused as in the preview. It cannot be taken back.

    Backups taken before still hold the data, until they are thrown away.
    """
    current = Customer.objects.select_for_update().get(pk=customer.pk)
    hold_seals()
    erased = preview_erasure(current)
    users = _own_users(current)
    names = [f"%{_escaped(name)}%" for name in _names_in_sources(current)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('quarterday.erasing', 'on', true)")
        for place in PLACES:
            cursor.execute(_statement(place), {"customer": current.pk})
        cursor.execute(_WORDS_IN_THE_TRAIL, {"customer": current.pk, "erased": ERASED})
        changed = [row[0] for row in cursor.fetchall()]
        if names:
            cursor.execute(_SYNCS, {"names": names})
            cursor.execute(_NAMES_IN_SYNCS, {"names": names})
            changed += [row[0] for row in cursor.fetchall()]
        changed += _forget_users(users)
        cursor.execute("SELECT set_config('quarterday.erasing', '', true)")
    current.refresh_from_db()
    details = {"rows": dict(erased.taken), "users": erased.user_count, "seals": digests_over(changed)}
    record(by, ERASED, current, at=now, details=details)
    return erased


def _open_amounts(customer: Customer) -> list[tuple[str, Decimal]]:
    return [
        (currency, in_currency(balance.amount, currency))
        for (_, currency), balance in sorted(balances([customer.pk]).items())
        if balance.amount
    ]


def _obstacles(customer: Customer) -> list[Problem]:
    waiting, drafts = _counts(
        customer,
        "outbox_delivery WHERE customer_id = %(customer)s AND state IN ('waiting', 'queued', 'sending', 'deferred')",
        "bills_bill b WHERE b.customer_id = %(customer)s"
        " AND NOT EXISTS (SELECT FROM bills_billissue i WHERE i.bill_id = b.id)"
        " AND NOT EXISTS (SELECT FROM bills_billdiscard d WHERE d.bill_id = b.id)",
    )
    problems = []
    if customer.archived_on is None:
        problems.append(Problem("customer", f"{customer} is not archived: end its plans and archive it first."))
    problems += [
        Problem("customer", f"The account of {customer} in {currency} is not settled: {amount} is open.")
        for currency, amount in _open_amounts(customer)
    ]
    if drafts:
        problems.append(Problem("customer", f"{drafts} bills of {customer} wait for review: release or discard them."))
    if waiting:
        problems.append(Problem("customer", f"{waiting} mails to {customer} are on their way: wait, or cancel them."))
    return problems


def _own_users(customer: Customer) -> list[int]:
    """Users of the customer: those who see it and nobody else."""
    assigned = Assignment.objects.filter(customer=customer.pk).values("user")
    elsewhere = Assignment.objects.exclude(customer=customer.pk).values("user")
    own = User.objects.filter(pk__in=assigned, role__in=[Role.CUSTOMER_ADMIN, Role.CONTACT]).exclude(pk__in=elsewhere)
    return sorted(own.values_list("pk", flat=True))


def _forget_users(users: Sequence[int]) -> list[int]:
    """Close the users, and take their names out; the ids of the audit entries that changed."""
    if not users:
        return []
    values: dict[str, list[Any]] = {
        "users": list(users),
        "emails": list(User.objects.filter(pk__in=users).values_list("email", flat=True)),
    }
    with connection.cursor() as cursor:
        for statement in _TRACES_OF_USERS:
            cursor.execute(statement, values)
        cursor.execute(_NAMES_IN_THE_TRAIL, values)
        changed = [row[0] for row in cursor.fetchall()]
    for user in User.objects.filter(pk__in=users):
        user.name, user.email, user.is_active = f"Erased user {user.pk}", f"erased-{user.pk}@erased.invalid", False
        user.set_unusable_password()
        user.save()
    return changed


def _names_in_sources(customer: Customer) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_name FROM inventory_customermapping WHERE customer_id = %s"
            " UNION SELECT external_id FROM inventory_customermapping WHERE customer_id = %s",
            [customer.pk, customer.pk],
        )
        return sorted({customer.name, *(row[0] for row in cursor.fetchall())})


def _escaped(text: str) -> str:
    """Text as LIKE takes it, as it stands within JSON."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _counts(customer: Customer, *rows: str) -> list[int]:
    """How many rows each of these has ("table WHERE condition"), with one query."""
    counts = ", ".join(f"(SELECT count(*) FROM {wanted})" for wanted in rows)  # noqa: S608  # this file's own words
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", {"customer": customer.pk})
        return [int(count) for count in cursor.fetchone()]


def _statement(place: Place) -> str:
    if not place.columns:
        return f"DELETE FROM {place.table} WHERE {place.whose}"  # noqa: S608  # PLACES' own words
    changes = ", ".join(f"{column} = {words}" for column, words in place.columns.items())
    return f"UPDATE {place.table} SET {changes} WHERE {place.whose}"  # noqa: S608  # PLACES' own words
