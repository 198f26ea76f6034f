"""Bill desk: when it worked, and up to when everybody has been billed."""

from django.db import models
from django.db.models import CheckConstraint, Q


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
