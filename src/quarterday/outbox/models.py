"""Post room. A message is written once with the bill it belongs to; each recipient's delivery has its own state."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class MailServer(models.Model):
    """The provider's own SMTP server; mail goes out only after a test mail with these settings has been taken."""

    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(
        max_length=10, default="starttls", choices=[(s, s) for s in ("none", "starttls", "tls")]
    )
    username = models.CharField(max_length=255, blank=True)
    password_encrypted = models.BinaryField(null=True)
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.EmailField()
    reply_to = models.EmailField(blank=True)
    changed_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    test_response = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [CheckConstraint(condition=Q(pk=1), name="there_is_one_mail_server")]


class Message(models.Model):
    """A mail to send. It waits until `ready_at` is set (its bill is printed), and never leaves before `not_before`.

    Subject and body may come as late as the print does, since a bill's number does too. `key` says what the message is
    for: a second one with the same key is not written, so nothing is posted twice. A body that opens something, such as
    a link to sign in, is kept sealed (secrets.py).
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(
        max_length=12, choices=[(s, s) for s in ("bill", "reminder", "statement", "test", "notice")]
    )
    key = models.CharField(max_length=120, unique=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    is_sealed = models.BooleanField(default=False, db_default=False)
    recipients = ArrayField(models.EmailField())
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)


class Attachment(models.Model):
    """Bytes that go with a message, stored as they were printed."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)


class Delivery(models.Model):
    """One message to one address; it is `sent` only after the server's 250 for that address."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    address = models.EmailField()
    state = models.CharField(
        max_length=10,
        choices=[
            (s, s) for s in ("waiting", "queued", "sending", "sent", "deferred", "failed", "unclear", "cancelled")
        ],
    )
    header_id = models.CharField(max_length=200)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    response = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["message", "address"], name="one_delivery_per_message_and_address"),
            CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="what_was_sent_was_sent_at_a_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="deliveries_to_do", condition=Q(state__in=["queued", "sending", "deferred"])
            ),
            # What became of thousands of bills' mails is read here, and not in the table.
            models.Index(fields=["message"], include=["state"], name="deliveries_by_message"),
        ]
