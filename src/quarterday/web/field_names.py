"""What a refusal's field is called on a page that has no such field; a command line calls it by its own word."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

NAMES = {
    "adjustment": gettext_noop("Charge or discount"),
    "amount": gettext_noop("Amount"),
    "bill": gettext_noop("Bill"),
    "billed_from": gettext_noop("Billed from"),
    "billing_day": gettext_noop("Billing day"),
    "bills": gettext_noop("Bills"),
    "class": gettext_noop("Class"),
    "code": gettext_noop("Code"),
    "components": gettext_noop("Parts of the tax"),
    "country": gettext_noop("Country"),
    "currency": gettext_noop("Currency"),
    "customer": gettext_noop("Customer"),
    "customers": gettext_noop("Customers"),
    "cycle": gettext_noop("Billing cycle"),
    "days": gettext_noop("Days"),
    "decision": gettext_noop("Decision"),
    "device": gettext_noop("Device"),
    "effective_on": gettext_noop("From this day"),
    "email": gettext_noop("E-mail"),
    "emails": gettext_noop("E-mail addresses"),
    "exception": gettext_noop("Exception"),
    "fee": gettext_noop("Late fee"),
    "file": gettext_noop("File"),
    "flat_fee": gettext_noop("Flat fee"),
    "instead": gettext_noop("Instead"),
    "kind": gettext_noop("Kind"),
    "last_day": gettext_noop("Last day"),
    "line": gettext_noop("Line"),
    "logo": gettext_noop("Logo"),
    "mail": gettext_noop("Mail"),
    "mapping": gettext_noop("Customer name"),
    "months": gettext_noop("Months"),
    "name": gettext_noop("Name"),
    "new": gettext_noop("New device"),
    "number": gettext_noop("Number"),
    "old": gettext_noop("Old device"),
    "on": gettext_noop("Day"),
    "password": gettext_noop("Password"),
    "pattern": gettext_noop("Pattern"),
    "pause": gettext_noop("Pause"),
    "payment": gettext_noop("Payment"),
    "percent": gettext_noop("Percent"),
    "plan": gettext_noop("Service Plan"),
    "present_since": gettext_noop("There since"),
    "prices": gettext_noop("Prices"),
    "quantity": gettext_noop("Quantity"),
    "rate": gettext_noop("Rate"),
    "reason": gettext_noop("Reason"),
    "received_on": gettext_noop("Received on"),
    "replacement": gettext_noop("Replacement"),
    "role": gettext_noop("Role"),
    "starts_on": gettext_noop("Start date"),
    "subscription": gettext_noop("Subscription"),
    "subscriptions": gettext_noop("Subscriptions"),
    "sync": gettext_noop("Sync"),
    "tax_rate": gettext_noop("Tax rate"),
    "text": gettext_noop("Text"),
    "time_zone": gettext_noop("Time zone"),
    "unit_price": gettext_noop("Price per unit"),
    "until": gettext_noop("Until"),
    "user": gettext_noop("User"),
    "valid_from": gettext_noop("Valid from"),
    "vat_id": gettext_noop("VAT number"),
    "write_off": gettext_noop("Write-off"),
}


def field_name(field: str) -> str:
    """The name on a page, in the reader's language; of a path such as "prices.server" its first part, then the rest.

    What is no field, such as "customer C-0001, Gold", stays as it was said.
    """
    first, dot, rest = field.partition(".")
    return _(NAMES[first]) + (f", {rest}" if dot else "") if first in NAMES else field
