"""Bill desk: what was calculated, written once: bills with their lines, evidence, taxes, facts and parties."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from quarterday.bills.models.keys import KINDS, of_bill, of_customer, of_subscription
from quarterday.bills.models.runs import BillingRun


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
            models.Index(fields=["id"], name="bills_without_an_address", condition=Q(recipients=[])),
        ]

    def __str__(self) -> str:
        return f"bill {self.pk}"


class BillFacts(models.Model):
    """All that the bill depended on: the canonical JSON whose sha256 is the bill's `facts_digest`, packed."""

    bill = models.OneToOneField(
        Bill, on_delete=models.PROTECT, primary_key=True, related_name="facts", db_constraint=False
    )
    customer = of_customer()
    data = models.BinaryField()


class BillLine(models.Model):
    """One line, with its evidence: the devices it counts and, in step, the days of each (null: all days of the line).

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
            # Few lines are charges or discounts, and a year's revenue would look for them among all.
            models.Index(fields=["bill"], include=["net"], name="lines_of_adjustments", condition=Q(kind="adjustment")),
        ]
        ordering = ["position"]

    @property
    def evidence(self) -> list[tuple[int, int]]:
        """The devices that the line counts, each with its days."""
        devices = self.device_ids or []
        if self.device_days is not None:
            return list(zip(devices, self.device_days, strict=True))
        return (
            [(device, (self.end_on - self.start_on).days) for device in devices]
            if self.start_on and self.end_on
            else []
        )


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
