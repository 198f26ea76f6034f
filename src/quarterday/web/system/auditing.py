"""The audit at the press of a button: every promise of the books, and each row that breaks one. It changes nothing."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.audit.queries import PROMISES, audit
from quarterday.web.door import Request, page
from quarterday.web.system.words import promise_in_words


@page(needs="trail", outside=True)
def audit_books(request: Request) -> HttpResponse:
    """What the audit asks; once the button is pressed, what it found. Each promise is asked in its own transaction."""
    is_asked = request.method == "POST"
    kept = audit(now=request.now) if is_asked else []
    context = {
        "is_asked": is_asked,
        "promises": [promise_in_words(each.name, each.sentence) for each in PROMISES],
        "kept": [(promise_in_words(each.promise, each.sentence), each) for each in kept],
        "broken": sum(not each.holds for each in kept),
    }
    return TemplateResponse(request, "web/system/audit.html", context)
