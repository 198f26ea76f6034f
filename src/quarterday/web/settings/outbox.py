"""The outbox: what was mailed to whom, what the server said, and what needs a person."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from quarterday.outbox.actions import resend, take_back
from quarterday.outbox.queries import outbox_states, recent_deliveries
from quarterday.provider.queries import find_provider
from quarterday.web.acts import do
from quarterday.web.door import Request, page
from quarterday.web.paging import one_page

NEED_A_PERSON = ("failed", "unclear")
SHOWN = {
    "": (_("All"), ()),
    "trouble": (_("Failed or unclear"), NEED_A_PERSON),
    "on-its-way": (_("On their way"), ("queued", "sending", "deferred")),
    "waiting": (_("Waiting for their print"), ("waiting",)),
    "sent": (_("Sent"), ("sent",)),
    "cancelled": (_("Cancelled"), ("cancelled",)),
}
KINDS = {
    "bill": _("Bill"),
    "reminder": _("Reminder"),
    "statement": _("Statement"),
    "test": _("Test"),
    "notice": _("Notice"),
}


@page(needs="bill")
def outbox(request: Request) -> HttpResponse:
    """Deliveries, newest first, each with the server's words; one is sent again, or taken back before it leaves."""
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else ""
    states = SHOWN[shown][1]
    listed = one_page(request, lambda start, end: recent_deliveries(states=states, start=start, limit=end - start))
    counts = outbox_states()
    provider = find_provider()
    context = {
        "page": listed,
        "kinds": KINDS,
        "shown": shown,
        "filters": [
            {"key": key, "title": title, "count": sum(counts.get(state, 0) for state in of or counts)}
            for key, (title, of) in SHOWN.items()
        ],
        "zone": provider.time_zone if provider else "UTC",
    }
    return TemplateResponse(request, "web/settings/outbox.html", context)


@require_POST
@page(needs="bill")
def send_again(request: Request, pk: int) -> HttpResponse:
    """Send a delivery once more: a failed one again, one that was sent as a copy."""
    do(
        request,
        lambda: resend(pk, to=None, now=request.now, by=request.actor),
        told=gettext("It goes out again within a minute; what became of it is shown here."),
    )
    return _back(request)


@require_POST
@page(needs="bill")
def let_not_leave(request: Request, pk: int) -> HttpResponse:
    """Take a mail back that has not left."""
    do(
        request,
        lambda: take_back(pk, now=request.now, by=request.actor),
        told=gettext("It will not leave. The bill stays issued, and can be mailed from its page."),
    )
    return _back(request)


def _back(request: Request) -> HttpResponse:
    return redirect(f"{reverse('outbox')}?{urlencode({'show': request.POST.get('show', '')})}")
