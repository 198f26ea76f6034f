"""What other admins are told of at once: sign-ins from new browsers, changes by which money or mail goes astray, and
whatever could make one person two: another amount above which it takes two, another user who may approve, an approval
by command, which does not say who typed it.

It is read from the audit trail, so that a change counts through whichever door it was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from quarterday.accounts.models import Role, User
from quarterday.accounts.roles import ABILITIES, Ability
from quarterday.shared.models import AuditEntry

__all__ = ["Alarm", "alarms"]

LOOKS_BACK = timedelta(days=1)
"""A worker that was down for longer tells nothing that is older."""

BANK = frozenset({"iban", "bic", "account_holder", "bank_name", "bank_details"})
OF_USERS = {
    "signed in from a new browser": "sign_in",
    "took the second factor of": "second_factor",
    "reopened": "approver",
}
APPROVED = ("payments.Proposal", "bills.Bill")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to tell: what happened (a key of the letters), who did it, when, and which admins learn of it."""

    key: str
    what: str
    who: str
    about: str
    at: datetime
    address: str
    tell: tuple[User, ...]


def alarms(*, now: datetime) -> list[Alarm]:
    """What the last day's entries are to be told of; the doer is not told, unless there is no other admin."""
    entries = AuditEntry.objects.filter(
        Q(subject_kind__in=["provider.Provider", "outbox.MailServer", "accounts.User"])
        | Q(subject_kind__in=APPROVED, verb="approved", user_id=None),
        at__gt=now - LOOKS_BACK,
    ).order_by("pk")
    told = [(entry, what) for entry in entries if (what := _what(entry))]
    if not told:
        return []
    admins = list(User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk"))
    return [
        Alarm(
            key=f"alarm/{entry.pk}",
            what=what,
            who=entry.actor_name,
            about=entry.subject_name,
            at=entry.at,
            address=entry.address,
            tell=tuple(_others(admins, entry.user_id)),
        )
        for entry, what in told
        # Of the very first admin there is nobody to tell.
        if what != "approver" or any(admin.pk != entry.subject_id for admin in admins)
    ]


def _what(entry: AuditEntry) -> str:
    if entry.subject_kind == "outbox.MailServer":
        return "mail_server" if entry.verb == "configured mail" else ""
    if entry.subject_kind in APPROVED:
        return "command"
    if entry.subject_kind == "accounts.User":
        return OF_USERS.get(entry.verb, "") or ("approver" if _may_approve(entry) else "")
    if entry.verb != "changed":
        return ""
    return "bank" if BANK & set(entry.details) else "two_persons" if "two_persons_above" in entry.details else ""


def _may_approve(entry: AuditEntry) -> bool:
    """Whether a user was added with a role that approves, or was given one."""
    told = entry.details.get("role")
    role = told[1] if entry.verb == "changed" and told else told if entry.verb == "added" else None
    return role is not None and Ability.BILL in ABILITIES[role]


def _others(admins: Iterable[User], doer: int | None) -> list[User]:
    everybody = list(admins)
    return [admin for admin in everybody if admin.pk != doer] or everybody
