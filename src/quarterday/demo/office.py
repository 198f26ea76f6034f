"""What the accounts office decides in the demo's story: late truths, doubles, the tax, what takes two persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from quarterday.bills.actions import decide_late_truth, release_bill
from quarterday.bills.queries import drafts_to_review, get_bill, late_truths
from quarterday.demo.events import CLERK, SOURCE, Event, Scene
from quarterday.engine.periods import Period
from quarterday.inventory.actions import correct_presence, decide_replacement, set_class
from quarterday.inventory.queries import find_device, proposed_replacements
from quarterday.payments.actions import credit_or_propose
from quarterday.payments.queries import open_invoices
from quarterday.provider.actions import add_tax_rule, change_provider
from quarterday.provider.queries import get_provider, tax_codes

TWO_PERSONS_ABOVE = 50_000
"""In whole units of each currency: only the factory's bills, which are in yen, are above it."""


def find_a_computer(scene: Scene) -> None:
    """A computer of the harbour was there weeks before it was enrolled: their plan asks about the month before."""
    enrolled = scene.fleet.day(4, 12)
    correct_presence(
        find_device("harbor-computer-10", source=SOURCE),
        days=Period(enrolled - timedelta(days=30), enrolled),
        at=scene.customers["harbor"],
        reason="The technicians had forgotten the agent",
        by=CLERK,
        now=scene.now,
    )


def forgive_it(scene: Scene) -> None:
    """The technicians' own mistake is not charged."""
    for truth in late_truths().filter(customer=scene.customers["harbor"]):
        decide_late_truth(truth, decision="forgiven", by=CLERK, now=scene.now)


def call_it_a_computer(scene: Scene) -> None:
    """A tablet of the hotel has a keyboard and runs Windows: it is a computer from today on."""
    tablet = find_device("alpen-mobile-03", source=SOURCE)
    set_class(tablet, device_class="computer", by=CLERK, now=scene.now)


def merge_a_double(scene: Scene) -> None:
    """A laptop of the hotel is listed twice since its agent was installed anew: both entries count as one."""
    for double in proposed_replacements().filter(customer=scene.customers["alpen"]):
        decide_replacement(double.pk, accept=True, by=CLERK, now=scene.now)


def say_why_bills_differ(scene: Scene) -> None:
    """From now on bills and their mails say why they differ from the bill before."""
    change_provider(get_provider(), bridge_on_paper=True, bridge_in_mail=True, by=CLERK, now=scene.now)


def lower_the_tax(scene: Scene) -> None:
    """The government lowers the tax to 16 % for the last months of the year, as it did once."""
    code = tax_codes().get(code="standard")
    day = scene.fleet.day(13)
    add_tax_rule(code, country="DE", category="S", rate=Decimal(16), valid_from=day, by=CLERK, now=scene.now)


def ask_for_two_persons(scene: Scene) -> None:
    """The auditor has asked for it: large bills, and large amounts that are given up, take two persons."""
    change_provider(get_provider(), two_persons_above=TWO_PERSONS_ABOVE, by=CLERK, now=scene.now)


def propose_goodwill(scene: Scene) -> None:
    """The factory stood still and asks for a month back: Clara proposes it, and nobody has agreed yet."""
    newest = open_invoices([scene.customers["sakura"].pk], on=scene.today)[-1]
    credit_or_propose(get_bill(newest.number), reason="Goodwill: the factory stood still", by=CLERK, now=scene.now)


def release_as_the_first(scene: Scene) -> None:
    """Clara has released the factory's last bill; it waits for a second person."""
    for draft in drafts_to_review():
        if draft.customer_id == scene.customers["sakura"].pk:
            release_bill(draft, by=CLERK, now=scene.now)


OFFICE: Sequence[Event] = [
    Event(4, 20, find_a_computer),
    Event(5, 3, forgive_it),
    Event(5, 8, call_it_a_computer),
    Event(9, 12, merge_a_double),
    Event(11, 15, say_why_bills_differ),
    Event(12, 20, lower_the_tax),
    Event(13, 4, ask_for_two_persons),
    Event(13, 4, propose_goodwill),
    Event(14, 2, release_as_the_first),
]
