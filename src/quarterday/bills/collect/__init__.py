"""Tables -> BillingFacts: everything that one chunk of customers needs to be billed, in a fixed number of queries."""

from quarterday.bills.collect.cases import BUYER_FIELDS, SELLER_FIELDS, CustomerCase, Desk, PriceLists, days_seen
from quarterday.bills.collect.facts import facts_of
from quarterday.bills.collect.tables import collect, collect_devices, open_cases

__all__ = [
    "BUYER_FIELDS",
    "SELLER_FIELDS",
    "CustomerCase",
    "Desk",
    "PriceLists",
    "collect",
    "collect_devices",
    "days_seen",
    "facts_of",
    "open_cases",
]
