"""The presence ledger: what was true (`valid`), and when we knew (`recorded`). Nothing in it is overwritten."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint


class Source(models.Model):
    """Where devices are reported: a file that somebody exports, or an RMM's API."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40, default="csv")
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SyncRun(models.Model):
    """One snapshot offered to the ledger: applied, held for a person, rejected, or refused as wrong."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    taken_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True)
    as_of = models.DateField(null=True)
    complete = models.BooleanField()
    state = models.CharField(max_length=12, choices=[(s, s) for s in ("applied", "held", "rejected", "superseded")])
    snapshot = models.BinaryField(null=True)
    digest = models.CharField(max_length=64)
    summary = models.JSONField(default=dict)
    by = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["source", "-taken_at"], name="sync_runs_by_source")]

    def __str__(self) -> str:
        return f"sync {self.pk}"


class SyncCoverage(models.Model):
    """Up to when a source has told us everything about one customer; updated by each complete sync.

    An older snapshot is not applied after a newer one. `complete_on` is the instant's local date at the customer.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    complete_at = models.DateTimeField()
    complete_on = models.DateField()
    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [UniqueConstraint(fields=["customer", "source"], name="one_coverage_per_customer_and_source")]


class CustomerMapping(models.Model):
    """What a source calls a customer, and which customer that is; unknown ones wait here for a person.

    `external_id` is the source's key (a file's is the name itself), `external_name` what people read. `present_since`
    is the day from which the devices of the customer's first load count, when a person gave one.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings")
    external_id = models.CharField(max_length=200)
    external_name = models.CharField(max_length=300)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    ignored = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    device_count = models.PositiveIntegerField(default=0)
    present_since = models.DateField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["source", "external_id"], name="a_source_names_a_customer_once"),
            CheckConstraint(condition=Q(customer=None) | Q(ignored=False), name="a_mapped_customer_is_not_ignored"),
        ]

    def __str__(self) -> str:
        return self.external_name


class Device(models.Model):
    """A managed endpoint. `customer` is where it was last seen; where it was when is asked of its presences.

    What a person set (`class_set_by`, `customer_set_by`, `retired_at`) is kept whatever the source says. `evidence` is
    what the source said besides when it first named the device. `silent_since` is when the source last heard from it,
    if that was more than a day before its newest snapshot; `heard_at` when it did as a silence began or ended.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    serial = models.CharField(max_length=120, blank=True)
    device_class = models.CharField(max_length=40)
    class_set_by = models.CharField(max_length=200, blank=True)
    customer_set_by = models.CharField(max_length=200, blank=True)
    first_seen_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    silent_since = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = [UniqueConstraint(fields=["source", "external_id"], name="a_source_names_a_device_once")]
        indexes = [
            models.Index(fields=["customer"], name="devices_by_customer"),
            models.Index(fields=["serial"], name="devices_by_serial", condition=~Q(serial="")),
            models.Index(fields=["silent_since"], name="silent_devices", condition=~Q(silent_since=None)),
        ]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """A device's stay at a customer, as one class: `valid` in the customer's local dates, `recorded` in instants.

    Of a row only the end of `recorded` is ever written again, once, when we learn better (a trigger keeps it so).
    `seen_at` and `gone_at` are the instants behind the dates. The name is part of what was known: a renamed device's
    stay is recorded anew, and a customer whose device moved away can still read what it was called.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="presences")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    device_name = models.CharField(max_length=300)
    device_class = models.CharField(max_length=40)
    valid = DateRangeField()
    recorded = DateTimeRangeField()
    seen_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=40)
    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_device_is_at_one_customer_at_a_time",
                index_type="GIST",
                expressions=[
                    ("device", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("recorded", RangeOperators.OVERLAPS),
                ],
            ),
            CheckConstraint(condition=Q(valid__isempty=False), name="a_stay_has_at_least_one_day"),
            CheckConstraint(condition=Q(recorded__isempty=False), name="a_stay_was_known_at_some_time"),
        ]
        indexes = [
            # What is known now, with all that counting devices by customer and class on a day needs to read.
            models.Index(
                fields=["customer", "device_class"],
                include=["device", "valid"],
                name="known_presences_by_class",
                condition=Q(recorded__upper_inf=True),
            ),
            models.Index(fields=["device"], name="presences_by_device"),
            # The stays that go on, as known now: what each sync compares with. Few of many rows are.
            models.Index(
                fields=["device"],
                name="presences_that_go_on",
                condition=Q(valid__upper_inf=True) & Q(recorded__upper_inf=True),
            ),
        ]


class Replacement(models.Model):
    """One device took another's place; both count as one from `replaced_on` on, once confirmed.

    What was known before is told by `confirmed_at` and, of one that was rejected afterwards, by `decided_at`. Such a
    row stays as it is; when the pair is confirmed again, that is another row.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    old_device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="replaced_by")
    new_device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="replaces")
    replaced_on = models.DateField()
    because = models.CharField(max_length=10, choices=[(s, s) for s in ("person", "serial", "name")])
    state = models.CharField(max_length=10, choices=[(s, s) for s in ("proposed", "confirmed", "rejected")])
    recorded_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["old_device", "new_device"],
                condition=Q(confirmed_at=None) | Q(state__in=["proposed", "confirmed"]),
                name="a_replacement_is_told_once",
            ),
            UniqueConstraint(fields=["old_device"], condition=Q(state="confirmed"), name="a_device_has_one_successor"),
            CheckConstraint(condition=~Q(old_device=F("new_device")), name="a_device_does_not_replace_itself"),
            CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False),
                name="a_confirmed_replacement_says_since_when_it_is_known",
            ),
        ]


class BillingException(models.Model):
    """A device that is at the customer and is not billed for a while: why, who agreed, until when.

    `announced_at` is when we were told that it ends soon.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="exceptions")
    valid = DateRangeField()
    reason = models.CharField(max_length=300)
    agreed_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_device_is_excepted_once_at_a_time",
                index_type="GIST",
                expressions=[("device", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(withdrawn_at=None),
            ),
        ]
        indexes = [GistIndex(fields=["valid"], name="exceptions_by_days")]


class LedgerClock(models.Model):
    """The last `recorded` stamp; stamps are taken under the inventory lock and never go back."""

    last_at = models.DateTimeField()

    class Meta:
        constraints = [CheckConstraint(condition=Q(pk=1), name="there_is_one_ledger_clock")]
