"""One mail a day to ourselves: which devices were paused, and which exceptions end soon. It surprises nobody later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from quarterday.documents.letters import write_letter
from quarterday.documents.wording import Language, language
from quarterday.engine.periods import local_date
from quarterday.inventory.models import BillingException
from quarterday.outbox.actions import NewMessage, Ready, make_ready, post_messages
from quarterday.provider.models import Provider
from quarterday.provider.queries import find_provider
from quarterday.subscriptions.models import Pause

MOST_TOLD = 200
"""So many of each are named in one mail; the rest follow with the next."""


def announce(*, now: datetime) -> int:
    """Mail what has not been told yet; answers how many pauses and exceptions. Nothing without an address of ours.

    Each is told once. It is one message a day, so that a second call on a day tells nothing more.
    """
    provider = find_provider()
    if provider is None or not provider.email:
        return 0
    today = local_date(now, provider.time_zone)
    pauses, endings = list(_pauses()[:MOST_TOLD]), list(_endings(now, provider)[:MOST_TOLD])
    if not pauses and not endings:
        return 0
    key = f"notice/{today}"
    words = language(provider.language)
    letter = write_letter("notice", words, {"provider": provider.name, "told": _told(words, pauses, endings)})
    message = NewMessage(key=key, kind="notice", customer_id=None, recipients=[provider.email], not_before=now)
    message_id = post_messages([message], now=now)[key]
    make_ready([Ready(message_id, letter.subject, letter.body)], now=now)
    told_at = {"announced_at": now}
    Pause.objects.filter(pk__in=[pause.pk for pause in pauses]).update(**told_at)
    BillingException.objects.filter(pk__in=[ending.pk for ending in endings]).update(**told_at)
    return len(pauses) + len(endings)


def _pauses() -> QuerySet[Pause]:
    untold = Pause.objects.filter(announced_at=None, withdrawn_at=None, valid__upper_inf=True)
    return untold.select_related("device", "customer", "subscription__plan").order_by("customer__name", "pk")


def _endings(now: datetime, provider: Provider) -> QuerySet[BillingException]:
    today = local_date(now, provider.time_zone)
    latest = today + timedelta(days=provider.exception_notice_days)
    soon = BillingException.objects.filter(
        announced_at=None, withdrawn_at=None, valid__endswith__gt=today, valid__endswith__lte=latest
    )
    return soon.select_related("device", "customer").order_by("valid", "pk")


def _told(words: Language, pauses: Iterable[Pause], endings: Iterable[BillingException]) -> str:
    lines = [
        words.say("letter.notice.paused").format(
            device=pause.device.name,
            customer=pause.customer.name,
            plan=pause.subscription.plan.name,
            day=words.short_date(pause.valid.lower),
        )
        for pause in pauses
    ]
    lines += [
        words.say("letter.notice.ends").format(
            device=ending.device.name,
            customer=ending.customer.name,
            reason=ending.reason,
            day=words.short_date(ending.valid.upper - timedelta(days=1)),
        )
        for ending in endings
    ]
    return "\n".join(f"- {line}" for line in lines)
