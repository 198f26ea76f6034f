"""A draft waits for a person, who releases it, counts it anew, charges something more, or throws it away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from quarterday.bills import late
from quarterday.bills.actions.letting_go import drafts_upon, let_go_for_good, refuse_corrected, refuse_used_rests
from quarterday.bills.collect import CustomerCase, collect, open_cases
from quarterday.bills.content import BillContent
from quarterday.bills.drafting import draft_bill
from quarterday.bills.due import DueGroup
from quarterday.bills.guards import OUT_OF_BOUNDS, RECOUNTED, TWO_PERSONS, Hold
from quarterday.bills.locks import lock_customers
from quarterday.bills.models import Bill, BillApproval, BillDiscard, BillHold, BillIssue, LateTruth, PeriodClaim
from quarterday.bills.reading import BilledPeriod
from quarterday.bills.settling import late_periods, write_drafts
from quarterday.bills.stored import stored_contents, stored_facts
from quarterday.bills.two_persons import discounts_of, refuse_alone
from quarterday.bills.writing import NewBill, issue_written
from quarterday.engine.periods import Period
from quarterday.inventory.lock import inventory_lock
from quarterday.provider.queries import get_provider
from quarterday.provider.words import reason_given
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record
from quarterday.subscriptions.actions import add_adjustment
from quarterday.subscriptions.models import Subscription


class NotADraft(Refused):
    """The bill is issued, or was discarded: neither can be changed."""


class DraftChanged(Refused):
    """The draft's rows are not what was calculated; nothing is issued."""


def release_bill(bill: Bill, *, now: datetime, by: Actor) -> BillIssue | None:
    """Issue a draft exactly as it was reviewed, plus number and dates.

    A draft that is out of bounds, or whose total or discounts are above the provider's amount, takes two persons: the
    first one's word is kept, and the answer is None. To the rule, the command line is one person. Raises NotADraft,
    DraftChanged, and Refused when one person would be both.
    """
    _lock_draft(bill)
    content = stored_contents([bill.pk])[bill.pk]
    if content.digest() != bytes(bill.content_digest):
        raise DraftChanged("bill", f"Draft {bill.pk} is not what was calculated: discard it, and look at the audit.")
    if _takes_two(bill, content) and not _two_agree(bill, now, by):
        return None
    released = NewBill(
        content=content, digest=bytes(bill.content_digest), zone=_zone(bill), parties=(), bill_id=bill.pk
    )
    issue_written([released], mail_hour=get_provider().mail_hour, at=now, by=by)
    record(by, "released", bill, at=now, details={"total": f"{bill.total} {bill.currency}"})
    return BillIssue.objects.get(bill=bill)


def discard_bill(
    bill: Bill, *, now: datetime, by: Actor, waive_reason: str | None = None, second: Actor | None = None
) -> None:
    """Throw a draft away. Its periods are due again with the next run, or waived for good, for a reason.

    Drafts that true it up or catch it up go with it. Raises NotADraft; Refused when a later bill has taken up what this
    one cut off a discount, or an issued one has corrected it; TakesTwo when the draft, without its discounts, is above
    the provider's amount, and waived without a `second` person.
    """
    _lock_draft(bill)
    refuse_used_rests(bill)
    refuse_corrected(bill)
    if waive_reason is not None:
        missing = "is missing: say why these periods are not billed."
        waive_reason = reason_given(waive_reason, field="waive_reason", missing=missing)
    because = f"waived: {waive_reason}" if waive_reason else "draft discarded"
    if waive_reason:
        content = stored_contents([bill.pk])[bill.pk]
        refuse_alone(content.total + discounts_of(content), bill.currency, by=by, second=second)
    discard_upon(bill, now=now, by=by)
    claims = let_go_for_good(bill, because=because, now=now)
    if waive_reason:
        PeriodClaim.objects.bulk_create(_waivers(claims, waive_reason, now))
        LateTruth.objects.filter(subscription__in={claim.subscription_id for claim in claims}, bill=None).filter(
            decision__in=late.TO_BILL, period__in=[claim.full_period for claim in claims]
        ).update(decision="forgiven", decided_by=by.name[:200], decided_at=now)
    _discard(bill, because, now, by)


def recount_bill(bill: Bill, *, now: datetime, by: Actor) -> Bill | None:
    """Calculate a draft anew from what is known now; the new draft waits too. None if nothing is due any more.

    Drafts that true it up or catch it up are counted anew with it. Raises NotADraft; Refused when a later bill has
    taken up what this one cut off a discount, or an issued one has corrected it.
    """
    _lock_draft(bill)
    refuse_used_rests(bill)
    refuse_corrected(bill)
    inventory_lock(shared=True)
    wanted, upon = _periods_of(bill), drafts_upon(bill)
    let_go_for_good(bill, because="draft recounted", now=now)
    provider = get_provider()
    cases = open_cases([bill.customer_id], at=now, provider=provider, confirmed=True)
    late.watch(cases, at=now, periods_back=provider.late_periods_limit)
    case = cases[bill.customer_id]
    case.raise_trouble()
    desk = collect(cases, provider, instead_of=bill.pk)
    findings = late.find(case, desk)
    late.take_up(case, findings)
    group = _same_group(case, wanted)
    if group is None:
        _discard(bill, "recounted: nothing is due any more", now, by)
        _recount_upon(upon, now, by)
        return None
    drafted = draft_bill(case, group, desk, at=now)
    if not drafted.is_empty and not drafted.holds:
        hold = Hold(RECOUNTED, "This bill was counted anew: look at it, then release it.")
        drafted = replace(drafted, holds=(hold,))
    bills = write_drafts([drafted], desk, at=now, by=by, run_id=bill.run_id)
    late.note(findings, late_periods([drafted], bills), known_at=desk.known_at, at=now)
    new = Bill.objects.get(pk=bills[0].bill_id) if bills else None
    _discard(bill, "recounted" if new else "recounted: it charges nothing", now, by, replaced_by=new)
    _recount_upon(upon, now, by)
    return new


