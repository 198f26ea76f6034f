"""Set up the mail server; post messages and make them ready; send them again, or take them back."""

from quarterday.outbox.actions.again import DeliveryUnknown, resend, retry_delivery, send_again, take_back
from quarterday.outbox.actions.posting import Enclosure, NewMessage, Ready, make_ready, post_messages
from quarterday.outbox.actions.server import (
    MailNotReady,
    MailSettingsWrong,
    configure_mail,
    load_server,
    send_test_mail,
)

__all__ = [
    "DeliveryUnknown",
    "Enclosure",
    "MailNotReady",
    "MailSettingsWrong",
    "NewMessage",
    "Ready",
    "configure_mail",
    "load_server",
    "make_ready",
    "post_messages",
    "resend",
    "retry_delivery",
    "send_again",
    "send_test_mail",
    "take_back",
]
