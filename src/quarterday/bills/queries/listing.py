"""The list of bills: filters, orders, and pages that begin after a bill instead of counting rows, at any size.

Whether a bill is paid is known downstream: who lists what is open brings that room's condition along (`settled`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from django.db import connection

from quarterday.engine.money import digits_of, round_half_up
from quarterday.engine.periods import Period

Order = Literal["newest", "oldest", "due", "due_last", "amount", "amount_least", "customer", "customer_last"]
ORDERS: tuple[Order, ...] = get_args(Order)
PAGE = 50
COUNTED = 10_000
"""Beyond so many bills a list is only said to have more."""

MAIL_STATES = {
    "sent": ("sent",),
    "waiting": ("waiting", "queued", "sending", "deferred"),
    "failed": ("failed", "unclear"),
}
"""What a list can be filtered by, and the states of deliveries that it means; "none" are bills without a mail."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What another room knows about a bill `b` and its issue `i`: an SQL condition, with its values apart."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bills: issued ones, drafts that wait, or discarded ones, less what each field that is given leaves out.

    Each word of `search` is in the customer's name or number, or is the figure or beginning of the bill's number.
    `since` and `until` (the last day) are days of issue, of a draft its billing date.
    """

    state: str = "issued"
    customer_id: int | None = None
    search: str = ""
    kind: str = ""
    currency: str = ""
    since: date | None = None
    until: date | None = None
    sent: str = ""
    settled: Condition | None = None
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class BillRow:
    """A bill as the list shows it.

    `days` are those that it charges for, `cycles` are (every, unit), `adjustments` is the net of its other charges and
    discounts. `mail` is what became of its newest message: the worst state of any recipient, "" without a message.
    Without a number it is a draft, which waits for `holds`.
    """

    id: int
    customer_id: int
    customer: str
    customer_number: str
    time_zone: str
    kind: str
    currency: str
    billing_on: date
    net: Decimal
    tax: Decimal
    total: Decimal
    device_count: int
    number: str | None
    issued_on: date | None
    due_on: date | None
    is_discarded: bool
    days: Period | None
    plans: tuple[str, ...]
    cycles: tuple[tuple[int, str], ...]
    adjustments: Decimal
    mail: str
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BillPage:
    """Some rows of a list, and the places after and before which its neighbours lie; None at the list's ends."""

    rows: list[BillRow]
    next: str | None = None
    previous: str | None = None


