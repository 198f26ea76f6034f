"""Every issued bill is on its way to each of its recipients, and nothing that is due lies about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from quarterday.audit.promise import Broken, asked, by
from quarterday.bills import reading
from quarterday.bills.collect import open_cases
from quarterday.outbox.queries import mail_is_ready
from quarterday.payments.reminders import due_reminders
from quarterday.provider.queries import find_provider

PATIENCE = timedelta(minutes=15)
"""How long something may be due before workers must have done it."""

_PAGE = 200

mails = by(
    """
    SELECT i.customer_id, format('bill %s', i.bill_id), format('%s has no mail to %s', i.number, wanted.address)
    FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id, unnest(b.recipients) AS wanted (address)
    WHERE NOT EXISTS (
        SELECT FROM bills_billmail m JOIN outbox_delivery d ON d.message_id = m.message_id
        WHERE m.bill_id = i.bill_id AND (d.address = wanted.address OR d.address LIKE 'erased-%@erased.invalid'))
    """,
    """
    SELECT i.customer_id, format('bill %s', i.bill_id), format('%s is mailed %s times to %s by itself',
           i.number, count(*), d.address)
    FROM bills_billissue i
    JOIN bills_billmail m ON m.bill_id = i.bill_id
    JOIN outbox_message o ON o.id = m.message_id AND o.key NOT LIKE '%/again/%'
    JOIN outbox_delivery d ON d.message_id = m.message_id
    GROUP BY i.customer_id, i.bill_id, i.number, d.address HAVING count(*) > 1
    """,
    """
    SELECT customer_id, format('delivery %s', id), format('to %s is called sent, but the server said: %s',
           address, coalesce(nullif(response, ''), 'nothing'))
    FROM outbox_delivery WHERE state = 'sent' AND (sent_at IS NULL OR response !~ '^250')
    """,
    """
    SELECT d.customer_id, format('delivery %s', d.id), format('to %s is %s and will never be taken up',
           d.address, d.state)
    FROM outbox_delivery d JOIN outbox_message o ON o.id = d.message_id
    WHERE d.state IN ('queued', 'deferred') AND (d.next_at IS NULL OR o.ready_at IS NULL)
       OR d.state = 'waiting' AND o.ready_at IS NOT NULL
       OR d.state = 'sending' AND d.started_at IS NULL
       OR d.state NOT IN ('waiting', 'queued', 'sending', 'sent', 'deferred', 'failed', 'unclear', 'cancelled')
    """,
)
"""One bill mail per recipient, in a final state or visibly pending; "sent" only where the server said 250."""


def overdue(now: datetime) -> Iterator[Broken]:
    """Nothing is due for more than a quarter of an hour: bills, prints, mails, reminders."""
    before = now - PATIENCE
    yield from _unbilled(before)
    yield from asked(
        """
        SELECT i.customer_id, format('bill %%s', i.bill_id), format('%%s is issued since %%s and not printed',
               i.number, i.issued_at)
        FROM bills_billissue i LEFT JOIN bills_billprint p ON p.bill_id = i.bill_id
        WHERE p.bill_id IS NULL AND i.issued_at < %s
        """,
        before,
    )
    if mail_is_ready():
        yield from asked(
            """
            SELECT d.customer_id, format('delivery %%s', d.id), format('to %%s is %%s since %%s', d.address, d.state,
                   CASE d.state WHEN 'sending' THEN d.started_at ELSE d.next_at END)
            FROM outbox_delivery d JOIN outbox_message o ON o.id = d.message_id
            WHERE o.cancelled_at IS NULL AND CASE d.state WHEN 'sending' THEN d.started_at
                  WHEN 'queued' THEN d.next_at WHEN 'deferred' THEN d.next_at END < %s
            """,
            before,
        )
    for mail in due_reminders(now=before):
        named = ", ".join(due.invoice.number for due in mail.invoices)
        yield Broken(mail.customer.pk, f"customer {mail.customer.pk}", f"a reminder of {named} is due")


def _unbilled(before: datetime) -> Iterator[Broken]:
    """Periods that were due by then and are not settled; a customer who is parked, or waits for a person, is seen."""
    provider = find_provider()
    if provider is None:
        return
    ids = reading.customers_with_subscriptions(None)
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        parked = reading.parked(page)
        cases = open_cases([each for each in page if each not in parked], at=before, provider=provider)
        for customer_id, case in cases.items():
            for group in case.groups:
                for due in group.dues:
                    words = f"{due.subscription.plan}: {due.days} is due since {due.billing_on} and not settled"
                    yield Broken(customer_id, f"subscription {due.subscription.id}", words)
