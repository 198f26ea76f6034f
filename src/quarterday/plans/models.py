"""Price list. A plan says how devices are counted, its dated versions what they cost.

`prices` has the shape of the scenario format: class -> {"unit_price": "30.00"} or {"tiers": {...}}, with optional
"minimum", "included" and "tax_code". Decimals are strings, so that no reader turns them into floats.
"""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class Counting(models.TextChoices):
    AT_END = "at_end", "Devices present on the last day"
    AT_START = "at_start", "Devices present on the first day"
    PEAK = "peak", "Most devices on one day"
    ANY_DAY = "any_day", "Every device seen on at least one day"
    PRORATED = "prorated", "By the day (device-days)"


class Timing(models.TextChoices):
    ARREARS = "arrears", "In arrears: at the end of each period"
    ADVANCE = "advance", "In advance: at the start of each period"


class LatePolicy(models.TextChoices):
    ASK = "ask", "Ask a person"
    CATCH_UP = "catch_up", "Add it to the next bill"
    FORGIVE = "forgive", "Forgive it"


class Plan(models.Model):
    """What is charged, and how devices are counted. How it counts never changes: make a new plan for that.

    A device that its source has not heard from for `pause_after_days` is not charged until it is heard again; None
    charges it as long as it is listed.
    """

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    timing = models.CharField(max_length=10, choices=Timing, default=Timing.ARREARS)
    counting = models.CharField(max_length=10, choices=Counting)
    late_policy = models.CharField(max_length=10, choices=LatePolicy, default=LatePolicy.ASK)
    pause_after_days = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    archived_on = models.DateField(null=True)
    revision = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="a_plan_has_a_currency")]

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """The plan's terms from a day on. One that a bill used is never edited or deleted."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    effective_on = models.DateField()
    applies = models.CharField(
        max_length=12,
        default="on_day",
        choices=[("on_day", "From this day"), ("next_period", "From each customer's next period")],
    )
    flat_fee = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    flat_fee_tax_code = models.CharField(max_length=30, default="standard")
    prices = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["plan", "effective_on"], condition=Q(withdrawn_at=None), name="one_version_of_a_plan_a_day"
            ),
            CheckConstraint(condition=Q(flat_fee__gte=0), name="a_flat_fee_is_not_negative"),
        ]
        ordering = ["effective_on"]
