"""What a migration says about whose rows a table holds, as operations that PostgreSQL then enforces.

operations = [..., protect("bills_bill"), freeze("bills_bill"), belongs("bills_billline", "bill_id", "bills_bill")]
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunSQL

from quarterday.shared.database import LOGIN, SCOPED, STAFF

IN_SCOPE = "ANY ((SELECT nullif(current_setting('quarterday.customer_ids', true), ''))::bigint[])"

# A bare _ would stand for any letter, and account_% for accounts_assignment.
FRAMEWORK_TABLES = (
    r"accounts\_user%",
    r"auth\_%",
    r"django\_%",
    r"account\_%",
    r"mfa\_%",
    r"socialaccount\_%",
    r"axes\_%",
    r"procrastinate\_%",
)


def protect(table: str, *, column: str = "customer_id") -> RunSQL:
    """Rows belong to a customer: staff may read and write all, a scoped role reads only its customers' rows."""
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY staff ON {table} TO {STAFF} USING (true) WITH CHECK (true);
        CREATE POLICY scoped ON {table} FOR SELECT TO {SCOPED} USING ({column} = {IN_SCOPE});
        GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {STAFF};
        GRANT SELECT ON {table} TO {SCOPED};
        """,
        f"""
        REVOKE ALL ON {table} FROM {STAFF}, {SCOPED};
        DROP POLICY scoped ON {table};
        DROP POLICY staff ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def share(table: str) -> RunSQL:
    """Rows belong to the provider and may be read under any scope (plans, tax codes): only staff write them."""
    return RunSQL(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {STAFF}; GRANT SELECT ON {table} TO {SCOPED};",
        f"REVOKE ALL ON {table} FROM {STAFF}, {SCOPED};",
    )


def keep_private(table: str) -> RunSQL:
    """Rows belong to the provider alone (mail server, counters): a scoped role is refused."""
    return RunSQL(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {STAFF};",
        f"REVOKE ALL ON {table} FROM {STAFF};",
    )


def freeze(table: str) -> RunSQL:
    """Rows are written once: an update, a delete and a truncate are refused, whoever asks."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION quarterday_refuse_change();
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION quarterday_refuse_change();
        """,
        f"DROP TRIGGER {table}_is_never_emptied ON {table}; DROP TRIGGER {table}_is_frozen ON {table};",
    )


def belongs(child: str, column: str, parent: str) -> RunSQL:
    """A child row is its parent's customer's: a composite foreign key refuses a row of a foreign customer."""
    name = f"{child}_{column}_same_customer"
    return RunSQL(
        f"""
        ALTER TABLE {child} ADD CONSTRAINT {name} FOREIGN KEY (customer_id, {column})
            REFERENCES {parent} (customer_id, id) DEFERRABLE INITIALLY DEFERRED;
        """,
        f"ALTER TABLE {child} DROP CONSTRAINT {name};",
    )


def has_children(table: str) -> RunSQL:
    """Let children point at (customer_id, id) of this table."""
    name = f"{table}_customer_and_id"
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (customer_id, id);",
        f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )


def grant_framework_tables(connection: BaseDatabaseWrapper) -> None:
    """Let the login and acting roles use the framework's own tables (sessions, users, jobs); run after `migrate`.

    These hold no customer's rows, and are read outside `acting` (a session before the user is known, a job's fetch).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text, c.relkind = 'S' FROM pg_class c"
            " WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p', 'S') AND c.relname LIKE ANY (%s)",
            [list(FRAMEWORK_TABLES)],
        )
        for name, is_sequence in cursor.fetchall():
            rights = "USAGE, SELECT" if is_sequence else "SELECT, INSERT, UPDATE, DELETE"
            kind = "SEQUENCE" if is_sequence else "TABLE"
            cursor.execute(f"GRANT {rights} ON {kind} {name} TO {LOGIN}, {STAFF}, {SCOPED}")


def forbid_change() -> RunSQL:
    """The trigger function that `freeze` hangs on tables whose rows are written once."""
    return RunSQL(
        """
        CREATE FUNCTION quarterday_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'Rows of % are written once: correct by adding paper, never by changing it.', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$;
        """,
        "DROP FUNCTION quarterday_refuse_change();",
    )


def allow_erasure() -> RunSQL:
    """The trigger function of tables whose rows are written once but for a person's data, which the law lets us erase.

    Its arguments are the columns that may change, and only while `quarterday.erasing` is on in the transaction: a
    guard against mistakes. What was sealed and is changed without an erasure's own entry still breaks its seal.
    """
    return RunSQL(
        """
        CREATE FUNCTION quarterday_refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND current_setting('quarterday.erasing', true) = 'on'
                AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'Rows of % are written once: correct by adding paper, never by changing it.', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$;
        """,
        "DROP FUNCTION quarterday_refuse_change_but_erasure();",
    )


def keep_words_apart(table: str, *columns: str) -> RunSQL:
    """A frozen table's named columns hold people's words, which an erasure may take out; all else stays frozen."""
    listed = ", ".join(f"'{column}'" for column in columns)
    return RunSQL(
        f"""
        DROP TRIGGER {table}_is_frozen ON {table};
        CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION quarterday_refuse_change_but_erasure({listed});
        """,
        f"""
        DROP TRIGGER {table}_is_frozen ON {table};
        CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION quarterday_refuse_change();
        """,
    )
