"""Where devices come from: sources, their last syncs, what waits for a person, and how fresh each customer is."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.customers.queries import customer_list
from quarterday.inventory.actions import confirm_sync, reject_sync
from quarterday.inventory.queries import (
    customers_not_told_since,
    freshness,
    held_syncs,
    last_syncs,
    proposed_replacements,
    sources,
    sync_by_id,
    sync_row,
    sync_rows,
    sync_runs,
    unmapped_customers,
)
from quarterday.provider.queries import find_provider
from quarterday.web.acts import do
from quarterday.web.door import Request, found, page
from quarterday.web.inventory.words import SYNC_STATES, counted
from quarterday.web.paging import one_page

SYNCS_SHOWN = 20


@page()
def inventory(request: Request) -> HttpResponse:
    """The sources with their last sync, what waits for a decision, and the newest syncs."""
    if not request.scope.everything:
        return redirect("devices")  # syncs speak of all customers
    last = {row.source: row for row in sync_rows(last_syncs())}
    runs = sync_rows(sync_runs()[:SYNCS_SHOWN])
    context = {
        "sources": [{"source": source, "last": last.get(source.name)} for source in sources()],
        "held": sync_rows(held_syncs()),
        "unknown": list(unmapped_customers()[:6]),
        "proposed_count": proposed_replacements().count(),
        "syncs": [{"sync": run, "counts": counted(run.counts), "state": SYNC_STATES[run.state]} for run in runs],
        "zone": _zone(),
    }
    return TemplateResponse(request, "web/inventory/inventory.html", context)


@page()
def sync(request: Request, pk: int) -> HttpResponse:
    """One sync: what it changed, or why it is held, with the choice to confirm or to reject it."""
    if not request.scope.everything:
        raise Http404
    run = found(sync_by_id(pk))
    row = sync_row(run)
    context = {
        "sync": row,
        "counts": counted(row.counts),
        "state": SYNC_STATES[row.state],
        "run": run,
        "newer_known": run.summary.get("newer_known", []),
        "zone": _zone(),
    }
    return TemplateResponse(request, "web/inventory/sync.html", context)


@require_POST
@page(needs="inventory")
def confirm(request: Request, pk: int) -> HttpResponse:
    """The drop is real: apply a held sync."""
    do(
        request,
        lambda: confirm_sync(pk, now=request.now, by=request.actor),
        told=_("The sync is applied: the devices that it no longer names are gone."),
    )
    return redirect("sync", pk)


@require_POST
@page(needs="inventory")
def reject(request: Request, pk: int) -> HttpResponse:
    """The source was wrong: throw a held sync away."""
    do(
        request,
        lambda: reject_sync(pk, now=request.now, by=request.actor),
        told=_("The sync is rejected: nothing was changed."),
    )
    return redirect("sync", pk)


@page()
def fresh(request: Request) -> HttpResponse:
    """Up to when each source has told everything about each customer; bills wait for a source that fell silent."""
    provider = find_provider()
    limit = provider.feed_stale_days if provider else 3
    old_before = request.now - timedelta(days=limit)
    search, only_old = request.GET.get("q", ""), request.GET.get("old") == "yes"
    listed = customer_list(search=search)
    if only_old:
        listed = listed.filter(pk__in=customers_not_told_since(old_before).order_by().values("customer"))
    shown = one_page(request, lambda start, end: list(listed[start:end]))
    told: dict[int, list[dict[str, object]]] = {customer.pk: [] for customer in shown.rows}
    for row in freshness(list(told)):
        is_old = row.complete_at is None or row.complete_at < old_before
        days = (request.now - row.complete_at).days if row.complete_at else None
        told[row.customer_id].append({"feed": row, "is_old": is_old, "days": days})
    context = {
        "page": shown,
        "rows": [{"customer": customer, "feeds": told[customer.pk]} for customer in shown.rows],
        "search": search,
        "only_old": only_old,
        "limit": limit,
    }
    return TemplateResponse(request, "web/inventory/freshness.html", context)


def _zone() -> str:
    provider = find_provider()
    return provider.time_zone if provider else "UTC"
