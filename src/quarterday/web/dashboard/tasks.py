"""What needs a person today, each with the page on which it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quarterday.bills.queries import Unbilled
from quarterday.payments.queries import Age
from quarterday.upkeep.attention import Attention
from quarterday.upkeep.standing import DRILL_OLD_AFTER
from quarterday.web.door import Request
from quarterday.web.templatetags.quarterday import words


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do: how much, in words, and where."""

    count: int
    words: str
    why: str
    address: str
    icon: str


def tasks(request: Request, found: Attention, unbilled: Iterable[Unbilled], ages: Iterable[Age]) -> list[Task]:
    """All that is there to do, what stops bills first; what the reader's role cannot open is left out."""
    listed = [*_bills(found), *_devices(found, list(unbilled)), *_not_charged(found), *_money(list(ages))]
    if "bill" in request.abilities:
        listed += _mail(found)
    if "trail" in request.abilities:
        listed += _backup(request, found)
    return [task for task in listed if task.count]


def _bills(found: Attention) -> Iterator[Task]:
    waiting = reverse("bills_waiting")
    yield Task(
        found.parked_customers,
        ngettext("customer is parked", "customers are parked", found.parked_customers),
        _("Something does not fit; they are not billed until somebody retries."),
        waiting,
        "circle-parking",
    )
    yield Task(
        found.held_bills,
        ngettext("bill is held", "bills are held", found.held_bills),
        _("A guard found it unlikely: release or recount it."),
        waiting,
        "shield-alert",
    )
    yield Task(
        found.bills_to_review,
        ngettext("bill is to be reviewed", "bills are to be reviewed", found.bills_to_review),
        _("It goes out when you release it."),
        waiting,
        "eye",
    )
    yield Task(
        found.late_truths,
        ngettext("question about what was learned late", "questions about what was learned late", found.late_truths),
        _("Devices of a billed period became known afterwards: charge or forgive."),
        reverse("late_truths"),
        "history",
    )
    yield Task(
        found.proposals,
        ngettext("proposal waits for a second person", "proposals wait for a second person", found.proposals),
        _("A credit note, write-off or refund above the amount: approve or refuse it."),
        reverse("proposals"),
        "users",
    )


def _devices(found: Attention, unbilled: list[Unbilled]) -> Iterator[Task]:
    yield Task(
        found.held_syncs,
        ngettext("sync is held", "syncs are held", found.held_syncs),
        _("Too many devices would go at once: look whether it is true."),
        reverse("inventory"),
        "cloud-alert",
    )
    yield Task(
        found.unmapped_customers,
        ngettext("unknown customer", "unknown customers", found.unmapped_customers),
        ngettext(
            "%(count)d device of theirs is not billed until you say who it is.",
            "%(count)d devices of theirs are not billed until you say who it is.",
            found.unmapped_devices,
        )
        % {"count": found.unmapped_devices},
        reverse("mappings"),
        "circle-question-mark",
    )
    count = sum(row.device_count for row in unbilled)
    customers = len({row.customer_id for row in unbilled})
    yield Task(
        count,
        ngettext("device brings nothing in", "devices bring nothing in", count),
        ngettext("No plan of %(count)d customer prices it.", "No plan of %(count)d customers prices them.", customers)
        % {"count": customers},
        reverse("unbilled_devices"),
        "monitor-off",
    )
    yield Task(
        found.proposed_replacements,
        ngettext("device may have been replaced", "devices may have been replaced", found.proposed_replacements),
        _("Say whether old and new count as one."),
        reverse("replacements"),
        "replace",
    )


def _not_charged(found: Attention) -> Iterator[Task]:
    yield Task(
        found.ending_exceptions,
        ngettext("exception ends soon", "exceptions end soon", found.ending_exceptions),
        ngettext(
            "Within %(count)d day the device is charged again: renew it, or tell the customer.",
            "Within %(count)d days the device is charged again: renew it, or tell the customer.",
            found.notice_days,
        )
        % {"count": found.notice_days},
        f"{reverse('exceptions')}?soon=yes",
        "calendar-clock",
    )
    yield Task(
        found.newly_paused,
        ngettext("device was paused this week", "devices were paused this week", found.newly_paused),
        _("Nothing was heard of it for so long as its plan says: is it lost, or gone?"),
        reverse("paused_devices"),
        "circle-pause",
    )


def _mail(found: Attention) -> Iterator[Task]:
    yield Task(
        found.failed_mails,
        ngettext("mail did not arrive", "mails did not arrive", found.failed_mails),
        _("The server refused it, or it is unclear: see its words."),
        f"{reverse('outbox')}?show=trouble",
        "mail-warning",
    )


def _backup(request: Request, found: Attention) -> Iterator[Task]:
    """A backup that was never restored is a hope; before the first one there is nothing to lose yet."""
    if found.proven_at is None:
        return
    days = (request.now - found.proven_at).days
    is_old = request.now - found.proven_at > DRILL_OLD_AFTER
    yield Task(
        days if is_old else 0,
        ngettext("day without a proven restore", "days without a proven restore", days),
        _("Restore a backup into a scratch database: quarterday drill."),
        reverse("status"),
        "archive-restore",
    )


def _money(ages: list[Age]) -> Iterator[Task]:
    count = sum(age.overdue_count for age in ages)
    amounts = ", ".join(words().money(age.overdue, age.currency) for age in ages if age.overdue)
    yield Task(
        count,
        ngettext("bill is overdue", "bills are overdue", count),
        _("%(amounts)s should have been paid.") % {"amounts": amounts},
        f"{reverse('bills')}?paid=overdue",
        "clock-alert",
    )
