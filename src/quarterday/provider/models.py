"""Ourselves: one provider, its number series, tax codes and device classes."""

from typing import get_args

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now

from quarterday.engine.facts import TaxCategory


class Provider(models.Model):
    """The MSP that sends the bills; exactly one row."""

    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    street = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, default="DE")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    website = models.CharField(max_length=200, blank=True)
    tax_number = models.CharField(max_length=60, blank=True)
    vat_id = models.CharField(max_length=30, blank=True)
    registration = models.CharField(max_length=200, blank=True)
    logo = models.BinaryField(null=True)
    logo_type = models.CharField(max_length=40, blank=True)
    account_holder = models.CharField(max_length=70, blank=True)
    bank_name = models.CharField(max_length=120, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    bank_details = models.TextField(blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=10, default="en")
    paper_size = models.CharField(max_length=10, default="a4", choices=[("a4", "A4"), ("letter", "US Letter")])
    accent_colour = models.CharField(max_length=7, default="#206bc4")
    footer = models.TextField(blank=True)
    bridge_on_paper = models.BooleanField(default=False, db_default=False)
    bridge_in_mail = models.BooleanField(default=False, db_default=False)

    bill_hour = models.PositiveSmallIntegerField(default=6)
    mail_hour = models.PositiveSmallIntegerField(default=8)
    review_all_bills = models.BooleanField(default=False)
    feed_stale_days = models.PositiveSmallIntegerField(default=3)
    count_change_percent = models.PositiveSmallIntegerField(default=30)
    count_change_devices = models.PositiveSmallIntegerField(default=3)
    total_change_percent = models.PositiveSmallIntegerField(default=50)
    # In whole units of whichever currency the bill has; without one, only what is out of bounds takes two persons.
    two_persons_above = models.PositiveBigIntegerField(null=True)
    missed_periods_limit = models.PositiveSmallIntegerField(default=2)
    quiet_days_limit = models.PositiveSmallIntegerField(default=35)
    late_periods_limit = models.PositiveSmallIntegerField(default=3)
    # An exception that ends within so many days is announced, so that the bill after it surprises nobody; 0: never.
    exception_notice_days = models.PositiveSmallIntegerField(default=14, db_default=14)
    reminder_days_before = models.PositiveSmallIntegerField(null=True, default=3)
    reminder_days_after = ArrayField(models.PositiveSmallIntegerField(), default=list)
    reminder_texts = models.JSONField(default=dict)
    # Without days nobody is charged. The amount is in whichever currency the bill has.
    late_fee_days = models.PositiveSmallIntegerField(null=True)
    late_fee_since = models.DateField(null=True)
    late_fee_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    late_fee_percent = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    late_fee_tax_code = models.CharField(max_length=30, default="standard", db_default="standard")
    late_fee_text = models.CharField(max_length=200, blank=True, db_default="")
    revision = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(pk=1), name="there_is_one_provider"),
            CheckConstraint(condition=Q(bill_hour__lte=23) & Q(mail_hour__lte=23), name="hours_are_hours_of_a_day"),
            CheckConstraint(
                condition=Q(late_fee_days=None)
                | Q(late_fee_since__isnull=False, late_fee_amount__isnull=False, late_fee_percent=None)
                | Q(late_fee_since__isnull=False, late_fee_amount=None, late_fee_percent__isnull=False),
                name="a_late_fee_has_a_first_day_and_an_amount_or_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NumberSeries(models.Model):
    """How documents of one kind are numbered, e.g. INV-{year}-{number:05d}."""

    kind = models.CharField(
        max_length=20, choices=[("invoice", "Invoice"), ("credit_note", "Credit note")], unique=True
    )
    pattern = models.CharField(max_length=60)
    restarts_yearly = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.pattern


class TaxCode(models.Model):
    """What a line is for tax: "standard" managed services, "exempt", ...; its rules give category and rate."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=120)
    revenue_account = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return self.code


class TaxRule(models.Model):
    """Tax code x the customer's place and status -> EN 16931 category and rate (percent), from a day on.

    An empty country, region or status matches any; the most specific rule that has begun is taken.
    """

    tax_code = models.ForeignKey(TaxCode, on_delete=models.PROTECT, related_name="rules")
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20, blank=True)
    valid_from = models.DateField(null=True)
    category = models.CharField(max_length=2, choices=[(c, c) for c in get_args(TaxCategory)])
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    reason = models.CharField(max_length=300, blank=True)
    components = models.JSONField(default=list)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["tax_code", "country", "region", "status", "valid_from"],
                name="one_tax_rule_per_place_status_and_day",
                nulls_distinct=False,
            ),
            CheckConstraint(condition=Q(rate__gte=0) & Q(rate__lte=100), name="a_tax_rate_is_0_to_100_percent"),
            CheckConstraint(condition=Q(category="S") | Q(rate=0), name="only_category_s_has_a_rate"),
        ]


class DeviceClass(models.Model):
    """`computer`, `server`, `mobile`, or one the provider adds."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name


class Restoration(models.Model):
    """This database was filled from a backup. Until `resumed_at` it is a copy: nothing is billed, mailed or reminded.

    Two installations that both believe to be the real one would bill twice under the same numbers.
    """

    taken_at = models.DateTimeField()
    restored_at = models.DateTimeField()
    restored_by = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(resumed_at=None) | ~Q(resumed_by=""), name="somebody_made_the_copy_the_real_one"
            )
        ]

    def __str__(self) -> str:
        return f"backup of {self.taken_at:%Y-%m-%d %H:%M}"
