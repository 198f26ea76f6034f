"""What people decide about many drafts at once: each on its own, so that a refused one keeps none of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from quarterday.bills.actions import discard_bill, recount_bill, release_bill
from quarterday.bills.queries import find_bill
from quarterday.payments.actions import Proposal, waive_or_propose
from quarterday.web.digits import numbers_in
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form

ACTS = ("release", "recount", "discard", "waive")


@require_POST
@page(needs="bill")
def decide_many(request: Request) -> HttpResponse:
    """Release, recount or discard the drafts that were ticked, or discard them and never bill their periods."""
    ids = numbers_in(request.POST.getlist("draft"))
    act = request.POST.get("act", "release")
    if not ids or act not in ACTS:
        messages.error(request, _("Nothing was chosen: tick the bills, and say what becomes of them."))
        return redirect("bills_waiting")
    done: Counter[str] = Counter()
    for bill in [found(find_bill(pk)) for pk in ids]:
        form = Form(request.POST)
        outcome: list[str] = []

        def decide(bill: Any = bill, outcome: list[str] = outcome) -> None:
            outcome.append(_decide(request, act, bill))

        if form.attempt(decide):
            done[outcome[0]] += 1
        # A refusal of a single field belongs to no field here.
        for problems in form.errors.values():
            for problem in problems:
                messages.error(request, f"{bill.customer.name}: {problem}")
    for outcome_name, count in done.items():
        level = messages.warning if outcome_name == "agreed" else messages.success
        level(request, _TOLD[outcome_name](count) % {"n": count})
    return redirect("bills_waiting")


def _decide(request: Request, act: str, bill: Any) -> str:
    """Do it; answers what came of it."""
    how: dict[str, Any] = {"now": request.now, "by": request.actor}
    if act == "release":
        return "agreed" if release_bill(bill, **how) is None else "released"
    if act == "recount":
        return "settled" if recount_bill(bill, **how) is None else "recounted"
    if act == "discard":
        discard_bill(bill, **how)
        return "discarded"
    waived = waive_or_propose(bill, reason=request.POST.get("waive_reason", ""), **how)
    return "agreed" if isinstance(waived, Proposal) else "waived"


_TOLD: dict[str, Callable[[int], str]] = {
    "released": lambda n: ngettext("%(n)d bill is issued.", "%(n)d bills are issued.", n),
    "agreed": lambda n: ngettext("%(n)d needs another person, too.", "%(n)d need another person, too.", n),
    "recounted": lambda n: ngettext("%(n)d bill was counted anew.", "%(n)d bills were counted anew.", n),
    "settled": lambda n: ngettext("Of %(n)d nothing is due any more.", "Of %(n)d nothing is due any more.", n),
    "discarded": lambda n: ngettext(
        "%(n)d draft is discarded. The next run bills its periods again.",
        "%(n)d drafts are discarded. The next run bills their periods again.",
        n,
    ),
    "waived": lambda n: ngettext(
        "%(n)d draft is discarded, and its periods are never billed.",
        "%(n)d drafts are discarded, and their periods are never billed.",
        n,
    ),
}