def bill_page(
    wanted: Wanted,
    *,
    order: Order = "newest",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> BillPage:
    """A page of the list: its beginning, or the rows after (or before) a place that another page gave.

    Four queries at most, however long the list is. A place that the list does not know gives its beginning.
    """
    listed = _Listed(wanted, order)
    keys = listed.keys_of(after or before)
    is_backward = keys is not None and not after
    found = listed.ids(keys, is_backward=is_backward, limit=size + 1)
    has_more = len(found) > size
    found = found[:size]
    if is_backward:
        found.reverse()
    begins, ends = (not has_more, False) if is_backward else (keys is None, not has_more)
    rows = {row.id: row for row in bill_rows(found)}
    return BillPage(
        [rows[bill_id] for bill_id in found],
        next=None if ends or not found else str(found[-1]),
        previous=None if begins or not found else str(found[0]),
    )


def bill_rows(bill_ids: Sequence[int]) -> list[BillRow]:
    """These bills as the list shows them, in one query; ids that are out of scope are left out."""
    return [_row(*row) for row in _rows(_DETAILS, [list(bill_ids)])]


def count_bills(wanted: Wanted) -> int:
    """How many bills the list has; `COUNTED` + 1 for more than that."""
    return _Listed(wanted, "newest").count(COUNTED + 1)


def every_bill(wanted: Wanted) -> list[int]:
    """The ids of all bills of the list, oldest first, for an export."""
    return _Listed(wanted, "oldest").ids(None, is_backward=False, limit=None)


class _Listed:
    """One list of bills as SQL: where it reads, what it leaves out, how it is ordered."""

    def __init__(self, wanted: Wanted, order: Order) -> None:
        state = wanted.state if wanted.state in _SOURCES else "issued"
        self._has_number = state == "issued"
        keys, self._is_falling = _KEYS[order]
        # Only who orders by names reads the customers: ten thousand rows are counted in a third of the time without.
        customers = "JOIN customers_customer c ON c.id = b.customer_id" if "c.name" in keys else ""
        self._from = f"{_SOURCES[state]} {customers}"
        self._keys = tuple(key if self._has_number else _UNNUMBERED.get(key, key) for key in keys)
        self._conditions = list(_DRAFTS) if state == "draft" else []
        self._values: list[Any] = []
        self._leave_out(wanted)

    def ids(self, keys: Sequence[Any] | None, *, is_backward: bool, limit: int | None) -> list[int]:
        """The bills after some keys (or before them, nearest first)."""
        is_falling = self._is_falling != is_backward
        conditions, values = list(self._conditions), list(self._values)
        if keys is not None:
            marks = ", ".join(["%s"] * len(keys))
            conditions.append(f"({', '.join(self._keys)}) {'<' if is_falling else '>'} ({marks})")
            values += keys
        order = ", ".join(f"{key} {'DESC' if is_falling else 'ASC'}" for key in self._keys)
        # Every name in these statements is one of this file, and every value is apart.
        sql = f"SELECT b.id FROM {self._from} WHERE {_all(conditions)} ORDER BY {order} LIMIT %s"  # noqa: S608
        return [bill_id for (bill_id,) in _rows(sql, [*values, limit])]

    def keys_of(self, place: str | None) -> Sequence[Any] | None:
        """Where a bill stands in the order, whatever is left out; None if it is no bill of this kind of list."""
        if not place or not (place.isascii() and place.isdigit() and len(place) < 19):
            return None
        found = _rows(f"SELECT {', '.join(self._keys)} FROM {self._from} WHERE b.id = %s", [int(place)])  # noqa: S608
        return found[0] if found else None

    def count(self, limit: int) -> int:
        """How many, up to a limit."""
        sql = f"SELECT count(*) FROM (SELECT FROM {self._from} WHERE {_all(self._conditions)} LIMIT %s) listed"  # noqa: S608
        return int(_rows(sql, [*self._values, limit])[0][0])

    def _leave_out(self, wanted: Wanted) -> None:
        day = "i.issued_on" if self._has_number else "b.billing_date"
        if wanted.customer_id is not None:
            self._only("b.customer_id = %s", wanted.customer_id)
        if wanted.run_id is not None:
            self._only("b.run_id = %s", wanted.run_id)
        if wanted.kind:
            self._only("b.kind = %s", wanted.kind)
        if wanted.currency:
            self._only("b.currency = %s", wanted.currency.upper())
        if wanted.since is not None:
            self._only(f"{day} >= %s", wanted.since)
        if wanted.until is not None:
            self._only(f"{day} <= %s", wanted.until)
        if wanted.sent == "none":
            # Counted, so that only the few bills without addresses are looked up.
            self._only("b.recipients = '{}' AND 0 = (SELECT count(*) FROM bills_billmail m WHERE m.bill_id = b.id)")
        elif wanted.sent in MAIL_STATES:
            self._only(_MAILED, list(MAIL_STATES[wanted.sent]))
        if wanted.settled is not None and self._has_number:
            self._only(wanted.settled.sql, *wanted.settled.values)
        for word in wanted.search.replace("\0", "").split():
            self._search(word)

    def _search(self, word: str) -> None:
        text = _literal(word)
        found = _rows(
            "SELECT array_agg(id) FROM customers_customer WHERE name ILIKE %s OR number ILIKE %s", [f"%{text}%"] * 2
        )
        # An array keeps the two ways in one table's indexes; a subquery would be looked into for every bill.
        table = "i" if self._has_number else "b"
        ways, values = [f"{table}.customer_id = ANY (%s::bigint[])"], [found[0][0] or []]
        if self._has_number:
            ways.append("i.number LIKE %s")
            values.append(f"{text.upper()}%")
            if word.isascii() and word.isdigit() and len(word) < 10:
                ways.append("i.sequence = %s")
                values.append(int(word))
        self._only(f"({' OR '.join(ways)})", *values)

    def _only(self, condition: str, *values: Any) -> None:
        self._conditions.append(condition)
        self._values += values


_SOURCES = {
    "issued": "bills_billissue i JOIN bills_bill b ON b.id = i.bill_id",
    "draft": "bills_bill b",
    "discarded": "bills_billdiscard d JOIN bills_bill b ON b.id = d.bill_id",
}

# A draft has at least one hold, and most bills have none: that finds drafts without looking at every bill.
_DRAFTS = (
    """b.id IN (
        SELECT h.bill_id FROM bills_billhold h
        WHERE NOT EXISTS (SELECT FROM bills_billissue i WHERE i.bill_id = h.bill_id)
          AND NOT EXISTS (SELECT FROM bills_billdiscard d WHERE d.bill_id = h.bill_id))""",
)

_KEYS: dict[Order, tuple[tuple[str, ...], bool]] = {
    "newest": (("i.issued_on", "i.bill_id"), True),
    "oldest": (("i.issued_on", "i.bill_id"), False),
    "due": (("i.due_on", "i.bill_id"), False),
    "due_last": (("i.due_on", "i.bill_id"), True),
    "amount": (("b.total", "b.id"), True),
    "amount_least": (("b.total", "b.id"), False),
    "customer": (("c.name", "c.id", "b.id"), False),
    "customer_last": (("c.name", "c.id", "b.id"), True),
}
"""What an order goes by, and whether from the highest down."""

_UNNUMBERED = {"i.issued_on": "b.billing_date", "i.due_on": "b.billing_date", "i.bill_id": "b.id"}

_MAILED = """b.id IN (
    SELECT m.bill_id FROM bills_billmail m JOIN outbox_delivery d ON d.message_id = m.message_id
    WHERE d.state = ANY (%s))"""

_DETAILS = """
    SELECT b.id, b.customer_id, c.name, c.number, c.time_zone, b.kind, b.currency, b.billing_date,
           b.net, b.tax, b.total, b.device_count, i.number, i.issued_on, i.due_on, d.bill_id IS NOT NULL,
           l.starts_on, l.ends_on, l.plans, l.cycles, coalesce(l.adjustments, 0), mail.states, held.messages
    FROM bills_bill b
    JOIN customers_customer c ON c.id = b.customer_id
    LEFT JOIN bills_billissue i ON i.bill_id = b.id
    LEFT JOIN bills_billdiscard d ON d.bill_id = b.id
    LEFT JOIN LATERAL (
        SELECT min(own.start_on) AS starts_on, max(own.end_on) AS ends_on,
               array_agg(DISTINCT p.name::text) FILTER (WHERE p.id > 0) AS plans,
               array_agg(DISTINCT s.cycle_every || ' ' || s.cycle_unit) FILTER (WHERE s.id > 0) AS cycles,
               sum(own.net) FILTER (WHERE own.kind = 'adjustment') AS adjustments
        FROM bills_billline own
        LEFT JOIN subscriptions_subscription s ON s.id = own.subscription_id
        LEFT JOIN plans_plan p ON p.id = s.plan_id
        WHERE own.bill_id = b.id
    ) l ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT state::text) AS states FROM outbox_delivery
        WHERE message_id = (SELECT max(message_id) FROM bills_billmail WHERE bill_id = b.id)
    ) mail ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(message::text ORDER BY id) AS messages FROM bills_billhold WHERE bill_id = b.id
    ) held ON i.bill_id IS NULL
    WHERE b.id = ANY (%s)
    """

_WORST_FIRST = ("failed", "unclear", "deferred", "sending", "queued", "waiting", "cancelled", "sent")


def _row(*values: Any) -> BillRow:
    *told, starts_on, ends_on, plans, cycles, adjustments, states, holds = values
    digits = digits_of(told[6])
    # The tables keep three decimals; a bill has its currency's own.
    told[8:11] = [round_half_up(amount, digits) for amount in told[8:11]]
    told += [
        Period(starts_on, ends_on) if starts_on and ends_on else None,
        tuple(plans or ()),
        tuple((int(every), unit) for every, unit in (cycle.split() for cycle in cycles or ())),
        round_half_up(adjustments, digits),
        next((state for state in _WORST_FIRST if state in (states or ())), ""),
        tuple(holds or ()),
    ]
    return BillRow(*told)


def _literal(text: str) -> str:
    """Text in which LIKE sees no wildcard."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "true"


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
