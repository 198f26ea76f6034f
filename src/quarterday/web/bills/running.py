"""Generate bills now: first what would be billed, compared with last time; then the run, watched while it works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Thread

import structlog
from django.db import connections, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from quarterday.bills.queries import Wanted, beside_last, bill_page, last_bills, last_runs
from quarterday.bills.run import run_billing
from quarterday.bills.running import carry_out, open_run, progress_of
from quarterday.customers.addressing import addresses_missing_for
from quarterday.provider.queries import find_provider
from quarterday.shared.asking import together
from quarterday.shared.scope import Actor
from quarterday.web.bills.forms import RunForm
from quarterday.web.customers.choosing import customer_options
from quarterday.web.door import Request, found, page
from quarterday.web.plans.choices import provider_zone, zone_of

LISTED = 200
"""How many bills to come are listed one by one; those that are held, and those that changed most, come first."""

log = structlog.get_logger(__name__)


@page(needs="bill")
def dry_run(request: Request) -> HttpResponse:
    """What a run would bill at this moment; agreed to, it is started."""
    data = request.POST if request.method == "POST" else {"customer": request.GET.get("customer", "")}
    form = RunForm(data)
    if not form.is_valid():
        return TemplateResponse(request, "web/bills/run.html", {"form": form, "options": customer_options()})
    customer, confirmed = form.cleaned_data["customer"], form.cleaned_data["confirmed"]
    chosen = [customer.pk] if customer else None
    report = run_billing(at=request.now, by=request.actor, customers=chosen, dry=True, confirmed=confirmed)
    form.digests = [bill.content_digest for bill in report.bills]
    if form.is_agreed:
        # Committed before the thread looks for it.
        run = form.look(lambda: open_run(now=request.now, by=request.actor))
        if run is not None:
            _start_when_kept(run.pk, request, customers=chosen, confirmed=confirmed)
            return redirect("billing_run", run.pk)
    last, runs, options, provider, missing = together(
        last_bills.asked(bill.customer_id for bill in report.bills),
        last_runs.asked(5),
        customer_options.asked(),
        find_provider.asked(),
        addresses_missing_for.asked({bill.customer_id for bill in report.bills}),
    )
    context = {
        "form": form,
        "options": options,
        "report": report,
        "rows": beside_last(report.bills, last)[:LISTED],
        "more": max(len(report.bills) - LISTED, 0),
        "totals": sorted(report.totals().items()),
        "held_totals": sorted(report.held_totals().items()),
        "missing": missing if report.bills else None,
        "runs": runs,
        "zone": zone_of(provider),
    }
    return TemplateResponse(request, "web/bills/run.html", context)


@page(needs="bill")
def progress(request: Request, pk: int) -> HttpResponse:
    """How far a run is; the page asks again until it is over, by script or by reloading."""
    run = found(progress_of(pk))
    context = {
        "run": run,
        "is_silent": run.is_silent(request.now),
        "goes_on": not run.is_over and not run.is_silent(request.now),
        "issued": bill_page(Wanted(run_id=pk), size=20),
        "held": bill_page(Wanted("draft", run_id=pk), size=20),
        "zone": provider_zone(),
    }
    part = "_progress" if request.htmx else "progress"
    return TemplateResponse(request, f"web/bills/{part}.html", context)


def _start_when_kept(run_id: int, request: Request, *, customers: Sequence[int] | None, confirmed: bool) -> None:
    at, by = request.now, request.actor

    def start() -> None:
        # Not a daemon: a server that is stopped lets the chunk that it is in the middle of finish.
        Thread(target=_carry_out, args=(run_id, at, by, customers, confirmed), name=f"run-{run_id}").start()

    transaction.on_commit(start)


def _carry_out(run_id: int, at: datetime, by: Actor, customers: Sequence[int] | None, confirmed: bool) -> None:
    """The run itself, in a thread with a connection of its own."""
    try:
        carry_out(run_id, at=at, by=by, clock=lambda: datetime.now(UTC), customers=customers, confirmed=confirmed)
    except Exception as error:
        log.error("run ended", run=run_id, error=f"{type(error).__name__}: {error}")
    finally:
        connections.close_all()
