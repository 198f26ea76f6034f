"""Facts -> drafts: one customer's bills as they would be written, in order, each seeing what the one before did.

Nothing here touches a table: a dry run is this and no more, and the run writes exactly what comes out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from quarterday.bills.collect import CustomerCase, Desk, facts_of
from quarterday.bills.content import BillContent, content_of_draft
from quarterday.bills.due import DueGroup
from quarterday.bills.guards import Hold, charged_by, holds_of
from quarterday.bills.packing import pack
from quarterday.bills.reading import BilledPeriod
from quarterday.engine.calculate import BillDraft, calculate_bill
from quarterday.engine.facts import BillingFacts
from quarterday.engine.lines import as_billed
from quarterday.engine.stored_facts import facts_to_bytes


@dataclass(frozen=True)
class Drafted:
    """One bill before it is written: what it settles, what it depends on, what it says, and why it waits.

    An empty one settles its periods and says nothing. `use_positions` counts, by adjustment, how many uses this is.
    """

    case: CustomerCase
    group: DueGroup
    facts: BillingFacts
    draft: BillDraft
    content: BillContent
    holds: tuple[Hold, ...]
    use_positions: Mapping[int, int]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is charged, so that no bill is made."""
        return self.draft.outcome == "empty"

    @property
    def is_issued_at_once(self) -> bool:
        """Whether there is a bill, and nobody has to look at it first."""
        return not self.is_empty and not self.holds

    @cached_property
    def facts_bytes(self) -> bytes:
        """The canonical bytes of the facts."""
        return facts_to_bytes(self.facts)

    @cached_property
    def facts_digest(self) -> bytes:
        """The sha256 of the facts' bytes."""
        return hashlib.sha256(self.facts_bytes).digest()

    @cached_property
    def facts_stored(self) -> bytes:
        """The facts as they are kept."""
        return pack(self.facts_bytes)

    def serialise(self) -> None:
        """Make the bytes and digests that are written, ahead of the writing."""
        if not self.is_empty:
            _ = self.facts_stored, self.digest

    @cached_property
    def digest(self) -> bytes:
        """The digest of the bill's content: a dry run and its run have the same."""
        return self.content.digest()


def draft_bills(case: CustomerCase, desk: Desk, *, at: datetime) -> Iterator[Drafted]:
    """The bills of a customer that are due, oldest first. ValueError or Refused, in words, if its facts contradict."""
    for group in case.groups:
        drafted = draft_bill(case, group, desk, at=at)
        _carry_on(case, drafted)
        yield drafted


def draft_bill(case: CustomerCase, group: DueGroup, desk: Desk, *, at: datetime) -> Drafted:
    """One bill: collect's facts, the engine's arithmetic, the paper's content, the guards' reasons."""
    facts = facts_of(case, group, desk)
    draft = calculate_bill(facts)
    content = _content(case, group, draft, desk)
    holds = () if draft.outcome == "empty" else tuple(holds_of(case, group, content, desk, at=at))
    uses = {adjustment.id: adjustment.uses + 1 for adjustment in case.adjustments}
    return Drafted(case, group, facts, draft, content, holds, uses)


def _content(case: CustomerCase, group: DueGroup, draft: BillDraft, desk: Desk) -> BillContent:
    """What the bill says, with whom it is from and for, where it goes and what they call it."""
    subscriptions = {due.subscription.id: due.subscription for due in group.dues}.values()
    emails = dict.fromkeys(email for subscription in subscriptions for email in subscription.emails)
    orders = dict.fromkeys(subscription.po_number for subscription in subscriptions if subscription.po_number)
    return content_of_draft(
        draft,
        accounts=desk.accounts,
        recipients=tuple(emails or case.customer.emails),
        seller=desk.seller.digest,
        buyer=case.buyer.digest,
        po_number=", ".join(orders)[:60] or case.customer.po_number,
        buyer_reference=case.customer.buyer_reference,
    )


def _carry_on(case: CustomerCase, drafted: Drafted) -> None:
    """Bring the case up to date, so that the customer's next bill sees this one."""
    if drafted.group is case.groups[-1]:
        return
    for due in drafted.group.dues:
        due.subscription.was_issued = due.subscription.was_issued or drafted.is_issued_at_once
        billed = [
            as_billed(line, drafted.digest.hex())
            for line in drafted.draft.lines
            if line.subscription_id == str(due.subscription.id)
            and line.unit_price is not None
            and line.days is not None
            and due.full.contains(line.days.start)
        ]
        if billed:
            period = BilledPeriod(due.subscription.id, due.full)
            case.billed[period] = [*case.billed.get(period, ()), *billed]
    case.last_times |= charged_by(drafted.content, drafted.group)
    uses = {int(use.adjustment_id): use for use in drafted.draft.adjustments}
    for adjustment in case.adjustments:
        if use := uses.get(adjustment.id):
            adjustment.uses += 1
            adjustment.used = use.occurrence or adjustment.used
            adjustment.rest = use.rest
