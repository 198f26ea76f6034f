"""Devices: the list, and one device with its stays, what was known of them when, and what people agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.customers.queries import customers_named
from quarterday.inventory.queries import (
    device_by_id,
    device_list,
    device_rows,
    device_stays,
    exceptions_of,
    replacements_of,
    told_until,
)
from quarterday.provider.queries import find_provider
from quarterday.shared.refusal import NotFound
from quarterday.web.class_names import class_names
from quarterday.web.customers.choosing import customer_options
from quarterday.web.days import day_asked
from quarterday.web.door import Request, found, page
from quarterday.web.inventory.timeline import timeline
from quarterday.web.inventory.words import BECAUSE, WHY
from quarterday.web.paging import one_page

THERE = {"now": True, "gone": False, "all": None}


@page()
def devices(request: Request) -> HttpResponse:
    """Devices by customer and name; filters live in the address."""
    chosen = {name: request.GET.get(name, "") for name in ("q", "class", "customer", "there")}
    customer, unknown_customer = _customer_named(chosen["customer"])
    provider = find_provider()
    today = request.today(provider.time_zone if provider else "UTC")
    listed = device_list(
        customer_id=customer.pk if customer else None,
        search=chosen["q"],
        device_class=chosen["class"],
        present=THERE.get(chosen["there"], True),
    )
    if unknown_customer:
        listed = listed.none()
    shown = one_page(request, lambda start, end: device_rows(listed[start:end], today=today))
    context = {
        "page": shown,
        "chosen": chosen,
        "is_filtered": any(chosen.values()),
        "unknown_customer": unknown_customer,
        "classes": class_names(),
        "options": customer_options(),
    }
    return TemplateResponse(request, "web/inventory/devices.html", context)


@page()
def device(request: Request, pk: int) -> HttpResponse:
    """One device: its stays as a timeline, every row of the ledger with when it was known, and what can be done."""
    row = found(device_by_id(pk))
    zone = row.customer.time_zone
    today = request.today(zone)
    everything = device_stays(row, with_corrected=True)
    known_on = day_asked(request, "known")
    stays = [stay for stay in everything if stay.known_until is None]
    if known_on:
        at = datetime.combine(known_on + timedelta(days=1), datetime.min.time(), UTC)
        stays = [stay for stay in everything if stay.known_from < at and (stay.known_until or at) >= at]
    now = next((stay for stay in everything if stay.known_until is None and stay.end is None), None)
    classes = class_names()
    context = {
        "device": row,
        "zone": zone,
        "today": today,
        "now": now,
        "last_seen_at": told_until(row) if now else None,
        "timeline": timeline(stays, today=today, class_names=classes),
        "stays": stays,
        "ledger": everything,
        "known_on": known_on,
        "replacements": list(replacements_of(row)),
        "exceptions": [{"exception": each, "is_now": today in each.valid} for each in exceptions_of(row)],
        "classes": classes,
        "why": WHY,
        "because": BECAUSE,
    }
    return TemplateResponse(request, "web/inventory/device.html", context)


def _customer_named(wanted: str) -> tuple[Any, str]:
    """The customer of a filter, or what was written where there is none."""
    if not wanted.strip():
        return None, ""
    try:
        (customer,) = customers_named([wanted.strip()])
    except NotFound:
        return None, wanted
    return customer, ""
