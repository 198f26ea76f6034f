"""Bill desk: a bill becomes a document: its number, its place in the chain, its print, its mail, who fetched it."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from quarterday.bills.models.documents import Bill
from quarterday.bills.models.keys import KINDS, of_bill, of_customer


class NumberCounter(models.Model):
    """The last number, date and hash of one series (kind and year); its row lock makes numbers gapless.

    A series that does not restart each year has the year 0.
    """

    kind = models.CharField(max_length=12, choices=KINDS)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)
    last_issued_on = models.DateField(null=True)
    last_hash = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["kind", "year"], name="one_counter_per_kind_and_year")]


class BillIssue(models.Model):
    """The bill got its number and dates, for ever. `hash` = sha256(previous hash, number, dates, content digest)."""

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="issue", db_constraint=False
    )
    customer = of_customer()
    kind = models.CharField(max_length=12, choices=KINDS)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=60, unique=True)
    issued_on = models.DateField()
    due_on = models.DateField()
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=200)
    previous_hash = models.BinaryField(max_length=32, null=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["kind", "year", "sequence"], name="a_number_is_given_once"),
            CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="a_bill_is_due_on_or_after_its_issue"),
        ]
        indexes = [
            models.Index(fields=["-issued_on", "-bill"], name="issues_by_day"),
            models.Index(fields=["customer", "-issued_on"], name="issues_by_customer"),
            models.Index(fields=["due_on", "bill"], name="issues_by_due_day"),
            models.Index(fields=["sequence"], name="issues_by_figure"),
        ]


class BillPrint(models.Model):
    """The issued bill as printed, once; its sha256 proves the bytes. `says_why`: with why it differs from the last.

    `serials` are those that its annex has, by device id, so that a copy has the same; null for a print of before them.
    """

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="print", db_constraint=False
    )
    customer = of_customer()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    printed_at = models.DateTimeField()
    says_why = models.BooleanField(default=False, db_default=False)
    serials = models.JSONField(null=True)


class BillMail(models.Model):
    """Which message carries which bill."""

    bill = of_bill("mails", db_index=True)
    customer = of_customer()
    message = models.OneToOneField("outbox.Message", on_delete=models.PROTECT, related_name="+", db_constraint=False)


class BillDownload(models.Model):
    """Somebody who is signed in took the bill's PDF. There are no pixels in mails that would tell of anybody else."""

    bill = of_bill("downloads", db_index=True)
    customer = of_customer()
    downloaded_at = models.DateTimeField()
    downloaded_by = models.CharField(max_length=200)
