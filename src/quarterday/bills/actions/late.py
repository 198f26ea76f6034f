"""The queue of what was learned late: look for it, and decide what a plan's policy leaves to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterday.bills import late, reading
from quarterday.bills.collect import collect, open_cases
from quarterday.bills.locks import lock_customers
from quarterday.bills.models import LateTruth
from quarterday.bills.two_persons import TakesTwo, refuse_alone
from quarterday.engine.money import in_currency
from quarterday.inventory.lock import inventory_lock
from quarterday.provider.queries import get_provider
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.shared.trail import record

CHUNK = 200

DECISIONS = {"catch_up": "caught up", "forgiven": "forgave"}


def find_late_truths(customer_ids: Sequence[int], *, now: datetime) -> int:
    """Look for billed periods of some customers that would cost something else as known now; answers how many.

    Nothing is billed: what is to be billed waits for the next bill, what is to be asked for a person.
    """
    mine = lock_customers(customer_ids, wait=False)
    inventory_lock(shared=True)
    provider = get_provider()
    free = sorted(set(mine) - reading.parked(mine))
    cases = open_cases(free, at=now, provider=provider)
    for case in cases.values():
        case.groups = []
    late.watch(cases, at=now, periods_back=provider.late_periods_limit, everybody=True)
    cases = {key: case for key, case in cases.items() if case.late}
    if not cases:
        return 0
    desk = collect(cases, provider)
    findings = [finding for case in cases.values() for finding in late.find(case, desk)]
    late.note(findings, {}, known_at=desk.known_at, at=now)
    return len([finding for finding in findings if finding.decision != "gone"])


def look_back(*, now: datetime) -> int:
    """Look for late truths of all customers, chunk by chunk; outside `acting`. Answers how many were found."""
    with acting(Scope.all()):
        ids = reading.customers_with_subscriptions(None)
    found = 0
    for start in range(0, len(ids), CHUNK):
        with acting(Scope.all()):
            found += find_late_truths(ids[start : start + CHUNK], now=now)
    return found


def decide_late_truth(truth: LateTruth, *, decision: str, now: datetime, by: Actor) -> None:
    """Answer the question of a late truth: `catch_up` puts it on the next bill, `forgiven` closes it.

    Refused if it is decided already, for another decision, and where one person would forgive a net difference above
    the provider's amount.
    """
    lock_customers([truth.customer_id])
    if decision not in DECISIONS:
        raise Refused("decision", f"{decision!r} is none: say catch_up or forgiven.")
    if decision == "forgiven":
        try:
            refuse_alone(truth.difference, truth.currency, by=by)
        except TakesTwo:
            told = f"{in_currency(truth.difference, truth.currency)} {truth.currency}"
            raise Refused("decision", f"{told} takes two persons: charge it, and credit that bill.") from None
    if not LateTruth.objects.filter(pk=truth.pk, decision="asked").update(
        decision=decision, decided_by=by.name[:200], decided_at=now
    ):
        raise Refused("late", "It is decided already.")
    record(by, DECISIONS[decision], truth, at=now, details={"difference": f"{truth.difference} {truth.currency}"})
