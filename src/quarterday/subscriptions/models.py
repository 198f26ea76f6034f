"""Contract desk: associations of plans with customers, their own prices, other charges and discounts."""

from typing import get_args

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint

from quarterday.engine.periods import Unit


class Subscription(models.Model):
    """One customer's association with one plan. `ends_on` is the first day not served.

    Cycle, plan and timing never change: changing one ends this subscription and starts another (`continues`).
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="subscriptions")
    starts_on = models.DateField()
    billed_from = models.DateField()
    ends_on = models.DateField(null=True)
    final_period = models.CharField(
        max_length=10, default="prorated", choices=[("prorated", "Prorated"), ("full", "In full")]
    )
    cycle_every = models.PositiveSmallIntegerField(default=1)
    cycle_unit = models.CharField(max_length=5, default="month", choices=[(u, u) for u in get_args(Unit)])
    billing_day = models.PositiveSmallIntegerField(null=True)
    offset_days = models.SmallIntegerField(default=0)
    due_days = models.PositiveSmallIntegerField(default=14)
    emails = ArrayField(models.EmailField(), default=list)
    bill_separately = models.BooleanField(default=False)
    review_first_bill = models.BooleanField(default=True)
    po_number = models.CharField(max_length=60, blank=True)
    continues = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="continued_by")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(billed_from__gte=F("starts_on")), name="billing_starts_with_the_service"),
            CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="service_ends_after_it_starts"
            ),
            CheckConstraint(condition=Q(cycle_every__gte=1), name="a_cycle_is_at_least_one_unit"),
            CheckConstraint(
                condition=Q(billing_day=None) | (Q(billing_day__range=(1, 31)) & ~Q(cycle_unit="week")),
                name="a_billing_day_is_a_day_of_the_month",
            ),
            ExclusionConstraint(
                name="a_customer_has_a_plan_once_at_a_time",
                index_type="GIST",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("plan", RangeOperators.EQUAL),
                    (
                        Func("starts_on", "ends_on", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["plan"], name="subscriptions_by_plan")]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class SubscriptionTerms(models.Model):
    """Prices agreed with this customer, from a day on: they replace the plan's for the classes they name."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="own_terms")
    effective_on = models.DateField()
    applies = models.CharField(
        max_length=12, default="on_day", choices=[("on_day", "on_day"), ("next_period", "next_period")]
    )
    prices = models.JSONField(default=dict)
    flat_fee = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    flat_fee_tax_code = models.CharField(max_length=30, default="standard")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["subscription", "effective_on"],
                condition=Q(withdrawn_at=None),
                name="one_set_of_own_terms_a_day",
            )
        ]
        ordering = ["effective_on"]


class Adjustment(models.Model):
    """An other charge or a discount: exactly one of amount, percent and unit price (with quantity)."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="adjustments")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, related_name="adjustments")
    text = models.CharField(max_length=300)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    percent = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    tax_code = models.CharField(max_length=30, default="standard")
    starts_on = models.DateField()
    until = models.DateField(null=True)
    times = models.PositiveIntegerField(null=True, default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(amount__isnull=False, percent=None, unit_price=None)
                | Q(amount=None, percent__isnull=False, unit_price=None)
                | Q(amount=None, percent=None, unit_price__isnull=False),
                name="an_adjustment_is_an_amount_a_percentage_or_a_price",
            ),
            CheckConstraint(condition=Q(percent=None) | Q(percent__gte=-100), name="a_discount_is_at_most_100_percent"),
            CheckConstraint(condition=Q(times=None) | Q(times__gte=1), name="an_adjustment_happens_at_least_once"),
        ]

    def __str__(self) -> str:
        return self.text


class Pause(models.Model):
    """A subscription does not charge a device of which its source heard nothing for so long as the plan says.

    Like an exception it is never changed: a pause that ends is withdrawn, and a shorter one is recorded in its place.
    One silence (the device was last heard at `silent_since`) pauses once, so that what a person ended stays ended.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="pauses")
    device = models.ForeignKey("inventory.Device", on_delete=models.PROTECT, related_name="pauses")
    valid = DateRangeField()
    silent_since = models.DateTimeField()
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_subscription_pauses_a_device_once_at_a_time",
                index_type="GIST",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    ("device", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at=None),
            ),
        ]
