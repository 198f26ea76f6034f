"""Bill desk. A bill's content is written once; what happens to it is told by rows beside it.

Issued: it has an issue row. Discarded: it has a discard row. Otherwise it is a draft that waits for the reasons in its
holds.
Whether it is paid is not here: ask `payments`.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

KINDS = [("invoice", "Invoice"), ("credit_note", "Credit note")]


def of_customer() -> models.ForeignKey:  # type: ignore[type-arg]  # the stubs' type arguments do not exist at run time
    """Whose row it is. The composite foreign key to its bill or subscription (see `belongs`) keeps it true."""
    return models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )


def of_subscription(*, null: bool = False, db_index: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]
    """Which subscription; `belongs` keeps it one of the same customer's."""
    return models.ForeignKey(
        "subscriptions.Subscription",
        on_delete=models.PROTECT,
        null=null,
        related_name="+",
        db_constraint=False,
        db_index=db_index,
    )


def of_bill(related_name: str, *, null: bool = False, db_index: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]
    """Which bill; `belongs` keeps it one of the same customer's, and other constraints often index it already."""
    return models.ForeignKey(
        "Bill", on_delete=models.PROTECT, null=null, related_name=related_name, db_constraint=False, db_index=db_index
    )


class BillingClock(models.Model):
    """The instant up to which everybody has been billed; a run before it, or long after it, asks a person first."""

    last_at = models.DateTimeField()

    class Meta:
        constraints = [CheckConstraint(condition=Q(pk=1), name="there_is_one_billing_clock")]


class BillingRun(models.Model):
    """One pass over what was due at an instant, for the record; any number may work at the same time."""

    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    finished = models.BooleanField(default=False)
    summary = models.JSONField(default=dict)


class PartyCopy(models.Model):
    """We, or a customer, word for word as on the bills that name the copy; stored once, however many bills do.

    `content` is what the paper says of the party, `digest` the sha256 of its canonical JSON. A copy without a customer
    is the provider.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    content = models.JSONField()


class Bill(models.Model):
    """What was calculated, for ever: amounts in the currency's own digits, both parties as they were."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="bills", db_index=False)
    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, null=True, related_name="bills", db_index=False)
    seller = models.ForeignKey(PartyCopy, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer = models.ForeignKey(
        PartyCopy, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=12, choices=KINDS)
    currency = models.CharField(max_length=3)
    billing_date = models.DateField()
    net = models.DecimalField(max_digits=18, decimal_places=3)
    tax = models.DecimalField(max_digits=18, decimal_places=3)
    total = models.DecimalField(max_digits=18, decimal_places=3)
    due_days = models.PositiveSmallIntegerField()
    device_count = models.PositiveIntegerField(default=0)
    recipients = ArrayField(models.EmailField(), default=list)
    po_number = models.CharField(max_length=60, blank=True)
    buyer_reference = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="corrections", db_index=False
    )
    facts_digest = models.BinaryField(max_length=32, null=True)
    content_digest = models.BinaryField(max_length=32)
    calculated_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(total=F("net") + F("tax")), name="a_bill_totals_its_net_and_tax"),
            CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="a_bill_has_a_currency"),
            CheckConstraint(condition=Q(total__gte=0), name="amounts_on_paper_are_positive"),
        ]
        indexes = [
            models.Index(fields=["run"], name="bills_by_run"),
            models.Index(fields=["corrects"], name="bills_by_corrected", condition=~Q(corrects=None)),
            models.Index(fields=["total", "id"], name="bills_by_total"),
        ]

    def __str__(self) -> str:
        return f"bill {self.pk}"


class BillFacts(models.Model):
    """All that the bill depended on: zlib over the canonical JSON whose sha256 is the bill's `facts_digest`."""

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="facts", db_constraint=False
    )
    customer = of_customer()
    data = models.BinaryField()


