"""The billing clock: an instant before the last run, or long after it, is more likely a wrong clock than a true one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from quarterday.bills.models import BillingClock

TOLERANCE = timedelta(minutes=10)
"""How far the clocks of several machines may lie apart."""


def reason_to_wait(at: datetime, *, quiet_days: int) -> str:
    """Why a run at this instant should wait for a person; "" if it should not."""
    clock = BillingClock.objects.filter(pk=1).first()
    if clock is None:
        return ""
    if at < clock.last_at - TOLERANCE:
        return (
            f"The clock says {at:%Y-%m-%d %H:%M} UTC, before the last run at {clock.last_at:%Y-%m-%d %H:%M} UTC:"
            " set this machine's clock right, or, if the last run was told a wrong day, confirm one run now."
        )
    if at > clock.last_at + timedelta(days=quiet_days):
        return (
            f"The last run was {(at - clock.last_at).days} days ago, on {clock.last_at:%Y-%m-%d}, more than"
            f" {quiet_days} days: look at a dry run first."
        )
    return ""


def set_clock(at: datetime, *, confirmed: bool) -> None:
    """Remember a run; only a person's confirmation turns the clock back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bills_billingclock AS clock (id, last_at) VALUES (1, %s) ON CONFLICT (id) DO UPDATE"
            " SET last_at = CASE WHEN %s THEN excluded.last_at ELSE greatest(clock.last_at, excluded.last_at) END",
            [at, confirmed],
        )
