"""Mails to admins about what they should know at once; the worker asks for it every minute."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from quarterday.accounts.alarms import Alarm, alarms
from quarterday.outbox.actions import NewMessage, post_messages
from quarterday.provider.queries import find_provider


def post_alarms(*, now: datetime) -> int:
    """Post what has not been posted yet, in each admin's language; how many things there are to tell of the last day.

    Inside `acting(Scope.all())`. The outbox takes each key once, so it may be done again at any time.
    """
    provider = find_provider()
    zone = ZoneInfo(provider.time_zone if provider else "UTC")
    found = alarms(now=now)
    post_messages([_mail(alarm, admin, zone, now) for alarm in found for admin in alarm.tell], now=now)
    return len(found)


def _mail(alarm: Alarm, admin: Any, zone: ZoneInfo, now: datetime) -> NewMessage:
    with translation.override(admin.language):
        context = {"alarm": alarm, "at": alarm.at.astimezone(zone), "zone": zone.key}
        body = render_to_string("web/sign_in/alarm_mail.txt", context)
        subject = _subject(alarm)
    return NewMessage(f"{alarm.key}/{admin.pk}", "notice", None, [admin.email], now, subject, body)


def _subject(alarm: Alarm) -> str:
    words = {
        "bank": _("Bank details were changed"),
        "mail_server": _("The mail server was changed"),
        "sign_in": _("A sign-in from a new browser"),
        "second_factor": _("A second factor was taken away"),
        "two_persons": _("The amount above which it takes two persons was changed"),
        "approver": _("A user may approve what takes two persons"),
        "command": _("A command approved what takes two persons"),
    }
    return f"Quarterday: {words[alarm.what]}"
