"""Customers: the list, and a customer's pages: overview, bills, details."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterday.bills.queries import Wanted, bill_page, drafts_to_review, next_billing_dates
from quarterday.customers.queries import ORDERS, contacts_of, customer_list, find_customer
from quarterday.inventory.queries import counts_on
from quarterday.payments.queries import balances, open_invoices, settlements
from quarterday.provider.queries import find_provider
from quarterday.subscriptions.queries import adjustment_list, subscriptions_for
from quarterday.web.charts import Series, bar_chart, month_label
from quarterday.web.class_names import class_names
from quarterday.web.customers.choosing import customer_options
from quarterday.web.customers.forms import TAX, country_name, language_name
from quarterday.web.days import month_starts
from quarterday.web.door import Request, found, page
from quarterday.web.paging import one_page
from quarterday.web.plans.words import cycle_in_words
from quarterday.web.templatetags.quarterday import words

SORTS = {
    "name": gettext_lazy("Name"),
    "number": gettext_lazy("Number"),
    "country": gettext_lazy("Country"),
    "newest": gettext_lazy("Newest first"),
}


@page()
def customers(request: Request) -> HttpResponse:
    """Everybody who is billed, with what people ask first: devices, plans, balance, next bill."""
    search, archived = request.GET.get("q", ""), request.GET.get("archived") == "yes"
    order = request.GET.get("sort", "name")
    listed = customer_list(search=search, archived=archived, order=order)
    shown = one_page(request, lambda start, end: list(listed[start:end]))
    ids = [customer.pk for customer in shown.rows]
    today = request.today(_provider_zone())
    counts: dict[int, int] = {}
    for row in counts_on(ids, [today]):
        counts[row.customer_id] = counts.get(row.customer_id, 0) + row.device_count
    plans, money, next_bills = subscriptions_for(ids), balances(ids), next_billing_dates(ids)
    context = {
        "page": shown,
        "rows": [
            {
                "customer": customer,
                "devices": counts.get(customer.pk, 0),
                "plans": sorted({each.plan.name for each in _serving(plans.get(customer.pk, []), today)}),
                "balances": [money[key] for key in money if key[0] == customer.pk],
                "next_on": min(next_bills.get(customer.pk, {}).values(), default=None),
            }
            for customer in shown.rows
        ],
        "search": search,
        "archived": archived,
        "sort": order if order in ORDERS else "name",
        "sorts": SORTS,
        "today": today,
    }
    return TemplateResponse(request, "web/customers/customers.html", context)


@page()
def options(request: Request) -> HttpResponse:
    """What a customer field offers while somebody types."""
    typed = next((str(value) for value in request.GET.values()), "")
    return TemplateResponse(request, "web/customers/_options.html", {"options": customer_options(typed)})


@page()
def customer(request: Request, pk: int) -> HttpResponse:
    """A customer at a glance: devices now and over time, plans, what is open."""
    row = found(find_customer(pk))
    today = request.today(row.time_zone)
    classes = class_names()
    days = month_starts(today)
    counts: dict[str, dict[date, int]] = {}
    for count in counts_on([row.pk], [*days, today]):
        counts.setdefault(count.device_class, {})[count.day] = count.device_count
    keys = [key for key in classes if key in counts] + [key for key in counts if key not in classes]
    next_bills = next_billing_dates([row.pk]).get(row.pk, {})
    subscriptions = subscriptions_for([row.pk]).get(row.pk, [])
    context = {
        "customer": row,
        "tab": "overview",
        "today": today,
        "clock": f"{request.now.astimezone(ZoneInfo(row.time_zone)):%H:%M}",
        "now": [(classes.get(key, key), counts[key].get(today, 0), key) for key in keys],
        "device_count": sum(on.get(today, 0) for on in counts.values()),
        "chart": bar_chart(
            "devices",
            _("Devices on the first day of each month, and today"),
            [*map(month_label, days), _("today")],
            [Series(classes.get(key, key), [counts[key].get(day, 0) for day in [*days, today]]) for key in keys],
        )
        if keys
        else None,
        "own_query": f"?customer={row.pk}",
        "plans": [
            {
                "subscription": each,
                "cycle": cycle_in_words(each.cycle_every, each.cycle_unit),
                "next_on": next_bills.get(each.pk),
                "is_over": each.ends_on is not None and each.ends_on <= today,
                "begins_later": each.starts_on > today,
            }
            for each in reversed(subscriptions)
        ],
        "balances": _balances(row),
        "open": open_invoices([row.pk], on=today),
        "next_on": min(next_bills.values(), default=None),
    }
    return TemplateResponse(request, "web/customers/customer.html", context)


@page()
def bills(request: Request, pk: int) -> HttpResponse:
    """A customer's bills with their status, its drafts, and its other charges and discounts."""
    row = found(find_customer(pk))
    today = request.today(row.time_zone)
    issued = bill_page(Wanted(customer_id=row.pk), after=request.GET.get("before"), before=request.GET.get("after"))
    status = settlements([bill.id for bill in issued.rows], on=today)
    context = {
        "customer": row,
        "tab": "bills",
        "today": today,
        "drafts": list(drafts_to_review().filter(customer=row)),
        "bills": [{"bill": bill, "standing": status.get(bill.id)} for bill in issued.rows],
        "older": issued.next,
        "newer": issued.previous,
        "charges": list(adjustment_list(customer_id=row.pk, cancelled=None)[:100]),
    }
    return TemplateResponse(request, "web/customers/bills.html", context)


