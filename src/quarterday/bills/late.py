"""Learned late: a device found in May that was there in April. Issued bills never change; the difference is settled.

The ledger tells on which billed days something was learned after their claim. There the period is counted anew, and
everything billed and credited for it is taken off. What is in the customer's favour is always credited, on the next
bill; what is not goes by the plan's policy: ask a person, catch up on the next bill, or forgive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.types.range import DateRange

from quarterday.bills import reading
from quarterday.bills.collect import CustomerCase, Desk, facts_of
from quarterday.bills.due import Claimed, Due, DueGroup, SubscriptionCase
from quarterday.bills.models import LateTruth
from quarterday.bills.reading import BilledPeriod, ChangedDevice, KnownLate, Watched
from quarterday.engine.calculate import calculate_bill
from quarterday.engine.periods import local_date

OPEN_DECISIONS = ("asked", "catch_up", "credit")
TO_BILL = ("catch_up", "credit")

MOST_NAMED = 20
"""Of more devices the queue says how many they are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A period that would cost something else as known now, and what is to become of the difference."""

    due: Due
    currency: str
    difference: Decimal
    decision: str
    devices: Sequence[ChangedDevice] = ()

    @property
    def is_to_bill(self) -> bool:
        """Whether the next bill takes it up."""
        return self.decision in TO_BILL


def watch(cases: Mapping[int, CustomerCase], *, at: datetime, periods_back: int, everybody: bool = False) -> None:
    """Note in each case the billed periods that may cost something else as known now; two queries.

    Of customers with a bill due (or all of `everybody`) at most `periods_back` periods of each subscription are looked
    at. Of the others only what is to be billed and has no other bill to wait for.
    """
    subscriptions = [subscription for case in cases.values() for subscription in case.subscriptions]
    known = reading.late_truths([subscription.id for subscription in subscriptions])
    candidates = [
        (subscription, claim, known.get(BilledPeriod(subscription.id, claim.full)))
        for subscription in subscriptions
        for claim in _final_claims(subscription, periods_back)
    ]
    if not everybody:
        candidates = [
            (subscription, claim, late)
            for subscription, claim, late in candidates
            if cases[subscription.customer_id].groups
            or (late is not None and late.decision in TO_BILL and _is_over(subscription))
        ]
    changed = reading.changed_since(
        [
            Watched(subscription.customer_id, claim.period, _newest(claim, late))
            for subscription, claim, late in candidates
        ]
    )
    taken: list[tuple[BilledPeriod, Watched]] = []
    for (subscription, claim, late), is_changed in zip(candidates, changed, strict=True):
        if is_changed or (late is not None and late.decision in TO_BILL):
            case = cases[subscription.customer_id]
            period = BilledPeriod(subscription.id, claim.full)
            taken.append((period, Watched(subscription.customer_id, claim.period, claim.known_at)))
            zone = case.zones.on(claim.full.start)
            case.late.append(Due(subscription, local_date(at, zone), "late", claim.period, claim.full, zone))
            if late is not None:
                case.known_late[period] = late
    for (period, watched), devices in zip(taken, reading.changed_devices([each[1] for each in taken]), strict=True):
        cases[watched.customer_id].changed[period] = devices


def find(case: CustomerCase, desk: Desk) -> list[Finding]:
    """Count the watched periods of a case anew, and say what is to become of each difference."""
    findings = []
    for due in case.late:
        group = DueGroup(due.billing_on, due.subscription.currency, due.zone, (due,))
        alone = replace(facts_of(case, group, desk), adjustments=())
        difference = calculate_bill(alone).net
        period = BilledPeriod(due.subscription.id, due.full)
        decision = _decision(due.subscription, difference, case.known_late.get(period))
        priced = {name for version in alone.subscriptions[0].versions for name in version.prices}
        devices = [device for device in case.changed.get(period, ()) if device.device_class in priced]
        findings.append(Finding(due, due.subscription.currency, difference, decision, devices))
    return findings


def take_up(case: CustomerCase, findings: list[Finding]) -> None:
    """Put what is to be billed on the customer's next bill; one of its own where no other will come."""
    for finding in findings:
        if not finding.is_to_bill:
            continue
        subscription = finding.due.subscription
        for place, group in enumerate(case.groups):
            if _belongs(subscription, group):
                case.groups[place] = replace(group, dues=(*group.dues, finding.due))
                break
        else:
            if _is_over(subscription):
                group = DueGroup(finding.due.billing_on, finding.currency, finding.due.zone, (finding.due,))
                case.groups.append(group)


