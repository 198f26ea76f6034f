"""Which bill was charged a late fee, and as which charge."""

from django.db import models
from django.db.models import UniqueConstraint


class LateFee(models.Model):
    """A bill was not paid in time, so the customer's next bill has one charge more: an ordinary one, once a bill.

    A fee that is let go is a charge that was cancelled. The bill's row stays, so that it is not charged anew.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, related_name="+")
    adjustment = models.OneToOneField("subscriptions.Adjustment", on_delete=models.PROTECT, related_name="+")
    charged_on = models.DateField()

    class Meta:
        constraints = [UniqueConstraint(fields=["bill"], name="a_bill_has_one_late_fee")]
