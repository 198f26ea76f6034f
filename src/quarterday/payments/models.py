"""Till. Money in, what it settles, money back, reminders sent. Balances are asked, never stored."""

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

    class Meta:
        constraints = [CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_more_than_nothing")]
        indexes = [models.Index(fields=["customer", "-received_on"], name="payments_by_customer")]


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


class Allocation(models.Model):
    """A part of a payment, or of a credit note, settles a part of an invoice."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="allocations")
    credit_note = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    allocated_on = models.DateField()
    recorded_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(amount__gt=0), name="an_allocation_is_more_than_nothing"),
            CheckConstraint(
                condition=Q(payment__isnull=False, credit_note=None) | Q(payment=None, credit_note__isnull=False),
                name="an_allocation_comes_from_a_payment_or_a_credit_note",
            ),
        ]
        indexes = [models.Index(fields=["bill"], name="allocations_by_bill", condition=Q(undone_at=None))]


class Reminder(models.Model):
    """A step of the reminder schedule was taken for a bill; never twice."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, related_name="+")
    step = models.SmallIntegerField()
    reminded_on = models.DateField()
    message = models.ForeignKey("outbox.Message", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [UniqueConstraint(fields=["bill", "step"], name="a_reminder_is_sent_once")]
