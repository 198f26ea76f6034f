"""Bill desk: what waits for a person, and what the person did: holds, approvals, discards, parkings, late truths."""

from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q, UniqueConstraint

from quarterday.bills.models.documents import Bill
from quarterday.bills.models.keys import of_bill, of_customer, of_subscription


class BillHold(models.Model):
    """A reason why a draft waits for a person."""

    bill = of_bill("holds", db_index=True)
    customer = of_customer()
    code = models.CharField(max_length=30)
    message = models.CharField(max_length=500)
    details = models.JSONField(default=dict)
    raised_at = models.DateTimeField()


class BillApproval(models.Model):
    """A person agreed to release a draft that takes two of them: out of bounds, or above the set amount.

    `user_id` tells persons apart, as names can be changed and shared; the command line has none and is one person.
    They come one after the other, because who releases a draft locks it.
    """

    bill = of_bill("approvals")
    customer = of_customer()
    approved_by = models.CharField(max_length=200)
    user_id = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField()


class BillDiscard(models.Model):
    """A draft was thrown away (or recounted into another)."""

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="discard", db_constraint=False
    )
    customer = of_customer()
    reason = models.CharField(max_length=300)
    replaced_by = models.ForeignKey(Bill, on_delete=models.PROTECT, null=True, related_name="replaces")
    discarded_at = models.DateTimeField()
    discarded_by = models.CharField(max_length=200)


class Parking(models.Model):
    """A customer whose billing met an inconsistency: left out, with the reason, until somebody retries.

    `bill` is an issued one that cannot be printed, if that was it: none of the customer's is tried until then.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = of_bill("+", null=True)
    reason = models.CharField(max_length=500)
    details = models.TextField(blank=True)
    parked_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["customer"], condition=Q(resolved_at=None), name="a_customer_is_parked_once")
        ]


class LateTruth(models.Model):
    """A billed period would cost something else as known now; asked, charged on the next bill, or forgiven.

    `known_at` is the ledger's last stamp when it was found: the same truth is not told twice. `details` name the
    devices whose days are others than those known at the bill, and how many there are.
    """

    subscription = of_subscription(db_index=True)
    customer = of_customer()
    period = DateRangeField()
    difference = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    details = models.JSONField(default=dict)
    known_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    decision = models.CharField(
        max_length=10, choices=[(s, s) for s in ("asked", "catch_up", "credit", "forgiven", "billed", "gone")]
    )
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    bill = of_bill("+", null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["subscription", "period"],
                condition=Q(decision__in=["asked", "catch_up", "credit"]),
                name="a_late_truth_is_asked_once",
            )
        ]

    @property
    def devices(self) -> list[dict[str, Any]]:
        """The devices learned of (`id`, `name`, `class`), with their days as billed (`before`) and as known `now`."""
        listed: list[dict[str, Any]] = self.details.get("devices", [])
        return listed

    @property
    def more_devices(self) -> int:
        """How many more there are than are named."""
        return int(self.details.get("device_count", 0)) - len(self.devices)
