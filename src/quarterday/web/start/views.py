"""First run: from an empty installation to the first dry run."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.upkeep.attention import foundations
from quarterday.web.door import Request, page
from quarterday.web.menu import LEFT
from quarterday.web.start.steps import steps


@page(needs="settings")
def start(request: Request) -> HttpResponse:
    """All steps, with what is done and what is next."""
    listed = steps(foundations())
    done = sum(step.is_done for step in listed)
    # As long as something is left, the menu leads back here from whatever page a step is done on.
    if request.session.get(LEFT) != (done < len(listed)):
        request.session[LEFT] = done < len(listed)
    return TemplateResponse(request, "web/start/start.html", {"steps": listed, "done": done, "all": len(listed)})
