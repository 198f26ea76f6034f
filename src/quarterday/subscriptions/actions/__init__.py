"""What can be done at the contract desk. Each act leaves an audit entry; a Refused act has changed nothing."""

from quarterday.provider.editing import ChangedMeanwhile
from quarterday.subscriptions.actions.adjusting import add_adjustment, cancel_adjustment
from quarterday.subscriptions.actions.agreeing import agree_terms, uplift, withdraw_terms
from quarterday.subscriptions.actions.announcing import announce
from quarterday.subscriptions.actions.associating import Proposal, associate, propose
from quarterday.subscriptions.actions.changing import (
    archive_customer,
    change_customer_currency,
    change_subscription,
)
from quarterday.subscriptions.actions.ending import disassociate, undo_disassociation
from quarterday.subscriptions.actions.pausing import end_pause, pause_silent_devices
from quarterday.subscriptions.actions.restarting import restart

__all__ = [
    "ChangedMeanwhile",
    "Proposal",
    "add_adjustment",
    "agree_terms",
    "announce",
    "archive_customer",
    "associate",
    "cancel_adjustment",
    "change_customer_currency",
    "change_subscription",
    "disassociate",
    "end_pause",
    "pause_silent_devices",
    "propose",
    "restart",
    "undo_disassociation",
    "uplift",
    "withdraw_terms",
]