class BillLine(models.Model):
    """One line, with its evidence: the devices it counts and, in step, for how many days each.

    A credit note's amounts are positive, as on its paper. `corrects_bills` are the bills whose charges a true-up,
    catch-up or credit corrects; `corrects_line` is the line that a credit by hand takes back.
    """

    bill = of_bill("lines")
    customer = of_customer()
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    subscription = of_subscription(null=True)
    adjustment = models.ForeignKey(
        "subscriptions.Adjustment",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    text = models.CharField(max_length=300)
    device_class = models.CharField(max_length=40, blank=True)
    start_on = models.DateField(null=True)
    end_on = models.DateField(null=True)
    quantity = models.DecimalField(max_digits=20, decimal_places=6)
    unit = models.CharField(max_length=12, blank=True)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    per = models.PositiveSmallIntegerField(default=1)
    fraction = models.CharField(max_length=24, default="1")
    net = models.DecimalField(max_digits=18, decimal_places=3)
    tax_code = models.CharField(max_length=30, blank=True)
    tax_category = models.CharField(max_length=2, blank=True)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    tax_reason = models.CharField(max_length=300, blank=True)
    tax_components = models.JSONField(null=True)
    revenue_account = models.CharField(max_length=30, blank=True)
    corrects_line = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="corrections", db_index=False
    )
    corrects_bills = ArrayField(models.BigIntegerField(), null=True)
    device_ids = ArrayField(models.BigIntegerField(), null=True)
    device_days = ArrayField(models.SmallIntegerField(), null=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["bill", "position"], name="lines_are_numbered_within_a_bill")]
        indexes = [
            models.Index(fields=["subscription", "start_on"], name="lines_by_subscription"),
            models.Index(fields=["corrects_line"], name="lines_by_corrected", condition=~Q(corrects_line=None)),
        ]
        ordering = ["position"]


class BillTax(models.Model):
    """Tax of one (category, rate) group, on the sum of its lines."""

    bill = of_bill("taxes")
    customer = of_customer()
    position = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=2)
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    base = models.DecimalField(max_digits=18, decimal_places=3)
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    reason = models.CharField(max_length=300, blank=True)
    components = models.JSONField(default=list)

    class Meta:
        constraints = [UniqueConstraint(fields=["bill", "position"], name="taxes_are_numbered_within_a_bill")]
        ordering = ["position"]


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


class BillHold(models.Model):
    """A reason why a draft waits for a person."""

    bill = of_bill("holds", db_index=True)
    customer = of_customer()
    code = models.CharField(max_length=30)
    message = models.CharField(max_length=500)
    details = models.JSONField(default=dict)
    raised_at = models.DateTimeField()


class BillApproval(models.Model):
    """A person agreed to release a draft that is out of bounds; it takes two of them."""

    bill = of_bill("approvals")
    customer = of_customer()
    approved_by = models.CharField(max_length=200)
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["bill", "approved_by"], name="two_approvals_are_two_persons")]


class BillDiscard(models.Model):
    """A draft was thrown away (or recounted into another)."""

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="discard", db_constraint=False
    )
    customer = of_customer()
    reason = models.CharField(max_length=300)
    replaced_by = models.ForeignKey(Bill, on_delete=models.PROTECT, null=True, related_name="replaces")
    discarded_at = models.DateTimeField()
    discarded_by = models.CharField(max_length=200)


class BillPrint(models.Model):
    """The issued bill as printed, once; its sha256 proves the bytes."""

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="print", db_constraint=False
    )
    customer = of_customer()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    printed_at = models.DateTimeField()


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


class Parking(models.Model):
    """A customer whose billing met an inconsistency: left out, with the reason, until somebody retries."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    details = models.TextField(blank=True)
    parked_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["customer"], condition=Q(resolved_at=None), name="a_customer_is_parked_once")
        ]


class LateTruth(models.Model):
    """A billed period would cost something else as known now; asked, charged on the next bill, or forgiven.

    `known_at` is the ledger's last stamp when it was found: the same truth is not told twice.
    """

    subscription = of_subscription(db_index=True)
    customer = of_customer()
    period = DateRangeField()
    difference = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    details = models.JSONField(default=dict)
    known_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    decision = models.CharField(
        max_length=10, choices=[(s, s) for s in ("asked", "catch_up", "credit", "forgiven", "billed", "gone")]
    )
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    bill = of_bill("+", null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["subscription", "period"],
                condition=Q(decision__in=["asked", "catch_up", "credit"]),
                name="a_late_truth_is_asked_once",
            )
        ]
