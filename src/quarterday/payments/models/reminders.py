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
