"""Money in, money back, what is given up, and what each part of it settles. Balances are asked, never stored."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class Payment(models.Model):
    """Money received from a customer, in whole."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="payments")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    received_on = models.DateField()
    method = models.CharField(max_length=30, default="transfer")
    reference = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)
    withdrawn_on = models.DateField(null=True)
    """The day on which it went back, by the bank; none where nobody told it: then the day on which it was withdrawn."""

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_more_than_nothing"),
            CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_at__isnull=False),
                name="a_day_of_withdrawal_is_of_a_withdrawn_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-received_on"], name="payments_by_customer"),
            models.Index(fields=["-received_on", "-id"], name="payments_by_day"),
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"


class Refund(models.Model):
    """Money given back from a payment, never more than was paid."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    refunded_on = models.DateField()
    reference = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200)

    class Meta:
        constraints = [CheckConstraint(condition=Q(amount__gt=0), name="a_refund_is_more_than_nothing")]


class WriteOff(models.Model):
    """What is open of an invoice and will not come: given up, which is neither a credit note nor a payment.

    The bill stays as it was issued, and so does its tax. If the money comes after all, it is taken back first.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    reason = models.CharField(max_length=300)
    written_off_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200)
    undone_at = models.DateTimeField(null=True)
    undone_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(amount__gt=0), name="a_write_off_is_more_than_nothing"),
            # What its allocations point at, so that each is the same customer's.
            UniqueConstraint(fields=["customer", "id"], name="payments_writeoff_customer_and_id"),
        ]
        indexes = [models.Index(fields=["bill"], name="write_offs_by_bill")]


class Allocation(models.Model):
    """A part of a payment, of a credit note or of a write-off settles a part of an invoice."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="allocations")
    credit_note = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, null=True, related_name="+")
    write_off = models.ForeignKey(WriteOff, on_delete=models.PROTECT, null=True, related_name="allocations")
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    allocated_on = models.DateField()
    recorded_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_on = models.DateField(null=True)
    """The day on which the money went back, if that was before it was recorded."""

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(undone_on=None) | Q(undone_at__isnull=False),
                name="a_day_of_undoing_is_of_an_undone_allocation",
            ),
            CheckConstraint(condition=Q(amount__gt=0), name="an_allocation_is_more_than_nothing"),
            CheckConstraint(
                condition=Q(payment__isnull=False, credit_note=None, write_off=None)
                | Q(payment=None, credit_note__isnull=False, write_off=None)
                | Q(payment=None, credit_note=None, write_off__isnull=False),
                name="an_allocation_comes_from_one_source",
            ),
        ]
        indexes = [models.Index(fields=["bill"], name="allocations_by_bill", condition=Q(undone_at=None))]
