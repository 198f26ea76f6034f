"""[7] One connection for everybody: what one user's request left on it, the next one does not see."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from quarterday.bills.models import Bill
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.worker import jobs
from tests.isolation.world import FOREIGN, OWN, TODAY, World, make_world
from tests.web.visitor import signed_in

if TYPE_CHECKING:
    from tests.databases import Server


@pytest.fixture(scope="module")
def pooled_world(database_server: Server, django_db_blocker: Any) -> Iterator[World]:
    """The world in a database that every thread of this process reaches over the same single connection."""
    import time_machine as clock

    from quarterday.config.settings import database as entry
    from tests.databases import pointing_django_at

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(copy), clock.travel(TODAY, tick=False):
            made = make_world(copy)
            connections.close_all()
            before = dict(connections.settings["default"])
            connections.settings["default"].update(entry(copy.login, pool=1))
            try:
                yield made
            finally:
                connection.close()
                connection.close_pool()
                connections.settings["default"].clear()
                connections.settings["default"].update(before)
        database_server.drop(copy)


@pytest.fixture
def own_connection_given_back() -> Iterator[None]:
    """The test's own thread must not hold the only connection while others ask for it."""
    connections.close_all()
    yield
    connections.close_all()


def asked(world: World, role: str, path: str) -> str:
    answer = signed_in(world.users[role]).get(path)
    assert answer.status_code == 200, (role, path, answer.status_code)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    connections.close_all()
    return body.decode()


@pytest.mark.usefixtures("own_connection_given_back")
def test_interleaved_users_of_one_connection_see_their_own(pooled_world: World) -> None:
    found: list[tuple[str, bool, bool]] = []
    wrong: list[BaseException] = []

    def browse(role: str) -> None:
        try:
            for path in ("/customers/", "/billing/bills/", "/billing/bills/export.csv", "/inventory/devices/"):
                body = asked(pooled_world, role, path)
                found.append((role, OWN in body, FOREIGN in body))
        except BaseException as error:  # a thread's failure is the test's
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=browse, args=(role,)) for role in ("admin", "contact", "customer_admin") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert wrong == []
    assert len(found) == 24
    assert {(role, own, foreign) for role, own, foreign in found} == {
        ("admin", True, True),
        ("contact", True, False),
        ("customer_admin", True, False),
    }


@pytest.mark.usefixtures("own_connection_given_back")
@pytest.mark.parametrize(("role", "sees_all"), [("contact", False), ("customer_admin", False), ("auditor", True)])
def test_an_export_that_streams_after_the_view_has_its_reader_s_rows_and_is_never_empty(
    pooled_world: World, role: str, sees_all: bool
) -> None:
    rows = list(csv.reader(StringIO(asked(pooled_world, role, "/billing/bills/export.csv")), delimiter=";"))
    with acting(Scope.all()):
        own = Bill.objects.filter(customer=pooled_world.own.customer, issue__isnull=False).count()
        every = Bill.objects.filter(issue__isnull=False).count()
    assert 0 < own < every
    numbers = {cell for row in rows for cell in row if cell.startswith(("INV-", "CN-"))}
    assert len(numbers) >= (every if sees_all else own)
    assert any(FOREIGN in cell for row in rows for cell in row) is sees_all


@pytest.mark.usefixtures("own_connection_given_back")
def test_what_runs_after_the_commit_has_no_scope_left(pooled_world: World) -> None:
    seen: list[str] = []

    def afterwards() -> None:
        try:
            Customer.objects.count()
        except ProgrammingError as error:
            seen.append(str(error).split("\n")[0])

    with acting(Scope.of(pooled_world.own.customer)):
        assert Customer.objects.count() == 1
        transaction.on_commit(afterwards)
    assert seen == ["permission denied for table customers_customer"]


@pytest.mark.usefixtures("own_connection_given_back")
@pytest.mark.parametrize("way_out", ["well", "with an error"])
def test_the_connection_is_given_back_without_role_and_scope(pooled_world: World, way_out: str) -> None:
    try:
        with acting(Scope.of(pooled_world.own.customer)):
            if way_out == "with an error":
                raise LookupError
    except LookupError:
        pass
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user, current_setting('quarterday.customer_ids', true)")
        user, session, scope = cursor.fetchone()
    assert (user, session, scope or "") == ("quarterday_login", "quarterday_login", "")


@pytest.mark.usefixtures("own_connection_given_back")
def test_a_job_without_a_user_does_its_work_between_two_readers(pooled_world: World) -> None:
    assert FOREIGN not in asked(pooled_world, "contact", "/customers/")
    jobs.remind.func(timestamp=0)
    jobs.tell_admins.func(timestamp=0)
    connections.close_all()
    assert FOREIGN not in asked(pooled_world, "contact", "/customers/")
