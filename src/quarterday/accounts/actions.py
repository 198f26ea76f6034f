"""Let people in, and say what they may do and see. All inside `acting(Scope.all())`; each act leaves an audit entry."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from quarterday.accounts.models import Assignment, Role, Upload, User
from quarterday.accounts.queries import UPLOADS_LAST
from quarterday.accounts.roles import SEES_EVERYTHING
from quarterday.customers.models import Customer
from quarterday.outbox.secrets import sealed_anew
from quarterday.provider import checks
from quarterday.provider.checks import Check, checked, one_of, text
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

__all__ = [
    "assign",
    "change_user",
    "close_user",
    "create_user",
    "forget_second_factor",
    "forget_upload",
    "keep_upload",
    "note_new_browser",
    "reopen_user",
    "reseal_second_factors",
    "set_password",
    "set_upload_options",
    "unassign",
]

LARGEST_UPLOAD = 32 * 1024 * 1024
"""Bytes; a list of 300,000 devices. A larger one is imported from the command line."""

USER_FIELDS: dict[str, Check] = {
    "email": lambda value: checks.checked_email(value).lower(),
    "name": text(200),
    "role": one_of(Role.values),
    "language": checks.checked_language,
}


def create_user(
    *,
    email: str,
    role: str,
    by: Actor,
    now: datetime,
    name: str = "",
    password: str | None = None,
    language: str = "en",
    customers: Iterable[Customer] = (),
) -> User:
    """Let somebody sign in. Without a password they can only come by a mailed link or a reset.

    Customers may be assigned at once. Refused names everything that is wrong, also a password that is too weak.
    """
    given = {"email": email, "name": name, "role": role, "language": language}
    kept = checked(given, USER_FIELDS, more=[*_taken(email), *_borne(name, role)])
    user = User(**kept, is_staff=False)
    _set_password(user, password)
    user.save()
    record(by, "added", user, at=now, details=kept)
    if chosen := list(customers):
        assign(user, chosen, by=by, now=now)
    return user


def change_user(user: User, *, by: Actor, now: datetime, **changes: Any) -> None:
    """Change a user's e-mail address, name, role or language. The last active admin stays one."""
    current = User.objects.select_for_update().get(pk=user.pk)
    email = str(changes.get("email", current.email))
    taken = _taken(email) if email.strip().lower() != current.email else []
    name, role = str(changes.get("name", current.name)), str(changes.get("role", current.role))
    borne = _borne(name, role, but=current.pk) if (name, role) != (current.name, current.role) else []
    kept = checked(changes, USER_FIELDS, more=[*taken, *borne])
    if kept.get("role", current.role) != Role.ADMIN:
        _refuse_last_admin(current)
    told = {name: [getattr(current, name), value] for name, value in kept.items() if getattr(current, name) != value}
    for name, value in kept.items():
        setattr(user, name, value)
    user.save(update_fields=list(kept))
    if "email" in told:
        # allauth notes every address it sees, and lets in by it: whoever reads the mailbox of before must not.
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    if kept.get("role") in SEES_EVERYTHING:
        Assignment.objects.filter(user=user).delete()
    if told:
        record(by, "changed", user, at=now, details=told)


def set_password(user: User, *, password: str, by: Actor, now: datetime) -> None:
    """Give a user another password; every session they have ends with it."""
    _set_password(user, password)
    user.save(update_fields=["password"])
    record(by, "set the password of", user, at=now)


def close_user(user: User, *, by: Actor, now: datetime) -> None:
    """Let a user in no more; what they did keeps their name. The last active admin stays."""
    current = User.objects.select_for_update().get(pk=user.pk)
    _refuse_last_admin(current)
    user.is_active, user.session_round = False, current.session_round + 1
    user.save(update_fields=["is_active", "session_round"])
    record(by, "closed", user, at=now)


def forget_second_factor(user: User, *, by: Actor, now: datetime) -> None:
    """Take authenticator app, passkeys and recovery codes from a user who lost them; every session they have ends.

    Their next sign-in is with the password alone, and leads to setting a second factor up.
    """
    current = User.objects.select_for_update().get(pk=user.pk)
    if not Authenticator.objects.filter(user=current).delete()[0]:
        raise Refused("", f"{user.email} has no second factor that could be taken.")
    user.session_round = current.session_round + 1
    user.save(update_fields=["session_round"])
    record(by, "took the second factor of", user, at=now)


