"""The audit trail: every change with its actor. Entries are written once."""

from django.db import models


class AuditEntry(models.Model):
    """One act: who did what to which thing, and the details that a reader will ask for.

    `address` is where it came from: a browser's network address, or the account and machine of a command.
    `request_id` is the one that the log lines of the same request carry.
    """

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_name = models.CharField(max_length=200)
    user_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=100, blank=True, db_default="")
    request_id = models.CharField(max_length=36, blank=True, db_default="")
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    subject_name = models.CharField(max_length=300, blank=True)
    customer_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-at"], name="audit_by_subject"),
            models.Index(fields=["customer_id", "-at"], name="audit_by_customer"),
        ]
