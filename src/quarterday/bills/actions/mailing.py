"""What happens to an issued bill on its way to people: it is sent again, it is downloaded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from quarterday.bills.models import Bill, BillDownload, BillIssue, BillMail
from quarterday.bills.printing import print_bills
from quarterday.outbox.actions import NewMessage, post_messages, send_again
from quarterday.provider.checks import checked, checked_emails
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.shared.trail import record


def resend_bill(bill: Bill, *, now: datetime, by: Actor, to: Sequence[str] | None = None) -> list[str]:
    """Mail an issued bill once more, to the addresses in `to` or to those that it was mailed to; answers them.

    The text and the printed bytes are those of the first time. Raises Refused for a draft, for a bill without any
    address, and MailNotReady while its first mail still waits for the print.
    """
    if not BillIssue.objects.filter(bill=bill).exists():
        raise Refused("bill", f"Draft {bill.pk} is not issued: release it, then it is mailed.")
    mail = BillMail.objects.filter(bill=bill).select_related("message").order_by("pk").first()
    if mail is None:
        return _first_mail(bill, list(to or ()), now, by)
    copy = send_again(mail.message, now=now, by=by, to=list(to) if to else None)
    BillMail.objects.create(bill=bill, customer_id=bill.customer_id, message=copy)
    addresses = list(copy.recipients)
    record(by, "sent again", bill, at=now, details={"to": addresses})
    return addresses


def record_download(bill_ids: Collection[int], *, now: datetime, by: Actor) -> None:
    """Note that somebody took the PDFs of these bills. Whoever may read a bill may do so, so it acts by itself."""
    with acting(Scope.all()):
        owners = Bill.objects.filter(pk__in=bill_ids).values_list("pk", "customer_id")
        BillDownload.objects.bulk_create(
            BillDownload(bill_id=bill_id, customer_id=customer, downloaded_at=now, downloaded_by=by.name[:200])
            for bill_id, customer in owners
        )


def _first_mail(bill: Bill, addresses: list[str], now: datetime, by: Actor) -> list[str]:
    """A bill of a customer without addresses has no message yet."""
    addresses = checked({"to": addresses}, {"to": checked_emails})["to"]
    if not addresses:
        raise Refused("to", "is missing: this bill has no addresses of its own.")
    key = f"bill/{bill.pk}"
    posted = post_messages(
        [NewMessage(key=key, kind="bill", customer_id=bill.customer_id, recipients=addresses, not_before=now)], now=now
    )
    BillMail.objects.create(bill=bill, customer_id=bill.customer_id, message_id=posted[key])
    print_bills([bill.pk], now=now)
    record(by, "sent", bill, at=now, details={"to": addresses})
    return addresses
