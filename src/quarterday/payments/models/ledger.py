"""The general ledger: what each document does to the accounts, kept by the database itself."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q, UniqueConstraint


class Posting(models.Model):
    """One side of a booking: an amount on an account, debit above and credit below 0.

    Nobody writes these rows: triggers on the documents' tables do (migration general_ledger), by the rule that the view
    `payments_booked` states. The postings of a booking, which is what happened to which document, add up to 0.
    """

    # The documents that it is about have the foreign keys; their rows are never deleted.
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    what = models.CharField(max_length=20)
    document = models.BigIntegerField()
    account = models.CharField(max_length=20)
    booked_on = models.DateField()
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["what", "document", "account"], name="a_document_is_booked_once")]
        indexes = [
            models.Index(fields=["customer", "booked_on"], name="postings_by_customer"),
            BrinIndex(fields=["booked_on"], name="postings_by_day"),
            # What customers have to their credit is added up from this alone.
            models.Index(
                fields=["customer", "currency"],
                include=["booked_on", "amount"],
                name="postings_of_credit",
                condition=Q(account="customer_credit"),
            ),
        ]
