"""The foreign keys that most of the bill desk's tables share: whose row it is, of which bill, of which subscription."""

from django.db import models

KINDS = [("invoice", "Invoice"), ("credit_note", "Credit note")]


def of_customer() -> models.ForeignKey:  # type: ignore[type-arg]  # the stubs' type arguments do not exist at run time
    """Whose row it is. The composite foreign key to its bill or subscription (see `belongs`) keeps it true."""
    return models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )


def of_subscription(*, null: bool = False, db_index: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]
    """Which subscription; `belongs` keeps it one of the same customer's."""
    return models.ForeignKey(
        "subscriptions.Subscription",
        on_delete=models.PROTECT,
        null=null,
        related_name="+",
        db_constraint=False,
        db_index=db_index,
    )


def of_bill(related_name: str, *, null: bool = False, db_index: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]
    """Which bill; `belongs` keeps it one of the same customer's, and other constraints often index it already."""
    return models.ForeignKey(
        "Bill", on_delete=models.PROTECT, null=null, related_name=related_name, db_constraint=False, db_index=db_index
    )
