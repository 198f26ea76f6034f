"""The audit trail's acts and things in the reader's language; one that is not here is shown as it was written."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

ACTS = (
    *(gettext_noop("added"), gettext_noop("changed"), gettext_noop("created"), gettext_noop("modified")),
    *(gettext_noop("archived"), gettext_noop("restored"), gettext_noop("closed"), gettext_noop("reopened")),
    *(gettext_noop("added a contact to"), gettext_noop("changed a contact of"), gettext_noop("removed a contact of")),
    *(gettext_noop("added a tax rule to"), gettext_noop("removed a tax rule from"), gettext_noop("set up")),
    *(gettext_noop("changed the logo of"), gettext_noop("configured mail"), gettext_noop("tested mail")),
    *(gettext_noop("associated"), gettext_noop("disassociated"), gettext_noop("took back the end of")),
    *(gettext_noop("agreed prices for"), gettext_noop("withdrew prices of"), gettext_noop("withdrew a version of")),
    *(gettext_noop("approved"), gettext_noop("drafted"), gettext_noop("issued"), gettext_noop("released")),
    *(gettext_noop("discarded"), gettext_noop("credited"), gettext_noop("waived"), gettext_noop("unparked")),
    *(gettext_noop("recorded payment"), gettext_noop("withdrew payment"), gettext_noop("refunded")),
    *(gettext_noop("wrote off"), gettext_noop("took back write-off"), gettext_noop("cancelled"), gettext_noop("sent")),
    *(gettext_noop("sent again"), gettext_noop("retried mail"), gettext_noop("synced"), gettext_noop("confirmed")),
    *(gettext_noop("rejected"), gettext_noop("mapped"), gettext_noop("ignored"), gettext_noop("replaced")),
    *(gettext_noop("moved"), gettext_noop("reclassified"), gettext_noop("retired"), gettext_noop("reinstated")),
    *(gettext_noop("corrected"), gettext_noop("released to its source"), gettext_noop("paused")),
    *(
        gettext_noop("ended the pause of"),
        gettext_noop("excepted from billing"),
        gettext_noop("ended the exception of"),
    ),
    *(gettext_noop("assigned to"), gettext_noop("unassigned from"), gettext_noop("set the password of")),
    *(gettext_noop("proved"), gettext_noop("failed to prove"), gettext_noop("resumed work after")),
    *(gettext_noop("exported the data of"), gettext_noop("erased the personal data of")),
)

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
    "Provider": gettext_noop("provider"),
    "Restoration": gettext_noop("restored copy"),
    "Subscription": gettext_noop("association"),
    "SyncRun": gettext_noop("sync"),
    "TaxCode": gettext_noop("tax code"),
    "User": gettext_noop("user"),
}


def act_in_words(act: str) -> str:
    """What somebody did."""
    return _(act) if act in ACTS else act


def thing_in_words(kind: str) -> str:
    """The kind of thing it was done to."""
    return _(THINGS[kind]) if kind in THINGS else kind
