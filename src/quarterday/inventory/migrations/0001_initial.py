import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import keep_private, protect, share

KEEP_THE_LEDGER = migrations.RunSQL(
    """
    CREATE FUNCTION inventory_keep_the_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE'
            AND (NEW.id, NEW.device_id, NEW.customer_id, NEW.device_class, NEW.valid, NEW.seen_at, NEW.gone_at, NEW.why)
                IS NOT DISTINCT FROM
                (OLD.id, OLD.device_id, OLD.customer_id, OLD.device_class, OLD.valid, OLD.seen_at, OLD.gone_at, OLD.why)
            AND lower(NEW.recorded) = lower(OLD.recorded)
            AND (NEW.recorded = OLD.recorded OR upper_inf(OLD.recorded))
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'The presence ledger is never overwritten: close what was recorded and record it anew.'
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER inventory_presence_is_kept BEFORE UPDATE OR DELETE ON inventory_presence
        FOR EACH ROW EXECUTE FUNCTION inventory_keep_the_ledger();
    """,
    "DROP TRIGGER inventory_presence_is_kept ON inventory_presence; DROP FUNCTION inventory_keep_the_ledger();",
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("kind", models.CharField(default="csv", max_length=40)),
                ("settings", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=300)),
                ("serial", models.CharField(blank=True, max_length=120)),
                ("device_class", models.CharField(max_length=40)),
                ("class_set_by", models.CharField(blank=True, max_length=200)),
                ("customer_set_by", models.CharField(blank=True, max_length=200)),
                ("first_seen_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
                ("evidence", models.JSONField(default=dict)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.source"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="there_is_one_ledger_clock")
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=200)),
                ("external_name", models.CharField(max_length=300)),
                ("ignored", models.BooleanField(default=False)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("device_count", models.PositiveIntegerField(default=0)),
                ("present_since", models.DateField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mappings", to="inventory.source"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SyncRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(null=True)),
                ("as_of", models.DateField(null=True)),
                ("complete", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "applied"),
                            ("held", "held"),
                            ("rejected", "rejected"),
                            ("superseded", "superseded"),
                        ],
                        max_length=12,
                    ),
                ),
                ("snapshot", models.BinaryField(null=True)),
                ("digest", models.CharField(max_length=64)),
                ("summary", models.JSONField(default=dict)),
                ("by", models.CharField(max_length=200)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="inventory.source"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SyncCoverage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("complete_at", models.DateTimeField()),
                ("complete_on", models.DateField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.source"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.syncrun"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("device_name", models.CharField(max_length=300)),
                ("device_class", models.CharField(max_length=40)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("recorded", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("gone_at", models.DateTimeField(null=True)),
                ("why", models.CharField(max_length=40)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="presences", to="inventory.device"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.syncrun"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillingException",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("reason", models.CharField(max_length=300)),
                ("agreed_by", models.CharField(max_length=200)),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exceptions", to="inventory.device"
                    ),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GistIndex(fields=["valid"], name="exceptions_by_days")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        expressions=[("device", "="), ("valid", "&&")],
                        name="a_device_is_excepted_once_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Replacement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("replaced_on", models.DateField()),
                (
                    "because",
                    models.CharField(
                        choices=[("person", "person"), ("serial", "serial"), ("name", "name")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "proposed"), ("confirmed", "confirmed"), ("rejected", "rejected")],
                        max_length=10,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "new_device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replaces", to="inventory.device"
                    ),
                ),
                (
                    "old_device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replaced_by", to="inventory.device"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("old_device", "new_device"), name="a_replacement_is_told_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "confirmed")),
                        fields=("old_device",),
                        name="a_device_has_one_successor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("old_device", models.F("new_device")), _negated=True),
                        name="a_device_does_not_replace_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="a_confirmed_replacement_says_since_when_it_is_known",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["customer"], name="devices_by_customer"),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                condition=models.Q(("serial", ""), _negated=True), fields=["serial"], name="devices_by_serial"
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.UniqueConstraint(fields=("source", "external_id"), name="a_source_names_a_device_once"),
        ),
        migrations.AddConstraint(
            model_name="customermapping",
            constraint=models.UniqueConstraint(fields=("source", "external_id"), name="a_source_names_a_customer_once"),
        ),
        migrations.AddConstraint(
            model_name="customermapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer", None), ("ignored", False), _connector="OR"),
                name="a_mapped_customer_is_not_ignored",
            ),
        ),
        migrations.AddIndex(
            model_name="syncrun",
            index=models.Index(fields=["source", "-taken_at"], name="sync_runs_by_source"),
        ),
        migrations.AddConstraint(
            model_name="synccoverage",
            constraint=models.UniqueConstraint(
                fields=("customer", "source"), name="one_coverage_per_customer_and_source"
            ),
        ),
        migrations.AddIndex(
            model_name="presence",
            index=models.Index(fields=["customer"], name="presences_by_customer"),
        ),
        migrations.AddIndex(
            model_name="presence",
            index=models.Index(fields=["device"], name="presences_by_device"),
        ),
        migrations.AddIndex(
            model_name="presence",
            index=models.Index(
                condition=models.Q(("valid__upper_inf", True), ("recorded__upper_inf", True)),
                fields=["device"],
                name="presences_that_go_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("device", "="), ("valid", "&&"), ("recorded", "&&")],
                name="a_device_is_at_one_customer_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", False)), name="a_stay_has_at_least_one_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("recorded__isempty", False)), name="a_stay_was_known_at_some_time"
            ),
        ),
        share("inventory_source"),
        keep_private("inventory_syncrun"),
        keep_private("inventory_ledgerclock"),
        protect("inventory_synccoverage"),
        protect("inventory_customermapping"),
        protect("inventory_device"),
        protect("inventory_presence"),
        protect("inventory_replacement"),
        protect("inventory_billingexception"),
        KEEP_THE_LEDGER,
    ]
