"""What the bank took back is reversed on the bank's day, and the bills it had settled are open from that day.

A bounce that was confirmed in May was booked in May though the bank's statement of April shows it: over the month's end
the account `bank` differed from the bank. What was recorded before keeps its day, since nobody told another one.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.migrations import RunSQL

_BEFORE = import_module("quarterday.payments.migrations.0011_nothing_is_reversed_before_it_was_booked")

_TOLD = {
    "(d.withdrawn_at AT TIME ZONE c.time_zone)::date, d.received_on": "withdrawn_on",
    "(d.undone_at AT TIME ZONE c.time_zone)::date, d.allocated_on": "undone_on",
}
"""The day of a reversal as it was derived, and the column that tells it now."""


def booked() -> str:
    told: str = _BEFORE.booked()
    for words, column in _TOLD.items():
        assert told.count(f"greatest({words})") == 1, f"0011 books otherwise than by {words}"
        moment, own_day = words.split(", ")
        told = told.replace(f"greatest({words})", f"greatest(coalesce(d.{column}, {moment}), {own_day})")
    return told


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_nothing_is_reversed_before_it_was_booked")]

    operations = [
        migrations.AddField(model_name="payment", name="withdrawn_on", field=models.DateField(null=True)),
        migrations.AddField(model_name="allocation", name="undone_on", field=models.DateField(null=True)),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawn_on", None), ("withdrawn_at__isnull", False), _connector="OR"),
                name="a_day_of_withdrawal_is_of_a_withdrawn_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("undone_on", None), ("undone_at__isnull", False), _connector="OR"),
                name="a_day_of_undoing_is_of_an_undone_allocation",
            ),
        ),
        RunSQL(_BEFORE.view(booked()), _BEFORE.view(_BEFORE.booked())),
    ]
