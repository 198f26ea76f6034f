"""Whose rows a table holds is said to PostgreSQL: row-level security wherever a customer can be reached."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, models
from django.test.utils import isolate_apps

from quarterday.shared.database import LOGIN, OWNER, SCOPED, STAFF
from tests.structure.test_flow import our_tables

# Facts about each table of ours, from PostgreSQL's own catalogue.
TABLES = f"""
    SELECT c.relname,
           EXISTS (SELECT 1 FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attname = 'customer_id' AND NOT a.attisdropped),
           c.relrowsecurity AND c.relforcerowsecurity,
           coalesce((SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid),
                    '{{}}'),
           pg_get_userbyid(c.relowner),
           has_table_privilege('{LOGIN}', c.oid, 'SELECT, INSERT, UPDATE, DELETE'),
           has_table_privilege('{STAFF}', c.oid, 'SELECT'),
           has_table_privilege('{SCOPED}', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%s)
"""

# Users sign in before anybody has a scope, so these are read outside `acting`.
BEFORE_SIGN_IN = {"accounts_user", "accounts_user_groups", "accounts_user_user_permissions"}


def customers_reached_without_a_column(tables: Iterable[type[models.Model]]) -> list[str]:
    """Tables that point at a customer's row and do not carry its customer_id themselves."""
    return [
        f"{table._meta.label}.{field.name}"
        for table in tables
        for field in table._meta.fields
        if isinstance(field, models.ForeignKey)
        and _belongs_to_a_customer(field.related_model)
        and not _belongs_to_a_customer(table)
    ]


def _belongs_to_a_customer(table: type[models.Model]) -> bool:
    return table._meta.label == "customers.Customer" or "customer_id" in {f.attname for f in table._meta.fields}


def gaps_in_protection(names: list[str]) -> list[str]:
    """What PostgreSQL would let through: an unprotected table of customers' rows, or a right nobody should have."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [names])
        rows = cursor.fetchall()
    found = []
    for name, has_customer, is_forced, policies, owner, login_may, staff_may, scoped_may_write in rows:
        if owner != OWNER:
            found.append(f"{name} is owned by {owner}")
        if name in BEFORE_SIGN_IN:
            continue
        if (has_customer or name == "customers_customer") and not (is_forced and {"staff", "scoped"} <= set(policies)):
            found.append(f"{name} has customers' rows and no row-level security")
        if login_may:
            found.append(f"{name} can be used without a scope")
        if not staff_may:
            found.append(f"{name} cannot be read by anybody")
        if scoped_may_write:
            found.append(f"{name} can be written under a customer's scope")
    return sorted(found)


def names_of_our_tables() -> list[str]:
    many_to_many = [field.remote_field.through._meta.db_table for t in our_tables() for field in t._meta.many_to_many]
    return [table._meta.db_table for table in our_tables()] + many_to_many


def test_every_table_with_a_path_to_a_customer_says_which_customer() -> None:
    assert customers_reached_without_a_column(our_tables()) == []


def test_every_customers_row_is_protected_and_no_role_has_too_many_rights(database: None) -> None:
    assert gaps_in_protection(names_of_our_tables()) == []


@isolate_apps("quarterday.payments")
def test_a_planted_table_without_a_customer_is_found() -> None:
    from quarterday.bills.models import Bill

    class Receipt(models.Model):
        bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "payments"

    assert customers_reached_without_a_column([Receipt]) == ["payments.Receipt.bill"]


def test_planted_gaps_are_found(fresh_database: None) -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE attic (id bigint, customer_id bigint)")
        cursor.execute(f"GRANT SELECT ON attic TO {LOGIN}; GRANT DELETE ON attic TO {SCOPED}")

    assert gaps_in_protection(["attic"]) == [
        "attic can be used without a scope",
        "attic can be written under a customer's scope",
        "attic cannot be read by anybody",
        "attic has customers' rows and no row-level security",
    ]