@page()
def details(request: Request, pk: int) -> HttpResponse:
    """A customer's address, tax, references and settings, and its contacts."""
    row, provider = found(find_customer(pk)), find_provider()
    context = {
        "customer": row,
        "tab": "details",
        "contacts": list(contacts_of(row)),
        "country": country_name(row.country),
        "language": language_name(row.language),
        "tax": dict(TAX)[row.tax_status],
        "reminders": _reminders(row, provider),
        "late_fee": _late_fee(row, provider),
    }
    return TemplateResponse(request, "web/customers/details.html", context)


def _reminders(customer: Any, provider: Any) -> str:
    """When the customer is reminded, its own days before those of all customers."""
    before, after = customer.reminder_days_before, customer.reminder_days_after
    if provider is not None:
        before = provider.reminder_days_before if before is None else before
        after = provider.reminder_days_after if after is None else after
    told = [] if before is None else [_("%(days)s days before a bill is due") % {"days": before}]
    if after:
        told.append(_("%(days)s days after") % {"days": ", ".join(map(str, after))})
    return "; ".join(told) or _("none")


def _late_fee(customer: Any, provider: Any) -> str:
    """What the customer is charged for paying late: its own, or that of all customers."""
    is_spared = not customer.late_fees or not customer.reminders or customer.direct_debit
    if provider is None or provider.late_fee_days is None or is_spared:
        return _("none")
    owner = provider if customer.late_fee_amount is None and customer.late_fee_percent is None else customer
    if owner.late_fee_percent is not None:
        fee = _("%(percent)s of what is open") % {"percent": words().percent(owner.late_fee_percent)}
    else:
        fee = words().money(owner.late_fee_amount, customer.currency)
    return _("%(fee)s, %(days)s days after a bill is due") % {"fee": fee, "days": provider.late_fee_days}


def _serving(subscriptions: list[Any], on: date) -> list[Any]:
    return [each for each in subscriptions if each.starts_on <= on and (each.ends_on is None or each.ends_on > on)]


def _balances(customer: Any) -> list[dict[str, Any]]:
    """The customer's balance in each currency, at least in its own."""
    money = {currency: balance.amount for (_pk, currency), balance in balances([customer.pk]).items()}
    return [
        {"currency": currency, "amount": amount}
        for currency, amount in {customer.currency: Decimal(0), **money}.items()
    ]


def _provider_zone() -> str:
    provider = find_provider()
    return provider.time_zone if provider else "UTC"
