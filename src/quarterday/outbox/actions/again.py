"""What a person does with a mail: send it again, or take it back before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterday.outbox.actions.posting import Enclosure, NewMessage, Ready, make_ready, post_messages
from quarterday.outbox.actions.server import MailNotReady, check_address
from quarterday.outbox.models import Delivery, Message
from quarterday.outbox.secrets import body_of
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

NOT_LEFT = ("waiting", "queued", "deferred")
"""The states of a delivery that the mail server has not been told of, or has put off."""


class DeliveryUnknown(NotFound):
    """There is no such delivery."""


def send_again(message: Message, *, now: datetime, by: Actor, to: Sequence[str] | None = None) -> Message:
    """Post the same text and files once more, by hand: to everybody, or to the addresses in `to`.

    The first message and what became of it stay as they are. Raises MailNotReady while the first is still unprinted.
    """
    if message.ready_at is None:
        raise MailNotReady(
            "message", "This message is not ready: its bill is not printed yet. It will go out by itself."
        )
    addresses = list(to or message.recipients)
    for address in addresses:
        check_address("to", address)
    stem = message.key.split("/again/")[0]
    # The key must be free even when two people press the button at once; the lock lets one wait for the other.
    Message.objects.select_for_update().get(pk=message.pk)
    times = Message.objects.filter(key__startswith=f"{stem}/again/").count()
    key = f"{stem}/again/{times + 1}"
    new_id = post_messages(
        [NewMessage(key=key, kind=message.kind, customer_id=message.customer_id, recipients=addresses, not_before=now)],
        now=now,
    )[key]
    files = [Enclosure(a.filename, bytes(a.content), a.content_type) for a in message.attachments.order_by("pk")]
    make_ready([Ready(new_id, message.subject, body_of(message), files, message.is_sealed)], now=now)
    copy = Message.objects.get(pk=new_id)
    record(
        by, "sent again", message, at=now, customer_id=message.customer_id, details={"to": addresses, "copy": new_id}
    )
    return copy


def retry_delivery(delivery: Delivery, *, now: datetime, by: Actor) -> None:
    """Queue a failed, deferred or unclear delivery once more, at once, with its own Message-ID."""
    changed = Delivery.objects.filter(pk=delivery.pk, state__in=["failed", "deferred", "unclear"]).update(
        state="queued", next_at=now, attempts=0
    )
    if changed:
        record(by, "retried mail", delivery, at=now, details={"address": delivery.address})


def resend(delivery_id: int, *, to: Sequence[str] | None, now: datetime, by: Actor) -> str:
    """Send a delivery's message once more, whatever became of it; answers in words what was done.

    Raises DeliveryUnknown for a number that is not there.
    """
    delivery = _delivery(delivery_id)
    if to is None and delivery.state in ("failed", "deferred", "unclear"):
        retry_delivery(delivery, now=now, by=by)
        return f"{delivery.address} is tried again."
    copy = send_again(delivery.message, now=now, by=by, to=to or [delivery.address])
    return f"A copy goes to {', '.join(copy.recipients)}."


def take_back(delivery_id: int, *, now: datetime, by: Actor) -> None:
    """Let a mail not leave that has not left yet; a message that nobody gets any more is cancelled, printed or not.

    Raises DeliveryUnknown, and Refused for one that is on its way, left, or failed.
    """
    delivery = _delivery(delivery_id)
    taken = Delivery.objects.filter(pk=delivery.pk, state__in=NOT_LEFT).update(state="cancelled", next_at=None)
    if not taken:
        raise Refused("delivery", "It is too late: only a mail that has not left yet can be taken back.")
    if not delivery.message.deliveries.exclude(state="cancelled").exists():
        Message.objects.filter(pk=delivery.message_id).update(cancelled_at=now)
    record(by, "took back mail", delivery, at=now, details={"address": delivery.address})


def _delivery(delivery_id: int) -> Delivery:
    delivery = Delivery.objects.select_related("message").filter(pk=delivery_id).first()
    if delivery is None:
        raise DeliveryUnknown("delivery", f"There is no delivery {delivery_id}: see quarterday mail list.")
    return delivery
