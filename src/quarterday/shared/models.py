"""The audit trail: every change with its actor. Entries are written once."""

from django.db import models


class AuditEntry(models.Model):
    """One act: who did what to which thing, and the details that a reader will ask for."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_name = models.CharField(max_length=200)
    user_id = models.BigIntegerField(null=True)
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
