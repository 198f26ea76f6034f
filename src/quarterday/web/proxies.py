"""Behind a proxy the client's address and scheme are what a trusted proxy says; nobody else is believed."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SAID = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED")


class BehindProxies:
    """First of all middleware, so that lock-out, logs and the audit trail see who really asks.

    `X-Forwarded-For` is read from its end, up to the first that is no trusted proxy: what stands before it may have
    been written by anybody. When that one is no address, nobody is believed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = [ip_network(network) for network in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = {name: request.META.pop(name, "") for name in SAID}
        # Who comes through a proxy, trusted or not, is not at this machine, even if the proxy is.
        request.is_passed_on = any(said.values())  # type: ignore[attr-defined]  # read by the metrics
        if self._is_trusted(request.META.get("REMOTE_ADDR", "")):
            hops = map(_without_port, reversed(said["HTTP_X_FORWARDED_FOR"].split(",")))
            client = next((hop for hop in hops if not self._is_trusted(hop)), "")
            if _is_address(client):
                request.META["REMOTE_ADDR"] = client
            if said["HTTP_X_FORWARDED_PROTO"] in ("http", "https"):
                request.META["wsgi.url_scheme"] = said["HTTP_X_FORWARDED_PROTO"]
        return self.get_response(request)

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address.strip()) in network for network in self.trusted)


def _without_port(hop: str) -> str:
    """The address alone: some proxies write 203.0.113.9:4711 and [2001:db8::1]:4711."""
    hop = hop.strip()
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip())
    except ValueError:
        return False
    return True
