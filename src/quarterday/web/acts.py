"""A button that does one thing: done in one piece, and told above the page that comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404

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
