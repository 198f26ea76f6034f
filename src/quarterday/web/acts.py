"""What comes after a button: it was done in one piece and is told above the next page, or it takes a second person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quarterday.shared.refusal import NotFound, Refused
from quarterday.web.door import Request
from quarterday.web.forms import in_words


def do(request: Request, act: Callable[[], Any], *, told: str) -> bool:
    """Do it and tell it; False when a room refuses, with its problems told and nothing changed. 404 for what is not."""
    try:
        with transaction.atomic():
            act()
    except NotFound:
        raise Http404 from None
    except Refused as refused:
        for problem in refused.problems:
            messages.error(request, in_words(problem))
        return False
    messages.success(request, told)
    return True


def wait_for_second_person(request: Request, proposal_id: int) -> HttpResponse:
    """Say that what somebody wanted to do waits for another person, and show the proposal."""
    messages.warning(request, _("It takes two persons: another one has to approve it. Nothing is changed yet."))
    return redirect("proposal", proposal_id)
