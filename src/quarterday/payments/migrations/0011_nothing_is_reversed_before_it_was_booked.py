"""What is taken back before its own day is reversed on that day, not before.

A payment may be recorded for a day to come, as cheques are dated ahead. One that was withdrawn before that day was
reversed at once and booked later: until then the customer owed it twice.
"""

from importlib import import_module

from django.db import migrations
from django.db.migrations import RunSQL

_LEDGER = import_module("quarterday.payments.migrations.0003_general_ledger")

_SOONER = {
    "d.received_on": "(d.withdrawn_at AT TIME ZONE c.time_zone)::date, d.withdrawn_at",
    "d.allocated_on": "(d.undone_at AT TIME ZONE c.time_zone)::date, d.undone_at,\n"
    "           b.currency, p.account, p.amount\n    FROM payments_allocation",
}
"""The day of what is reversed, and the words of 0003 that book its reversal."""


def booked() -> str:
    told: str = _LEDGER.BOOKED
    for own_day, words in _SOONER.items():
        assert told.count(words) == 1, f"0003 books otherwise than by {words}"
        moment, rest = words.split("::date", 1)
        told = told.replace(words, f"greatest({moment}::date, {own_day}){rest}")
    return told


def rebook() -> RunSQL:
    """Move what was reversed too early; for that the owner, who runs migrations, sees and changes rows for a moment."""
    tables = (*_LEDGER.READ, "payments_posting")
    open_up = "".join(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;" for table in tables)
    close = "".join(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in tables)
    move = """
        ALTER TABLE payments_posting DISABLE TRIGGER payments_posting_is_frozen;
        UPDATE payments_posting p SET booked_on = b.booked_on FROM payments_booked b
        WHERE (b.what, b.document, b.account) = (p.what, p.document, p.account) AND b.booked_on > p.booked_on
          AND p.what IN ('withdrawal', 'allocation_undone');
        ALTER TABLE payments_posting ENABLE TRIGGER payments_posting_is_frozen;
    """
    return RunSQL(f"{open_up} {move} {close}", RunSQL.noop)


def view(told: str) -> str:
    return f"CREATE OR REPLACE VIEW payments_booked WITH (security_invoker = true) AS {told};"


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_a_draft_is_waived_by_two")]

    operations = [RunSQL(view(booked()), view(_LEDGER.BOOKED)), rebook()]
