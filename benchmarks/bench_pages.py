"""The pages: each one that an admin can reach by links, with 2,000 customers, 100,000 devices and 50,000 bills; and
the lists with each of their filters and with searches.

Time is the server's: from request to response in one process, PostgreSQL included, the network and the browser not.
A page is asked for four times and its best time counts, as the machine is shared; the first look, with nothing in
memory, is told beside it. A month's account is asked for by its page and takes longer: bench_conservation has it.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.database import BenchDatabase, bench_database

if TYPE_CHECKING:
    from django.test import Client

CUSTOMERS = 2_000
DEVICES = 100_000
MONTHS = 25
MOST_MILLISECONDS = 100
MOST_PAGES = 150
PASSED_BY = ("/account/", "/static/")
BILLS, DEVICE_LIST = "/billing/bills/", "/inventory/devices/"
ASKED = (
    *(f"{BILLS}?paid={status}" for status in ("open", "overdue", "partly+paid", "paid", "written+off")),
    *(f"{BILLS}?sent={state}" for state in ("sent", "waiting", "failed", "none")),
    *(f"{BILLS}?state={state}" for state in ("draft", "discarded")),
    *(f"{BILLS}?sort={order}" for order in ("oldest", "due", "amount", "customer", "customer_last")),
    *(f"{BILLS}?q={words}" for words in ("Customer+1999", "1999", "nobody")),
    *(f"{DEVICE_LIST}?{query}" for query in ("q=WS-1999", "q=nobody", "there=gone", "class=server", "customer=K-77")),
    "/customers/?q=1999",
    "/billing/conservation/?q=1999",
)
"""Lists as people ask for them: what walking along links does not find."""
FILES = ("pdf", "csv", "json", "download", "export", "facts")


def main() -> int:
    """Make the MSP, bill it, walk through its pages, tell the slow ones."""
    small = "--small" in sys.argv
    with bench_database() as database:
        _fill(database, months=2 if small else MONTHS)
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.SECOND_FACTOR_FOR = ()  # what is measured is behind the sign-in
        client = _signed_in()
        times = _walk(client)
    for name, (first, best, queries) in sorted(times.items(), key=lambda each: -each[1][1]):
        if best > MOST_MILLISECONDS / 2 or "-v" in sys.argv:
            print(f"  {name:40} {best:6.0f} ms, at first {first:6.0f} ms, {queries} statements")
    slow = [name for name, (_, best, _) in times.items() if best > MOST_MILLISECONDS]
    middle = sorted(best for _, best, _ in times.values())[len(times) // 2]
    print(
        f"{len(times)} pages, half of them in at most {middle:.0f} ms; {len(slow)} take more than {MOST_MILLISECONDS}"
    )
    return 1 if slow else 0


def _fill(database: BenchDatabase, *, months: int) -> None:
    """Month after month billed by this process and mostly paid, and the planner told what came out."""
    import psycopg

    from benchmarks.crowd import BY, build_crowd, settle_bills
    from quarterday.bills.run import run_billing
    from quarterday.shared.database import acting
    from quarterday.shared.scope import Scope

    starts = _month_after(date(2026, 4, 1), -months)
    with acting(Scope.all()):
        build_crowd(customers=CUSTOMERS, devices=DEVICES, start=starts)
    began = time.perf_counter()
    bills = 0
    for month in range(1, months + 1):
        due = _month_after(starts, month)
        at = datetime(due.year, due.month, due.day, 7, tzinfo=UTC)
        bills += len(run_billing(at=at, by=BY, conserve=False).bills)
    with acting(Scope.all()):
        settle_bills(on=at.date())
    print(f"{bills:,} bills over {DEVICES:,} devices made in {time.perf_counter() - began:.0f} s by one process")
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _month_after(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _signed_in() -> Client:
    from django.test import Client

    from quarterday.accounts.models import User

    admin = User.objects.create_user("admin@msp.example", "a long password", role="admin", name="Ada Admin")
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _walk(client: Client) -> dict[str, tuple[float, float, int]]:
    """URL name -> milliseconds of the first look and of the best, and its queries; breadth first from the dashboard."""
    from django.urls import Resolver404, resolve

    times: dict[str, tuple[float, float, int]] = {}
    todo = ["/"]
    while todo and len(times) < MOST_PAGES:
        path = todo.pop(0)
        try:
            name = resolve(urlsplit(path).path).view_name
        except Resolver404:
            continue
        if name in times or path.startswith(PASSED_BY) or any(part in path for part in FILES):
            continue
        took, answer = _looked_at(client, path)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        times[name] = took
        todo += _links(answer.content.decode(), path)
    for path in ASKED:
        times[path], answer = _looked_at(client, path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} is answered {answer.status_code}")
    return times


def _looked_at(client: Client, path: str) -> tuple[tuple[float, float, int], Any]:
    """Milliseconds of the first look and of the best of four, with the queries of one; and the answer."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    looks = []
    for _ in range(4):
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            answer = client.get(path)
            looks.append(1000 * (time.perf_counter() - began))
    return (looks[0], min(looks), len(queries)), answer


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for key, value in attrs if key == "href" and value]


def _links(html: str, base: str) -> list[str]:
    """The page's links to our own pages, as paths."""
    parser = _Links()
    parser.feed(html)
    own = [link for link in parser.found if not urlsplit(link).netloc and not urlsplit(link).scheme]
    return [urlsplit(base).path + link if link.startswith("?") else link for link in own if link.startswith(("/", "?"))]


if __name__ == "__main__":
    sys.exit(main())
