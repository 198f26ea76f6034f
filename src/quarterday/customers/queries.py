"""Customers, their time zones over time, their contacts. All inside `acting(scope)`: what is not in it is not found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from quarterday.customers.models import Contact, Customer, ZoneChange
from quarterday.provider.tax import TaxPlace
from quarterday.shared.asking import Asking, question
from quarterday.shared.refusal import NotFound

__all__ = [
    "ZoneHistory",
    "contacts_of",
    "customer_list",
    "customers_by_id",
    "customers_named",
    "customers_with_zones",
    "find_customer",
    "get_customer",
    "tax_place",
    "zone_histories",
]

ORDERS = {"name": ("name", "pk"), "number": ("number",), "country": ("country", "name", "pk"), "newest": ("-pk",)}
"""How a list of customers can be sorted."""


def get_customer(number: str) -> Customer:
    """The customer of a number, such as C-0001; NotFound when the scope has none."""
    customer = Customer.objects.filter(number=number).first()
    if customer is None:
        raise NotFound("customer", f"{number!r} is not known: see `quarterday customers list`.")
    return customer


def find_customer(customer_id: int) -> Customer | None:
    """The customer of an id, or None when the scope has none."""
    return Customer.objects.filter(pk=customer_id).first()


def customers_by_id(customer_ids: Iterable[int]) -> dict[int, Customer]:
    """Many customers at once; ids that the scope does not contain are left out."""
    return Customer.objects.in_bulk(list(customer_ids))


def customers_named(wanted: Iterable[str]) -> list[Customer]:
    """Customers by number or exact name, in the order asked for, each once; NotFound names all that are missing."""
    asked = list(dict.fromkeys(wanted))
    found: dict[str, list[Customer]] = {}
    # PostgreSQL refuses the very question where a text in it has a NUL, which no name or number has.
    possible = [name for name in asked if "\0" not in name]
    for customer in Customer.objects.filter(Q(number__in=possible) | Q(name__in=possible)).order_by("pk"):
        found.setdefault(customer.number, []).insert(0, customer)
        found.setdefault(customer.name, []).append(customer)
    problems = [f"{name!r} is not known" for name in asked if name not in found]
    # A number is unique and comes first; only a name can mean several.
    problems += [
        f"{name!r} is the name of {len(found[name])} customers, say the number"
        for name in asked
        if name in found and found[name][0].number != name and len(found[name]) > 1
    ]
    if problems:
        raise NotFound("customer", f"{'; '.join(problems)}: see `quarterday customers list`.")
    return list({found[name][0].pk: found[name][0] for name in asked}.values())


def customer_list(*, search: str = "", archived: bool | None = False, order: str = "name") -> QuerySet[Customer]:
    """Customers by name, number, city, e-mail or tax number; archived ones only when asked for (None: both)."""
    listed = Customer.objects.order_by(*ORDERS.get(order, ORDERS["name"]))
    if archived is not None:
        listed = listed.filter(archived_on__isnull=not archived)
    for word in search.replace("\0", "").split():
        listed = listed.filter(
            Q(name__icontains=word)
            | Q(number__icontains=word)
            | Q(city__icontains=word)
            | Q(vat_id__icontains=word)
            | Q(emails__icontains=word)
        )
    return listed


def contacts_of(customer: Customer) -> QuerySet[Contact]:
    """The people to call there, by name."""
    return Contact.objects.filter(customer=customer).order_by("name", "pk")


def tax_place(customer: Customer) -> TaxPlace:
    """What tax depends on at this customer."""
    return TaxPlace(customer.country, customer.region, customer.tax_status, customer.vat_id, customer.name)


@dataclass(frozen=True, slots=True)
class ZoneHistory:
    """A customer's time zones over time."""

    current: str
    changes: tuple[tuple[date, str, str], ...] = ()
    """(from day, zone before, zone after), oldest first."""

    def on(self, day: date) -> str:
        """The zone of a period that starts on this day."""
        for from_on, _, after in reversed(self.changes):
            if from_on <= day:
                return after
        return self.changes[0][1] if self.changes else self.current


def zone_histories(customers: Iterable[Customer]) -> dict[int, ZoneHistory]:
    """Customer id -> its time zones over time, for many customers with one query."""
    known = list(customers)
    changes: dict[int, list[tuple[date, str, str]]] = {}
    for change in ZoneChange.objects.filter(customer__in=known).order_by("customer", "from_on"):
        changes.setdefault(change.customer_id, []).append((change.from_on, change.before, change.after))
    return {customer.pk: ZoneHistory(customer.time_zone, tuple(changes.get(customer.pk, ()))) for customer in known}


@question
def customers_with_zones(customer_ids: Collection[int] | None = None) -> Asking[list[tuple[Customer, ZoneHistory]]]:
    """Some customers, or all in scope, by name, each with its time zones over time; one query."""
    changes = ZoneChange.objects.filter(customer=OuterRef("pk")).order_by("from_on")
    change = JSONObject(from_on="from_on", before="before", after="after")
    customers = Customer.objects.annotate(zone_history=ArraySubquery(changes.values(change=change)))
    if customer_ids is not None:
        customers = customers.filter(pk__in=customer_ids)
    rows = yield customers.order_by("name", "pk")
    return [(customer, _history(customer, customer.zone_history)) for customer in rows]


def _history(customer: Customer, changes: Iterable[Mapping[str, str]]) -> ZoneHistory:
    told = ((date.fromisoformat(each["from_on"]), each["before"], each["after"]) for each in changes)
    return ZoneHistory(customer.time_zone, tuple(told))
