"""The caretaker's book: what was proven of backups, and the seals on the audit trail."""

from django.db import models
from django.db.models import CheckConstraint, F, Q


class Drill(models.Model):
    """A backup was restored into a scratch database and compared there: what came out, for the record."""

    drilled_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    row_count = models.BigIntegerField()
    seconds = models.PositiveIntegerField()
    problems = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-drilled_at"], name="drills_by_moment")]

    def __str__(self) -> str:
        return f"drill of the backup of {self.taken_at:%Y-%m-%d %H:%M}"


class Seal(models.Model):
    """The audit entries after `after_id` up to `up_to_id`, sealed: later changes to any of them show.

    `entries_digest` is the sha256 over the entries, `heads` the last hash of each bill series at that moment, and
    `hash` chains all of it to the seal before. `seen_id` and `seen_xmax` are what the next seal may reach up to once
    every transaction has ended that was running now.
    """

    sealed_at = models.DateTimeField()
    after_id = models.BigIntegerField()
    up_to_id = models.BigIntegerField()
    entry_count = models.BigIntegerField()
    entries_digest = models.CharField(max_length=64)
    heads = models.JSONField()
    seen_id = models.BigIntegerField()
    seen_xmax = models.BigIntegerField()
    previous_hash = models.CharField(max_length=64, blank=True, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(up_to_id__gte=F("after_id")), name="a_seal_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"seal {self.pk}"
