"""Where a customer's words are, table by table: what the law keeps and why, and what an erasure puts in their place.

A test holds this complete: a new table with a customer's words stands here, or the test names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KEPT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "bills_bill",
            "bills_billline",
            "bills_billtax",
            "bills_billfacts",
            "bills_billprint",
            "bills_billissue",
            "bills_partycopy",
            "bills_periodclaim",
        ),
        "issued bills, with what they were calculated from: commercial and tax law",
    ),
    **dict.fromkeys(
        ("bills_billhold", "bills_billapproval", "bills_billdiscard"),
        "what staff decided about a bill: it belongs to the bill's books",
    ),
    **dict.fromkeys(
        (
            "payments_payment",
            "payments_refund",
            "payments_writeoff",
            "payments_proposal",
            "payments_posting",
            "payments_bankline",
        ),
        "payments, what settled them, and the bank's word for them: commercial and tax law",
    ),
    "customers_zonechange": "time zones: words of nobody",
    "inventory_replacement": "which device took another's place: words of nobody",
    "accounts_assignment": "which staff looked after the customer; its own users are erased with it",
}
"""Table -> why its rows stay as they are."""

OF_NO_BILL = """NOT EXISTS (
    SELECT FROM bills_billline l JOIN bills_billissue i ON i.bill_id = l.bill_id
    WHERE l.customer_id = %(customer)s AND {device} = ANY (l.device_ids))"""
"""Devices that no issued bill of the customer counts: the others are its evidence, and keep their names."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table's columns and what is put there; no columns: the rows are deleted. `whose` says the customer's rows."""

    what: str
    table: str
    columns: Mapping[str, str]
    whose: str = "customer_id = %(customer)s"


PLACES = (
    Place(
        "the customer's address, tax numbers, e-mail addresses and notes",
        "customers_customer",
        {
            "name": "'Erased ' || number",
            "emails": "'{}'",
            **dict.fromkeys(("street", "postal_code", "city", "tax_number", "vat_id"), "''"),
            **dict.fromkeys(("po_number", "buyer_reference", "notes"), "''"),
            "tax_status": "'standard'",
            "revision": "revision + 1",
        },
        whose="id = %(customer)s",
    ),
    Place("contacts", "customers_contact", {}),
    Place("own prices' notes", "subscriptions_subscriptionterms", {"note": "''"}),
    Place(
        "associations' addresses and references", "subscriptions_subscription", {"emails": "'{}'", "po_number": "''"}
    ),
    Place("charges' and discounts' texts", "subscriptions_adjustment", {"text": "'Erased'"}),
    Place(
        "names of the customer in device sources",
        "inventory_customermapping",
        {"external_id": "'erased-' || id", "external_name": "'Erased ' || id"},
    ),
    Place(
        "reasons of billing exceptions", "inventory_billingexception", {"reason": "'Erased'", "agreed_by": "'Erased'"}
    ),
    Place(
        "devices that no issued bill counts",
        "inventory_device",
        {
            "name": "'Device ' || id",
            "external_id": "'erased-' || id",
            "serial": "''",
            "evidence": "'{}'",
        },
        whose=f"customer_id = %(customer)s AND {OF_NO_BILL.format(device='inventory_device.id')}",
    ),
    Place(
        "what devices that issued bills count were said to be besides",
        "inventory_device",
        {"serial": "''", "evidence": "'{}'"},
    ),
    Place(
        "stays of devices that no issued bill counts",
        "inventory_presence",
        {"device_name": "'Device ' || device_id"},
        whose=f"customer_id = %(customer)s AND {OF_NO_BILL.format(device='inventory_presence.device_id')}",
    ),
    Place("reasons why reminders paused", "payments_reminderpause", {"reason": "'Erased'"}),
    Place("reasons why billing was parked", "bills_parking", {"reason": "'Erased'", "details": "''"}),
    Place("what was learned late", "bills_latetruth", {"details": "'{}'"}),
    Place("who fetched bills", "bills_billdownload", {"downloaded_by": "'Erased'"}),
    Place(
        "mails: addresses, subjects and texts",
        "outbox_message",
        {
            "recipients": "ARRAY(SELECT 'erased-' || n || '@erased.invalid'"
            " FROM generate_series(1, cardinality(recipients)) n)",
            "subject": "CASE WHEN ready_at IS NULL THEN '' ELSE 'Erased' END",
            "body": "''",
        },
    ),
    Place(
        "mails: whom they went to and what the server said",
        "outbox_delivery",
        {
            "address": "'erased-' || id || '@erased.invalid'",
            "response": r"CASE WHEN response ~ '^\d{3}' THEN left(response, 3) || ' (erased)' ELSE '' END",
        },
    ),
    Place(
        "mails: files that are no bills",
        "outbox_attachment",
        {"filename": "'erased'", "content": "''", "sha256": "encode(sha256(''), 'hex')"},
        whose="customer_id = %(customer)s AND NOT EXISTS"
        " (SELECT FROM bills_billprint p WHERE p.sha256 = outbox_attachment.sha256)",
    ),
)
"""All that is erased in tables with a customer's rows; users and the audit trail are `erasing`'s own."""
