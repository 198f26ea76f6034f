"""[6] Row-level security, policy by policy: each one keeps foreign rows away, and its absence is noticed.

The tables are those of the models, so a new one is asked about by itself: it must have a policy, and rows of both
customers in the world (world.py). Whatever a test drops is put back when its transaction is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from quarterday.shared.database import SCOPED, STAFF
from tests.isolation.world import World
from tests.structure.test_flow import our_tables

TABLES = sorted(
    table._meta.db_table
    for table in our_tables()
    if table._meta.label == "customers.Customer" or "customer_id" in {field.attname for field in table._meta.fields}
)
OF_THE_PROVIDER_TOO = {"bills_partycopy"}
"""Tables with rows that are nobody's in particular, and may be read by everybody: what a bill says of its sender."""

WAYS_TO_LOSE_IT = {
    "the scoped policy dropped": "DROP POLICY scoped ON {}",
    "the staff policy dropped": "DROP POLICY staff ON {}",
    "row security off": "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    "a policy that is always true": "CREATE POLICY too_wide ON {} FOR SELECT TO quarterday_scoped USING (true)",
}


@pytest.fixture
def superuser(standing_world: World) -> Iterator[psycopg.Connection]:
    """A connection that may change policies, and put on each role; rolled back."""
    with psycopg.connect(standing_world.database.superuser) as connection:
        yield connection
        connection.rollback()


def faults(connection: psycopg.Connection, table: str, world: World) -> list[str]:
    """What is wrong with whose rows can be read; nothing when staff reads all, and a customer's people their own."""
    own, foreign = world.own.customer, world.foreign.customer
    found = []
    if not {own, foreign} <= (there := _owners(connection, STAFF, [], table)):
        found.append(f"staff reads rows of {there}: the world (world.py) must have rows of both customers")
    for scope in ([own], [own, foreign], []):
        read = _owners(connection, SCOPED, scope, table)
        if read - ({None} if table in OF_THE_PROVIDER_TOO else set()) != set(scope):
            found.append(f"people of {scope} read rows of {read}")
    return found


def _owners(connection: psycopg.Connection, role: str, scope: list[int], table: str) -> set[int | None]:
    owner = "id" if table == "customers_customer" else "customer_id"
    query = sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(owner), sql.Identifier(table))
    ids = "{" + ",".join(map(str, scope)) + "}"
    connection.execute(
        "SELECT set_config('role', %s, true), set_config('quarterday.customer_ids', %s, true)", [role, ids]
    )
    owners = {owner for (owner,) in connection.execute(query)}
    connection.execute("RESET role")
    return owners


@pytest.mark.parametrize("table", TABLES)
def test_everybody_reads_their_own_rows_and_no_others(
    superuser: psycopg.Connection, standing_world: World, table: str
) -> None:
    assert faults(superuser, table, standing_world) == []


@pytest.mark.parametrize("loss", WAYS_TO_LOSE_IT)
@pytest.mark.parametrize("table", TABLES)
def test_a_lost_policy_is_noticed(superuser: psycopg.Connection, standing_world: World, table: str, loss: str) -> None:
    superuser.execute(sql.SQL(WAYS_TO_LOSE_IT[loss]).format(sql.Identifier(table)))

    assert faults(superuser, table, standing_world) != []


def test_a_new_table_of_customers_rows_without_a_policy_is_noticed(
    superuser: psycopg.Connection, standing_world: World
) -> None:
    own, foreign = standing_world.own.customer, standing_world.foreign.customer
    superuser.execute("CREATE TABLE attic AS SELECT unnest(%s::bigint[]) AS customer_id", [[own, foreign]])
    superuser.execute(sql.SQL("GRANT SELECT ON attic TO {}, {}").format(sql.Identifier(STAFF), sql.Identifier(SCOPED)))

    assert faults(superuser, "attic", standing_world) == [
        f"people of {[own]} read rows of {{{own}, {foreign}}}",
        f"people of [] read rows of {{{own}, {foreign}}}",
    ]
