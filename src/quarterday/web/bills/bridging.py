"""Why a bill differs from the one before it, or from any other of its customer: a table and a waterfall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.bills.queries import BillBridge, Unexplained, bridge_to, comparable_bills, find_bill
from quarterday.documents.bridge_words import ReasonWords, reason_words, signed
from quarterday.engine.bridge_steps import Reason
from quarterday.web.charts import Chart, waterfall_chart
from quarterday.web.digits import number_in
from quarterday.web.door import Request, found, page
from quarterday.web.sentences import in_readers_language
from quarterday.web.templatetags.quarterday import words


@dataclass(frozen=True, slots=True)
class ShownBridge:
    """A bridge as a page shows it; `trouble` says why there is none where there should be one."""

    bridge: BillBridge | None = None
    rows: Sequence[tuple[Reason, ReasonWords]] = ()
    difference: str = ""
    chart: Chart | None = None
    trouble: str = ""


@page()
def bridge(request: Request, pk: int) -> HttpResponse:
    """Why the bill differs from another: `?from=` names the other by its id."""
    row = found(find_bill(pk))
    chosen = request.GET.get("from", "")
    number = number_in(chosen)
    other = None if number is None else found(find_bill(number))
    shown = shown_bridge(row, other)
    others = [(bill_id, number, day, str(bill_id) == chosen) for bill_id, number, day in comparable_bills(row)]
    context = {"bill": row, "issue": getattr(row, "issue", None), "shown": shown, "others": others}
    return TemplateResponse(request, "web/bills/bridge.html", context)


def shown_bridge(bill: Any, other: Any = None) -> ShownBridge:
    """The bridge in the reader's words; an empty one where no bill is before this one."""
    try:
        told = bridge_to(bill, other)
    except Unexplained as refusal:
        return ShownBridge(trouble=" ".join(in_readers_language(problem.message) for problem in refusal.problems))
    if told is None:
        return ShownBridge()
    currency, language = told.bridge.currency, words()
    rows = [(reason, reason_words(reason, language, currency, told.device_names)) for reason in told.bridge.reasons]
    difference = signed(told.bridge.difference, language, currency)
    return ShownBridge(told, rows, difference, _chart(told, rows, difference) if rows else None)


def _chart(told: BillBridge, rows: Sequence[tuple[Reason, ReasonWords]], difference: str) -> Chart:
    """The same reasons drawn; each bar has the number that its row has."""
    currency, language = told.bridge.currency, words()
    steps = [(_("Before"), told.bridge.earlier)]
    steps += [(str(number), reason.amount) for number, (reason, _told) in enumerate(rows, start=1)]
    summary = "; ".join(f"{number}: {each.text} {each.amount}" for number, (_reason, each) in enumerate(rows, start=1))
    return waterfall_chart(
        "bridge",
        _("From %(before)s to %(now)s: %(difference)s")
        % {
            "before": language.money(told.bridge.earlier, currency),
            "now": language.money(told.bridge.later, currency),
            "difference": difference,
        },
        steps,
        show=lambda value: language.amount(value, currency),
        summary=summary,
    )
