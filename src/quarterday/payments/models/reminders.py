"""What a customer was told about open invoices, and which are not to be told of."""

from django.db import models
from django.db.models import UniqueConstraint


class Reminder(models.Model):
    """A step of the reminder schedule was taken for a bill; never twice."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, related_name="+")
    step = models.SmallIntegerField()
    reminded_on = models.DateField()
    message = models.ForeignKey("outbox.Message", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [UniqueConstraint(fields=["bill", "step"], name="a_reminder_is_sent_once")]


class ReminderPause(models.Model):
    """An invoice, or a line of it, is disputed: nobody is reminded of it until a day, or until the pause is ended."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("bills.BillLine", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300)
    until = models.DateField(null=True)
    paused_at = models.DateTimeField()
    paused_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["bill", "line"],
                condition=models.Q(ended_at=None),
                nulls_distinct=False,
                name="a_bill_or_line_is_paused_once",
            )
        ]
