"""What machines ask: is this process alive, may it get requests, and the figures for Prometheus."""

from __future__ import annotations

from datetime import UTC, datetime
from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.upkeep.metrics import metrics_text
from quarterday.upkeep.standing import standing
from quarterday.web.door import public

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@public("asked by a supervisor; says nothing but that the process answers")
def health(request: HttpRequest) -> HttpResponse:
    """The process answers. The database is not asked: restarting us would not bring it back."""
    return JsonResponse({"alive": True})


@public("asked by a load balancer; names no row")
def ready(request: HttpRequest) -> HttpResponse:
    """Whether requests may be sent here: the database answers and has the tables of this version."""
    try:
        missing = len(_missing_migrations())
    except (DatabaseError, InterfaceError):
        return JsonResponse({"ready": False, "because": "the database cannot be reached"}, status=503)
    if missing:
        return JsonResponse({"ready": False, "because": f"{missing} migrations are not applied"}, status=503)
    return JsonResponse({"ready": True})


@public("guarded by a token, or open to this machine alone; names no customer")
def metrics(request: HttpRequest) -> HttpResponse:
    """How the installation stands, for Prometheus; 404 for who may not ask."""
    if not _may_ask(request):
        raise Http404
    with acting(Scope.all()):
        told = metrics_text(standing(now=datetime.now(UTC)))
    return HttpResponse(told, content_type=PROMETHEUS)


def _may_ask(request: HttpRequest) -> bool:
    token = settings.QUARTERDAY.metrics_token
    if token is not None:
        given = request.headers.get("Authorization", "")
        return compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode())
    if settings.QUARTERDAY.public_address or settings.TRUSTED_PROXIES or getattr(request, "is_passed_on", False):
        return False  # a proxy on this machine asks for the whole world, and need not say so
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _missing_migrations() -> list[object]:
    executor = MigrationExecutor(connection)
    return list(executor.migration_plan(executor.loader.graph.leaf_nodes()))
