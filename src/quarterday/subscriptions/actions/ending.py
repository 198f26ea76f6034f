"""Disassociate a plan from customers, and take that back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from quarterday.provider import checks
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import entry, record
from quarterday.subscriptions.locking import locked, who
from quarterday.subscriptions.models import Subscription


def disassociate(
    subscriptions: Iterable[Subscription],
    *,
    last_day: date,
    by: Actor,
    now: datetime,
    final_period: str = "prorated",
) -> list[Subscription]:
    """End subscriptions with a last day of service: past, today or to come; all or none.

    The last period is billed for its days ("prorated"), or as a whole one ("full"). What was billed for days after the
    last one is credited by the next run.
    """
    ended = locked(subscriptions)
    if not ended:
        raise Refused("subscriptions", "are missing: choose at least one.")
    AuditEntry.objects.bulk_create(end(ended, last_day=last_day, final_period=final_period, by=by, now=now))
    return ended


def end(ended: list[Subscription], *, last_day: date, final_period: str, by: Actor, now: datetime) -> list[AuditEntry]:
    """End subscriptions that are locked; the trail's entries, which the caller saves."""
    kept = checks.checked(
        {"last_day": last_day, "final_period": final_period},
        {"last_day": checks.checked_day, "final_period": checks.one_of(["prorated", "full"])},
    )
    problems = [
        Problem(who(subscription), f"has ended on {subscription.ends_on} already: take that back first.")
        for subscription in ended
        if subscription.ends_on is not None
    ]
    problems += [
        Problem(who(subscription), f"starts on {subscription.starts_on}: a last day before it serves nothing.")
        for subscription in ended
        if last_day < subscription.starts_on - timedelta(days=1)
    ]
    if problems:
        raise Refused(problems=problems)
    for subscription in ended:
        subscription.ends_on = last_day + timedelta(days=1)
        subscription.final_period = kept["final_period"]
        subscription.ended_at = now
        subscription.revision += 1
    Subscription.objects.bulk_update(ended, ["ends_on", "final_period", "ended_at", "revision"])
    details = {"last_day": str(last_day), "final_period": final_period}
    return [entry(by, "disassociated", each, at=now, details=details) for each in ended]


def undo_disassociation(subscription: Subscription, *, is_billed: bool, by: Actor, now: datetime) -> Subscription:
    """Let an ended subscription go on as if it had not been ended.

    `is_billed` says whether a bill or credit note was made because of the end (ask bills): then it stays ended.
    """
    (current,) = locked([subscription])
    if current.ends_on is None:
        raise Refused(who(current), "has not ended.")
    if is_billed:
        raise Refused(who(current), f"the end on {current.ends_on} is billed already: associate the plan again.")
    newer = Subscription.objects.filter(
        customer=current.customer_id, plan=current.plan_id, starts_on__gte=current.ends_on
    ).exclude(pk=current.pk)
    if newer.exists() or Subscription.objects.filter(continues=current).exists():
        raise Refused(who(current), "was restarted or associated anew since: end that one instead.")
    details = {"ends_on": str(current.ends_on)}
    current.ends_on, current.ended_at, current.final_period = None, None, "prorated"
    current.revision += 1
    current.save(update_fields=["ends_on", "ended_at", "final_period", "revision"])
    record(by, "took back the end of", current, at=now, details=details)
    return current
