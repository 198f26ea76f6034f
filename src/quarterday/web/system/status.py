"""How the installation stands, from the worker to the seals; and how a restored copy becomes the real one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterday.provider.actions import resume_work
from quarterday.provider.queries import find_provider, restored_copy
from quarterday.upkeep.queries import last_drill
from quarterday.upkeep.standing import standing
from quarterday.web.acts import do
from quarterday.web.door import Request, page


@page(needs="trail")
def status(request: Request) -> HttpResponse:
    """Everything that tells whether bills go out by themselves tonight."""
    provider = find_provider()
    context = {
        "stands": standing(now=request.now),
        "drill": last_drill(),
        "copy": restored_copy(),
        "zone": provider.time_zone if provider else "UTC",
    }
    return TemplateResponse(request, "web/system/status.html", context)


@require_POST
@page(needs="settings")
def resume(request: Request) -> HttpResponse:
    """This copy is the real installation now."""
    do(
        request,
        lambda: resume_work(by=request.actor, now=request.now),
        told=_("This is the real installation now: the worker bills, mails and reminds."),
    )
    return redirect("status")
