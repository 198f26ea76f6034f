"""Bill desk: what bills settle: the days of subscriptions, and the times of adjustments."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from quarterday.bills.models.keys import of_bill, of_customer, of_subscription


class PeriodClaim(models.Model):
    """Days of a subscription are settled: billed, empty, or waived with a reason; live claims never overlap.

    `period`: they are charged. `settlement`: they were charged in advance, are over, and the difference to what the
    rule counts is behind them. `ending`: they were charged, but the service had ended before, and they are credited.
    `known_at` is the ledger's last stamp when the devices were counted: what is recorded later was learned late.
    """

    subscription = of_subscription()
    customer = of_customer()
    bill = of_bill("claims", null=True)
    period = DateRangeField()
    full_period = DateRangeField()
    part = models.CharField(max_length=10, choices=[(p, p) for p in ("period", "settlement", "ending")])
    outcome = models.CharField(max_length=6, choices=[(o, o) for o in ("billed", "empty", "waived")])
    reason = models.CharField(max_length=300, blank=True)
    known_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_period_is_claimed_once",
                index_type="GIST",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    ("part", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(released_at=None),
            ),
            CheckConstraint(condition=~Q(outcome="waived") | ~Q(reason=""), name="a_waiver_has_a_reason"),
            CheckConstraint(condition=~Q(outcome="billed") | Q(bill__isnull=False), name="what_is_billed_is_on_a_bill"),
        ]
        indexes = [
            models.Index(fields=["subscription"], name="claims_by_subscription"),
            models.Index(fields=["bill"], name="claims_by_bill"),
        ]


class AdjustmentUse(models.Model):
    """What one bill did to an adjustment: which of its times it used, and the rest that it leaves for the next bill.

    `occurrence` counts the times; it is null where a bill only took the rest of an earlier one. `position` counts all
    uses there ever were: of two bills that would use an adjustment at once, the second is refused.
    """

    adjustment = models.ForeignKey(
        "subscriptions.Adjustment", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    customer = of_customer()
    bill = of_bill("adjustment_uses")
    position = models.PositiveIntegerField()
    occurrence = models.PositiveIntegerField(null=True)
    rest = models.DecimalField(max_digits=18, decimal_places=3, default=0)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["adjustment", "position"], name="an_adjustment_is_used_by_one_bill_at_a_time"),
            UniqueConstraint(
                fields=["adjustment", "occurrence"],
                condition=Q(released_at=None),
                name="an_adjustment_is_consumed_once_per_occurrence",
            ),
        ]
        indexes = [models.Index(fields=["bill"], name="adjustment_uses_by_bill")]
