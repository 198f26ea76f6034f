"""The door to every page: who comes in, whose rows they may see, and the clock.

    @page(needs="bill")
    def issue(request: Request, pk: int) -> HttpResponse: ...

A page runs and renders inside `acting(scope)`; role and assignments are asked anew at each request. Every view has this
decorator or `public` (a test walks all URLs). What a scope does not hold cannot be loaded: a foreign id and a missing
one give the same 404.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render, resolve_url

from quarterday.accounts.queries import abilities_of, entrance_of, roles_that_may
from quarterday.engine.periods import local_date
from quarterday.provider.queries import NoProvider
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from quarterday.web.coming_back import page_to_come_back_to
from quarterday.web.second_factor import missing_step

METHODS = ("GET", "HEAD", "POST")
"""What pages and forms need; whatever else is asked for is answered 405."""

P = ParamSpec("P")
T = TypeVar("T")


class Request(HttpRequest):
    """A request that has come through the door."""

    user: Any
    scope: Scope
    actor: Actor
    now: datetime
    abilities: frozenset[str]
    htmx: Any

    is_copy: bool
    """Whether this is a restored copy, which bills and mails nobody; every page says so."""

    today: Callable[[str], date]
    """The date in a time zone at this request."""


@dataclass(frozen=True, slots=True)
class Public:
    """Marks a view that anybody may open, with the reason."""

    reason: str


View = Callable[Concatenate[Any, P], HttpResponse]


def page(*, needs: str = "read", outside: bool = False) -> Callable[[View[P]], View[P]]:
    """Open a view to users whose role has the ability `needs`: read, inventory, bill, plan, settings or trail.

    A view that talks to another machine does so `outside` a transaction, and opens `acting` itself.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in METHODS:
                return HttpResponseNotAllowed(METHODS)
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if step := missing_step(request):
                return _go_to(request, step)
            come_in(cast(Request, request))
            if needs not in cast(Request, request).abilities:
                return render(request, "web/no_permission.html", {"roles": roles_that_may(needs)}, status=403)
            try:
                with nullcontext() if outside else acting(cast(Request, request).scope):
                    response = view(request, *args, **kwargs)
                    if hasattr(response, "render") and callable(response.render):
                        response.render()
                    return response
            except NoProvider:
                # An empty installation is a state of every page, not an error: it says what to do first.
                return render(request, "web/no_provider.html")

        opened.needs = needs  # type: ignore[attr-defined]  # read by the test that walks all URLs
        return cast(View[P], opened)

    return decorate


def public(reason: str) -> Callable[[View[P]], View[P]]:
    """Open a view to everybody; it sees no customer's row, since it runs outside `acting`."""

    def decorate(view: View[P]) -> View[P]:
        view.needs = Public(reason)  # type: ignore[attr-defined]  # read by the test that walks all URLs
        return view

    return decorate


def come_in(request: Request) -> None:
    """Read the clock, the user's scope and abilities, once a request."""
    user = request.user
    request.now = datetime.now(UTC)
    request.today = partial(local_date, request.now)
    entrance = entrance_of(user)
    request.scope, request.is_copy = entrance.scope, entrance.is_copy
    request.abilities = abilities_of(user)
    request.actor = Actor(
        "person",
        user.name or user.email,
        user.pk,
        address=request.META.get("REMOTE_ADDR", ""),
        request_id=getattr(request, "request_id", ""),
    )


def found(row: T | None) -> T:
    """The row, or the one 404 for foreign and missing alike."""
    if row is None:
        raise Http404
    return row


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = f"{resolve_url('account_login')}?{urlencode({'next': page_to_come_back_to(request)})}"
    return _go_to(request, address)


def _go_to(request: HttpRequest, address: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