def note(
    findings: Iterable[Finding], billed: Mapping[BilledPeriod, int], *, known_at: datetime | None, at: datetime
) -> None:
    """Keep what was found: open questions, what waits for the next bill, and what a bill (by id) has taken up."""
    for finding in findings:
        subscription, full = finding.due.subscription, finding.due.full
        bill_id = billed.get(BilledPeriod(subscription.id, full))
        told = {
            "difference": finding.difference,
            "currency": finding.currency,
            "known_at": known_at,
            "found_at": at,
            "decision": finding.decision if bill_id is None else "billed",
            "bill_id": bill_id,
            "details": _details(finding.devices),
        }
        period = {"subscription_id": subscription.id, "period": DateRange(full.start, full.end)}
        # An open question is kept up to date, with the name of who decided it; what was closed stays as it was.
        if not LateTruth.objects.filter(**period, decision__in=OPEN_DECISIONS).update(**told):
            LateTruth.objects.create(**period, customer_id=subscription.customer_id, **told)


def _details(devices: Sequence[ChangedDevice]) -> dict[str, Any]:
    """The devices by which the difference came about, as the queue names them."""
    named = [
        {"id": each.device_id, "name": each.name, "class": each.device_class, "before": each.before, "now": each.now}
        for each in devices[:MOST_NAMED]
    ]
    return {"devices": named, "device_count": len(devices)}


def _final_claims(subscription: SubscriptionCase, periods_back: int) -> Iterator[Claimed]:
    """The newest periods whose count is final: those billed, of those billed in advance those that are trued up."""
    final = "settlement" if subscription.timing == "advance" else "period"
    claims = [claim for claim in subscription.latest if claim.part == final]
    ended = subscription.claimed.get("ending", ())
    for claim in claims[:periods_back]:
        if claim.outcome != "waived" and not any(days.overlap(claim.full) for days in ended):
            yield claim


def _newest(claim: Claimed, late: KnownLate | None) -> datetime | None:
    """Up to when everything that the ledger knew has been looked at."""
    stamps = [stamp for stamp in (claim.known_at, late and late.known_at) if stamp is not None]
    return max(stamps, default=None)


def _decision(subscription: SubscriptionCase, difference: Decimal, known: KnownLate | None) -> str:
    if not difference:
        return "gone"
    if difference < 0:
        return "credit"
    if known is not None and known.decision == "catch_up":
        return "catch_up"
    if known is not None and known.decision == "forgiven" and known.difference == difference:
        return "forgiven"
    return {"ask": "asked", "catch_up": "catch_up", "forgive": "forgiven"}[subscription.late_policy]


def _belongs(subscription: SubscriptionCase, group: DueGroup) -> bool:
    """Whether a late line of a subscription may stand on this bill."""
    members = {due.subscription.id for due in group.dues}
    if subscription.bill_separately or any(due.subscription.bill_separately for due in group.dues):
        return subscription.id in members
    return group.currency == subscription.currency


def _is_over(subscription: SubscriptionCase) -> bool:
    """Whether every day that is served is settled, so that no bill will come by itself."""
    end = subscription.ends_on
    if end is None:
        return False
    final = subscription.claimed.get("settlement" if subscription.timing == "advance" else "period", ())
    return any(days.end >= end for days in final)