def discard_upon(bill: Bill, *, now: datetime, by: Actor) -> None:
    """Throw away the drafts that stand on a bill whose charges are let go; the next run makes them anew."""
    for draft in drafts_upon(bill):
        because = f"it corrects bill {bill.pk}, which was let go"
        let_go_for_good(draft, because=because, now=now)
        _discard(draft, because, now, by)


def adjust_draft(
    bill: Bill,
    *,
    text: str,
    now: datetime,
    by: Actor,
    amount: Decimal | None = None,
    percent: Decimal | None = None,
    quantity: Decimal | None = None,
    unit_price: Decimal | None = None,
    subscription: Subscription | None = None,
    tax_code: str | None = None,
) -> Bill | None:
    """Put a charge or a discount on a draft, once, and count it anew. Raises NotADraft and what add_adjustment does."""
    _lock_draft(bill)
    form: dict[str, Any] = {"amount": amount, "percent": percent, "quantity": quantity, "unit_price": unit_price}
    if tax_code is not None:
        form["tax_code"] = tax_code
    add_adjustment(
        bill.customer, text=text, starts_on=bill.billing_date, subscription=subscription, by=by, now=now, **form
    )
    return recount_bill(bill, now=now, by=by)


def _recount_upon(drafts: list[Bill], now: datetime, by: Actor) -> None:
    for draft in drafts:
        recount_bill(draft, now=now, by=by)


def _lock_draft(bill: Bill) -> None:
    lock_customers([bill.customer_id])
    if issue := BillIssue.objects.filter(bill=bill).first():
        raise NotADraft("bill", f"{issue.number} is issued: correct it by a credit note.")
    if BillDiscard.objects.filter(bill=bill).exists():
        raise NotADraft("bill", f"Draft {bill.pk} was discarded.")


def _takes_two(bill: Bill, content: BillContent) -> bool:
    """Whether it was held as such, or is above the amount that has been set since."""
    if BillHold.objects.filter(bill=bill, code__in=[OUT_OF_BOUNDS, TWO_PERSONS]).exists():
        return True
    limit = get_provider().two_persons_above
    return limit is not None and max(content.total, discounts_of(content)) > limit


def _two_agree(bill: Bill, now: datetime, by: Actor) -> bool:
    """Keep a person's word for a draft that takes two; whether another one's was there before."""
    agreed = set(BillApproval.objects.filter(bill=bill).values_list("user_id", flat=True))
    if by.user_id in agreed:
        raise Refused("bill", "You have agreed already. It takes two persons, so another person has to agree too.")
    BillApproval.objects.create(
        bill=bill, customer_id=bill.customer_id, approved_by=by.name[:200], user_id=by.user_id, approved_at=now
    )
    record(by, "approved", bill, at=now)
    return bool(agreed)


def _discard(bill: Bill, reason: str, now: datetime, by: Actor, replaced_by: Bill | None = None) -> None:
    BillDiscard.objects.create(
        bill=bill,
        customer_id=bill.customer_id,
        reason=reason[:300],
        replaced_by=replaced_by,
        discarded_at=now,
        discarded_by=by.name[:200],
    )
    record(by, "discarded", bill, at=now, details={"reason": reason})


def _waivers(claims: list[PeriodClaim], reason: str, now: datetime) -> list[PeriodClaim]:
    """The same days, settled without a bill. What was to be billed in advance will have no true-up either."""
    parts = [(claim, claim.part) for claim in claims]
    parts += [
        (claim, "settlement")
        for claim in claims
        if claim.part == "period" and claim.subscription.plan.timing == "advance"
    ]
    return [
        PeriodClaim(
            subscription_id=claim.subscription_id,
            customer_id=claim.customer_id,
            period=claim.period,
            full_period=claim.full_period,
            part=part,
            outcome="waived",
            reason=reason,
            known_at=claim.known_at,
            claimed_at=now,
        )
        for claim, part in parts
    ]


def _periods_of(bill: Bill) -> set[BilledPeriod]:
    """The periods that a draft is about."""
    claims = PeriodClaim.objects.filter(bill=bill, released_at=None).values_list("subscription", "full_period")
    truths = LateTruth.objects.filter(bill=bill).values_list("subscription", "period")
    return {BilledPeriod(subscription, Period(days.lower, days.upper)) for subscription, days in (*claims, *truths)}


def _same_group(case: CustomerCase, wanted: set[BilledPeriod]) -> DueGroup | None:
    """The group that is about the same periods; of several, the one that is about most of them."""

    def shared(group: DueGroup) -> int:
        return sum(BilledPeriod(due.subscription.id, due.full) in wanted for due in group.dues)

    best = max(case.groups, key=shared, default=None)
    return best if best is not None and shared(best) else None


def _zone(bill: Bill) -> str:
    """The time zone in which the bill became due, of which its issue date is a local date."""
    facts = stored_facts(bill.pk)
    return bill.customer.time_zone if facts is None else str(json.loads(facts)["time_zone"])
