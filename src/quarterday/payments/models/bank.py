"""The bank's word: files that were read, and each movement of our account once."""

from django.db import models
from django.db.models import CheckConstraint, Q


class BankFile(models.Model):
    """A statement's file that was imported; the same bytes are imported once."""

    digest = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    line_count = models.PositiveIntegerField()
    new_count = models.PositiveIntegerField()
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=200)


class BankLine(models.Model):
    """One movement of our account: above 0 it came, below 0 it went. It waits until a person says what it is.

    Its customer is known when that was said. `payment` is what it became, or is about; `refund` what it gave back.
    """

    STATES = [("waiting", "waiting"), ("confirmed", "confirmed"), ("ignored", "ignored")]

    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="lines")
    key = models.BinaryField(max_length=32, unique=True)
    account = models.CharField(max_length=34, blank=True)
    booked_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    text = models.CharField(max_length=1000, blank=True)
    name = models.CharField(max_length=200, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    is_returned = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, null=True, related_name="bank_lines")
    refund = models.ForeignKey("payments.Refund", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=~Q(amount=0), name="a_bank_line_moves_money"),
            CheckConstraint(
                condition=Q(state="confirmed", payment__isnull=False, customer__isnull=False)
                | (~Q(state="confirmed") & Q(payment=None, refund=None, customer=None)),
                name="a_confirmed_bank_line_says_what_it_is",
            ),
        ]
        indexes = [
            models.Index(fields=["booked_on", "id"], name="bank_lines_waiting", condition=Q(state="waiting")),
            models.Index(fields=["iban"], name="bank_lines_by_iban", condition=Q(state="confirmed")),
        ]
