"""The audit trail's acts and things in the reader's language; one that is not here is shown as it was written."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext_lazy

# Several of these words are states elsewhere, and other words in other languages.
ACTS = {
    "added": pgettext_lazy("act", "added"),
    "changed": pgettext_lazy("act", "changed"),
    "created": pgettext_lazy("act", "created"),
    "modified": pgettext_lazy("act", "modified"),
    "archived": pgettext_lazy("act", "archived"),
    "restored": pgettext_lazy("act", "restored"),
    "closed": pgettext_lazy("act", "closed"),
    "reopened": pgettext_lazy("act", "reopened"),
    "added a contact to": pgettext_lazy("act", "added a contact to"),
    "changed a contact of": pgettext_lazy("act", "changed a contact of"),
    "removed a contact of": pgettext_lazy("act", "removed a contact of"),
    "added a tax rule to": pgettext_lazy("act", "added a tax rule to"),
    "removed a tax rule from": pgettext_lazy("act", "removed a tax rule from"),
    "set up": pgettext_lazy("act", "set up"),
    "changed the logo of": pgettext_lazy("act", "changed the logo of"),
    "configured mail": pgettext_lazy("act", "configured mail"),
    "tested mail": pgettext_lazy("act", "tested mail"),
    "associated": pgettext_lazy("act", "associated"),
    "disassociated": pgettext_lazy("act", "disassociated"),
    "took back the end of": pgettext_lazy("act", "took back the end of"),
    "agreed prices for": pgettext_lazy("act", "agreed prices for"),
    "withdrew prices of": pgettext_lazy("act", "withdrew prices of"),
    "withdrew a version of": pgettext_lazy("act", "withdrew a version of"),
    "approved": pgettext_lazy("act", "approved"),
    "drafted": pgettext_lazy("act", "drafted"),
    "issued": pgettext_lazy("act", "issued"),
    "released": pgettext_lazy("act", "released"),
    "discarded": pgettext_lazy("act", "discarded"),
    "credited": pgettext_lazy("act", "credited"),
    "waived": pgettext_lazy("act", "waived"),
    "unparked": pgettext_lazy("act", "unparked"),
    "recorded payment": pgettext_lazy("act", "recorded payment"),
    "withdrew payment": pgettext_lazy("act", "withdrew payment"),
    "refunded": pgettext_lazy("act", "refunded"),
    "wrote off": pgettext_lazy("act", "wrote off"),
    "charged late fee": pgettext_lazy("act", "charged late fee"),
    "let late fee go": pgettext_lazy("act", "let late fee go"),
    "took back write-off": pgettext_lazy("act", "took back write-off"),
    "proposed": pgettext_lazy("act", "proposed"),
    "refused": pgettext_lazy("act", "refused"),
    "cancelled": pgettext_lazy("act", "cancelled"),
    "sent": pgettext_lazy("act", "sent"),
    "sent again": pgettext_lazy("act", "sent again"),
    "retried mail": pgettext_lazy("act", "retried mail"),
    "took back mail": pgettext_lazy("act", "took back mail"),
    "synced": pgettext_lazy("act", "synced"),
    "confirmed": pgettext_lazy("act", "confirmed"),
    "rejected": pgettext_lazy("act", "rejected"),
    "mapped": pgettext_lazy("act", "mapped"),
    "ignored": pgettext_lazy("act", "ignored"),
    "replaced": pgettext_lazy("act", "replaced"),
    "moved": pgettext_lazy("act", "moved"),
    "reclassified": pgettext_lazy("act", "reclassified"),
    "retired": pgettext_lazy("act", "retired"),
    "reinstated": pgettext_lazy("act", "reinstated"),
    "corrected": pgettext_lazy("act", "corrected"),
    "released to its source": pgettext_lazy("act", "released to its source"),
    "paused": pgettext_lazy("act", "paused"),
    "ended the pause of": pgettext_lazy("act", "ended the pause of"),
    "excepted from billing": pgettext_lazy("act", "excepted from billing"),
    "ended the exception of": pgettext_lazy("act", "ended the exception of"),
    "assigned to": pgettext_lazy("act", "assigned to"),
    "unassigned from": pgettext_lazy("act", "unassigned from"),
    "set the password of": pgettext_lazy("act", "set the password of"),
    "proved": pgettext_lazy("act", "proved"),
    "failed to prove": pgettext_lazy("act", "failed to prove"),
    "resumed work after": pgettext_lazy("act", "resumed work after"),
    "exported the data of": pgettext_lazy("act", "exported the data of"),
    "erased the personal data of": pgettext_lazy("act", "erased the personal data of"),
    "imported bank file": pgettext_lazy("act", "imported bank file"),
    "ignored bank line": pgettext_lazy("act", "ignored bank line"),
    "reopened bank line": pgettext_lazy("act", "reopened bank line"),
    "parked": pgettext_lazy("act", "parked"),
    "paused reminders": pgettext_lazy("act", "paused reminders"),
    "resumed reminders": pgettext_lazy("act", "resumed reminders"),
    "proposed as a double": pgettext_lazy("act", "proposed as a double"),
    "sealed anew": pgettext_lazy("act", "sealed anew"),
    "sealed anew the password of": pgettext_lazy("act", "sealed anew the password of"),
    "sealed anew the second factor of": pgettext_lazy("act", "sealed anew the second factor of"),
    "took the second factor of": pgettext_lazy("act", "took the second factor of"),
    "signed in from a new browser": pgettext_lazy("act", "signed in from a new browser"),
}

THINGS = {
    "Adjustment": gettext_noop("charge or discount"),
    "Bill": gettext_noop("bill"),
    "Customer": gettext_noop("customer"),
    "CustomerMapping": gettext_noop("name in a source"),
    "Delivery": gettext_noop("mail"),
    "Device": gettext_noop("device"),
    "DeviceClass": gettext_noop("device class"),
    "Drill": gettext_noop("restore"),
    "MailServer": gettext_noop("mail server"),
    "Message": gettext_noop("mail"),
    "NumberSeries": gettext_noop("numbering"),
    "Payment": gettext_noop("payment"),
    "Plan": gettext_noop("plan"),
    "Proposal": gettext_noop("proposal"),
    "Provider": gettext_noop("provider"),
    "Restoration": gettext_noop("restored copy"),
    "Source": gettext_noop("source"),
    "Subscription": gettext_noop("association"),
    "SyncRun": gettext_noop("sync"),
    "TaxCode": gettext_noop("tax code"),
    "User": gettext_noop("user"),
}

PROMISES = {
    "sums": gettext_noop("Lines and taxes add up to each bill's total."),
    "balances": gettext_noop(
        "Each account is bills less credits, payments and write-offs plus refunds; nothing is used twice."
    ),
    "ledger": gettext_noop("The general ledger is what the documents say, and holds what is left open."),
    "periods": gettext_noop("A subscription's periods are settled once, without gaps, never before they are due."),
    "conservation": gettext_noop("Every device-day is in exactly one bucket."),
    "currencies": gettext_noop("No amount is without a currency, or finer than it."),
    "numbers": gettext_noop("Numbers run 1 to n in each series, and dates never fall."),
    "chain": gettext_noop("Issued documents are chained by unbroken hashes."),
    "contents": gettext_noop("Bills are as they were written, and come out the same from their facts."),
    "prints": gettext_noop("PDFs and attachments are the bytes that were printed."),
    "mails": gettext_noop("Each bill is mailed once to each recipient: done, or visibly pending."),
    "overdue": gettext_noop("Nothing is due for more than 15 minutes."),
    "owners": gettext_noop("Every row leads to one customer."),
    "trail": gettext_noop("Every change has an audit entry with its actor."),
    "seals": gettext_noop("Audit entries are what was sealed."),
}
"""What the audit asks, by its promises' names."""


def act_in_words(act: str) -> str:
    """What somebody did."""
    return str(ACTS.get(act, act))


def thing_in_words(kind: str) -> str:
    """The kind of thing it was done to."""
    return _(THINGS[kind]) if kind in THINGS else kind


def promise_in_words(name: str, sentence: str) -> str:
    """What a promise of the books says."""
    return _(PROMISES[name]) if name in PROMISES else sentence
