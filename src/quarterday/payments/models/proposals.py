"""What one person wants to give up, and another one has to agree to first."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class Proposal(models.Model):
    """What gives up more than the provider's amount: nothing but a wish until it is approved.

    It is a credit note, a write-off, a refund, or a draft whose periods are never billed. `amount` is what it comes to,
    with tax; `terms` are what its verb takes besides (see actions/proposing.py). User ids tell persons apart, as names
    can be changed and shared; the command line has none and is one person.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=10, choices=[(kind, kind) for kind in ("credit", "write_off", "refund", "waive")]
    )
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, null=True, related_name="+")
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    terms = models.JSONField(default=dict)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=200)
    proposed_by_id = models.BigIntegerField(null=True)
    state = models.CharField(
        max_length=10, default="waiting", choices=[(state, state) for state in ("waiting", "approved", "refused")]
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(amount__gt=0), name="a_proposal_is_about_some_money"),
            CheckConstraint(
                condition=Q(kind__in=["credit", "write_off", "waive"], bill__isnull=False, payment=None)
                | Q(kind="refund", bill=None, payment__isnull=False),
                name="a_proposal_is_about_one_bill_or_payment",
            ),
            UniqueConstraint(fields=["bill"], condition=Q(state="waiting"), name="a_bill_has_one_proposal_waiting"),
            UniqueConstraint(
                fields=["payment"], condition=Q(state="waiting"), name="a_payment_has_one_proposal_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}"
