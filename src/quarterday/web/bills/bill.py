"""One bill: the paper beside its explanation, what became of it, and the proof that it can be calculated again."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.queries import (
    find_bill,
    history_of,
    numbers_of,
    recompute,
    shown_lines,
    shown_taxes,
)
from quarterday.bills.stored import stored_facts
from quarterday.payments.queries import settled_by, settlements, waiting_about
from quarterday.web.bills.bridging import shown_bridge
from quarterday.web.bills.words import consequence_of_release, days_present, events, line_in_words
from quarterday.web.door import Request, found, page
from quarterday.web.templatetags.quarterday import words


@page()
def bill(request: Request, pk: int) -> HttpResponse:
    """The bill as on paper beside where each line comes from."""
    return TemplateResponse(request, "web/bills/bill.html", _context(request, pk))


@page()
def proof(request: Request, pk: int) -> HttpResponse:
    """Calculate the bill again from its stored facts, and say whether every byte came out the same."""
    row = found(find_bill(pk))
    context = {"bill": row, "issue": getattr(row, "issue", None), "proof": recompute(row)}
    part = "_proof" if request.htmx else "proof"
    return TemplateResponse(request, f"web/bills/{part}.html", context)


@page()
def facts(request: Request, pk: int) -> HttpResponse:
    """All that the bill depends on, byte for byte as its digest covers it."""
    found(find_bill(pk))
    answer = HttpResponse(found(stored_facts(pk)), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="bill-{pk}-facts.json"'
    return answer


def _context(request: Request, pk: int) -> dict[str, Any]:
    row = found(find_bill(pk))
    issue, discard = getattr(row, "issue", None), getattr(row, "discard", None)
    is_draft = issue is None and discard is None
    standing = settlements([pk], on=request.today(row.customer.time_zone)).get(pk) if issue else None
    lines, history = shown_lines(row), history_of(row)
    corrected = {bill_id for line in lines for bill_id in line.corrects}
    if row.corrects_id is not None:
        corrected.add(row.corrects_id)
    return {
        "bill": row,
        "issue": issue,
        "discard": discard,
        "is_draft": is_draft,
        "holds": list(row.holds.all()) if is_draft else [],
        "standing": standing,
        # Our own thoughts about giving money up, as in the list of proposals: staff's and not the customer's.
        "proposal": waiting_about(pk) if request.scope.everything else None,
        "settled_by": settled_by(pk) if standing and standing.settled and row.kind == "invoice" else [],
        "lines": [
            {
                "words": line_in_words(line, row.currency),
                "devices": [(device, days_present(device.present)) for device in line.devices],
            }
            for line in lines
        ],
        "taxes": shown_taxes(row),
        "numbers": numbers_of(corrected),
        "shown": shown_bridge(row),
        "agreed": [each.by for each in history if each.what == "approved"] if is_draft else [],
        "events": list(events(history)),
        "facts_digest": bytes(row.facts_digest).hex() if row.facts_digest else "",
        "content_digest": bytes(row.content_digest).hex(),
        "release": consequence_of_release(words().money(row.total, row.currency), row.recipients),
    }