def reseal_second_factors(*, now: datetime, by: Actor) -> int:
    """Seal what second factors are made of with the newest key; how many secrets that were."""
    count = 0
    for factor in Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN):
        for name in {"secret", "seed"} & set(factor.data):
            factor.data[name] = sealed_anew(factor.data[name].encode()).decode()
            count += 1
        factor.save(update_fields=["data"])
        record(by, "sealed anew the second factor of", factor.user, at=now)
    return count


def note_new_browser(user: User, *, by: Actor, now: datetime) -> None:
    """A user signed in with a browser that was not known of them: the other admins are told (see alarms.py)."""
    record(by, "signed in from a new browser", user, at=now)


def reopen_user(user: User, *, by: Actor, now: datetime) -> None:
    """Let a closed user in again."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(by, "reopened", user, at=now)


def assign(user: User, customers: Iterable[Customer], *, by: Actor, now: datetime) -> None:
    """Show customers to a customer admin or contact, from the next request on; doing it again changes nothing."""
    if Role(user.role) in SEES_EVERYTHING:
        raise Refused(
            "role", f"of {user.email} sees all customers already: only a customer admin or contact needs any."
        )
    known = set(Assignment.objects.filter(user=user).values_list("customer", flat=True))
    for customer in customers:
        if customer.pk in known:
            continue
        Assignment.objects.create(user=user, customer=customer, assigned_at=now, assigned_by=str(by))
        record(by, "assigned to", user, at=now, customer_id=customer.pk, details={"customer": customer.number})


def unassign(user: User, customers: Iterable[Customer], *, by: Actor, now: datetime) -> None:
    """Hide customers from a user, from the next request on."""
    for customer in customers:
        if Assignment.objects.filter(user=user, customer=customer).delete()[0]:
            record(by, "unassigned from", user, at=now, customer_id=customer.pk, details={"customer": customer.number})


def keep_upload(user: User, *, purpose: str, name: str, content: bytes, now: datetime) -> Upload:
    """Lay a file on a user's desk, where it stays for a day; what is older there is thrown away, whoever's it is.

    Refused for a file that is empty or larger than `LARGEST_UPLOAD`.
    """
    if not content:
        raise Refused("file", "is empty: choose the file that you saved.")
    if len(content) > LARGEST_UPLOAD:
        raise Refused(
            "file",
            f"is too large ({len(content) // 1024 // 1024} MB): split it by customer, or import it from the command"
            f" line. Here it may have {LARGEST_UPLOAD // 1024 // 1024} MB.",
        )
    Upload.objects.filter(kept_at__lte=now - UPLOADS_LAST).delete()
    return Upload.objects.create(
        key=uuid.uuid4(), user=user, purpose=purpose, name=name[:200] or purpose, content=content, kept_at=now
    )


def set_upload_options(upload: Upload, options: Mapping[str, Any]) -> None:
    """Note how a file on the desk is to be read."""
    upload.options = dict(options)
    upload.save(update_fields=["options"])


def forget_upload(upload: Upload) -> None:
    """Take a file from the desk: it was used, or nobody wants it."""
    upload.delete()


def _set_password(user: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Refused("password", " ".join(error.messages)) from None
    user.set_password(password)


def _taken(email: str) -> list[Problem]:
    if User.objects.filter(email=email.strip().lower()).exists():
        return [Problem("email", f"{email!r} has a user already: change that one.")]
    return []


def _borne(name: str, role: str, *, but: int | None = None) -> list[Problem]:
    """Nobody who sees everything takes the name of another: the trail and every approval say who by it.

    Others may have one name, and are not told of each other.
    """
    if role not in SEES_EVERYTHING or not _plain(name):
        return []
    others = User.objects.filter(role__in=SEES_EVERYTHING).values_list("pk", "name", "email")
    if any(_plain(name) in (_plain(theirs), _plain(email)) for pk, theirs, email in others if pk != but):
        return [Problem("name", f"{name!r} is another user's name, or address: who did what is told apart by it.")]
    return []


def _plain(name: str) -> str:
    """A name as an eye takes it, whatever its capitals, its width and its spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _refuse_last_admin(user: User) -> None:
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    if user.role == Role.ADMIN and user.is_active and not admins.exclude(pk=user.pk).exists():
        raise Refused("role", f"of {user.email} must stay: it is the last admin. Make another one first.")
