"""Of what is the provider's, a customer's people read what concerns them: their own plans, and when the ledger ended."""

from django.db import migrations

from quarterday.shared.database import SCOPED, STAFF

THEIR_OWN = "SELECT plan_id FROM subscriptions_subscription"  # under the same scope: its own policy picks the rows


def only_their_own(table: str, column: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY staff ON {table} TO {STAFF} USING (true) WITH CHECK (true);
        CREATE POLICY scoped ON {table} FOR SELECT TO {SCOPED} USING ({column} IN ({THEIR_OWN}));
        """,
        f"""
        DROP POLICY scoped ON {table};
        DROP POLICY staff ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_upload"),
        ("inventory", "0001_initial"),
        ("plans", "0001_initial"),
        ("subscriptions", "0001_initial"),
    ]

    operations = [
        only_their_own("plans_plan", "id"),
        only_their_own("plans_planversion", "plan_id"),
        migrations.RunSQL(
            f"GRANT SELECT ON inventory_ledgerclock TO {SCOPED}",
            f"REVOKE SELECT ON inventory_ledgerclock FROM {SCOPED}",  # noqa: S608  # names of our own
        ),
    ]
