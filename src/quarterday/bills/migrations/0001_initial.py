import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from quarterday.shared.database import SCOPED, STAFF
from quarterday.shared.protection import IN_SCOPE, belongs, freeze, has_children, keep_private, protect

# A copy without a customer is the provider's own address: everybody may read it beside their bill.
PARTIES_ARE_READ_WITH_THEIR_BILLS = migrations.RunSQL(
    f"""
    ALTER TABLE bills_partycopy ENABLE ROW LEVEL SECURITY;
    ALTER TABLE bills_partycopy FORCE ROW LEVEL SECURITY;
    CREATE POLICY staff ON bills_partycopy TO {STAFF} USING (true) WITH CHECK (true);
    CREATE POLICY scoped ON bills_partycopy FOR SELECT TO {SCOPED}
        USING (customer_id IS NULL OR customer_id = {IN_SCOPE});
    GRANT SELECT, INSERT ON bills_partycopy TO {STAFF};
    GRANT SELECT ON bills_partycopy TO {SCOPED};
    """,
    """
    REVOKE ALL ON bills_partycopy FROM quarterday_staff, quarterday_scoped;
    DROP POLICY scoped ON bills_partycopy;
    DROP POLICY staff ON bills_partycopy;
    ALTER TABLE bills_partycopy NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE bills_partycopy DISABLE ROW LEVEL SECURITY;
    """,
)


# A run takes the ids of its bills first, so that lines and claims can name them in the same breath.
IDS_ARE_TAKEN_AHEAD = migrations.RunSQL(
    f"GRANT USAGE ON SEQUENCE bills_bill_id_seq TO {STAFF}", f"REVOKE USAGE ON SEQUENCE bills_bill_id_seq FROM {STAFF}"
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0001_initial"),
        ("customers", "0001_initial"),
        ("outbox", "0001_initial"),
        ("subscriptions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("invoice", "Invoice"), ("credit_note", "Credit note")], max_length=12),
                ),
                ("currency", models.CharField(max_length=3)),
                ("billing_date", models.DateField()),
                ("net", models.DecimalField(decimal_places=3, max_digits=18)),
                ("tax", models.DecimalField(decimal_places=3, max_digits=18)),
                ("total", models.DecimalField(decimal_places=3, max_digits=18)),
                ("due_days", models.PositiveSmallIntegerField()),
                ("device_count", models.PositiveIntegerField(default=0)),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), default=list, size=None
                    ),
                ),
                ("po_number", models.CharField(blank=True, max_length=60)),
                ("buyer_reference", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("facts_digest", models.BinaryField(max_length=32, null=True)),
                ("content_digest", models.BinaryField(max_length=32)),
                ("calculated_at", models.DateTimeField()),
                (
                    "corrects",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bills",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillingRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=200)),
                ("finished", models.BooleanField(default=False)),
                ("summary", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="BillHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30)),
                ("message", models.CharField(max_length=500)),
                ("details", models.JSONField(default=dict)),
                ("raised_at", models.DateTimeField()),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillingClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="there_is_one_billing_clock")
                ],
            },
        ),
        migrations.AddField(
            model_name="bill",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bills",
                to="bills.billingrun",
            ),
        ),
        migrations.CreateModel(
            name="BillMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mails",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="outbox.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("invoice", "Invoice"), ("credit_note", "Credit note")], max_length=12),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("last_number", models.PositiveIntegerField(default=0)),
                ("last_issued_on", models.DateField(null=True)),
                ("last_hash", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "year"), name="one_counter_per_kind_and_year")],
            },
        ),
        migrations.CreateModel(
            name="PartyCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("content", models.JSONField()),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="bill",
            name="buyer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="bills.partycopy",
            ),
        ),
        migrations.AddField(
            model_name="bill",
            name="seller",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bills.partycopy"
            ),
        ),
        migrations.CreateModel(
            name="PeriodClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("full_period", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "part",
                    models.CharField(
                        choices=[("period", "period"), ("settlement", "settlement"), ("ending", "ending")],
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("billed", "billed"), ("empty", "empty"), ("waived", "waived")], max_length=6
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("known_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
                ("released_because", models.CharField(blank=True, max_length=300)),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillDiscard",
            fields=[
                (
                    "bill",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="discard",
                        serialize=False,
                        to="bills.bill",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("discarded_at", models.DateTimeField()),
                ("discarded_by", models.CharField(max_length=200)),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "replaced_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaces", to="bills.bill"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillFacts",
            fields=[
                (
                    "bill",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="facts",
                        serialize=False,
                        to="bills.bill",
                    ),
                ),
                ("data", models.BinaryField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillIssue",
            fields=[
                (
                    "bill",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="issue",
                        serialize=False,
                        to="bills.bill",
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("invoice", "Invoice"), ("credit_note", "Credit note")], max_length=12),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("sequence", models.PositiveIntegerField()),
                ("number", models.CharField(max_length=60, unique=True)),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                ("issued_at", models.DateTimeField()),
                ("issued_by", models.CharField(max_length=200)),
                ("previous_hash", models.BinaryField(max_length=32, null=True)),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillPrint",
            fields=[
                (
                    "bill",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="print",
                        serialize=False,
                        to="bills.bill",
                    ),
                ),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("printed_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AdjustmentUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("occurrence", models.PositiveIntegerField(null=True)),
                ("rest", models.DecimalField(decimal_places=3, default=0, max_digits=18)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "adjustment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.adjustment",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustment_uses",
                        to="bills.bill",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["bill"], name="adjustment_uses_by_bill")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("adjustment", "position"), name="an_adjustment_is_used_by_one_bill_at_a_time"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("adjustment", "occurrence"),
                        name="an_adjustment_is_consumed_once_per_occurrence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("approved_by", models.CharField(max_length=200)),
                ("approved_at", models.DateTimeField()),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("bill", "approved_by"), name="two_approvals_are_two_persons")
                ],
            },
        ),
        migrations.CreateModel(
            name="BillLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("text", models.CharField(max_length=300)),
                ("device_class", models.CharField(blank=True, max_length=40)),
                ("start_on", models.DateField(null=True)),
                ("end_on", models.DateField(null=True)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=20)),
                ("unit", models.CharField(blank=True, max_length=12)),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ("per", models.PositiveSmallIntegerField(default=1)),
                ("fraction", models.CharField(default="1", max_length=24)),
                ("net", models.DecimalField(decimal_places=3, max_digits=18)),
                ("tax_code", models.CharField(blank=True, max_length=30)),
                ("tax_category", models.CharField(blank=True, max_length=2)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=0, max_digits=7)),
                ("tax_reason", models.CharField(blank=True, max_length=300)),
                ("tax_components", models.JSONField(null=True)),
                ("revenue_account", models.CharField(blank=True, max_length=30)),
                (
                    "corrects_bills",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "device_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "device_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "adjustment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.adjustment",
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="bills.bill",
                    ),
                ),
                (
                    "corrects_line",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="bills.billline",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [
                    models.Index(fields=["subscription", "start_on"], name="lines_by_subscription"),
                    models.Index(
                        condition=models.Q(("corrects_line", None), _negated=True),
                        fields=["corrects_line"],
                        name="lines_by_corrected",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("bill", "position"), name="lines_are_numbered_within_a_bill")
                ],
            },
        ),
        migrations.CreateModel(
            name="BillTax",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("category", models.CharField(max_length=2)),
                ("rate", models.DecimalField(decimal_places=4, max_digits=7)),
                ("base", models.DecimalField(decimal_places=3, max_digits=18)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("components", models.JSONField(default=list)),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taxes",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("bill", "position"), name="taxes_are_numbered_within_a_bill")
                ],
            },
        ),
        migrations.CreateModel(
            name="LateTruth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("difference", models.DecimalField(decimal_places=3, max_digits=18)),
                ("currency", models.CharField(max_length=3)),
                ("details", models.JSONField(default=dict)),
                ("known_at", models.DateTimeField(null=True)),
                ("found_at", models.DateTimeField()),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("catch_up", "catch_up"),
                            ("credit", "credit"),
                            ("forgiven", "forgiven"),
                            ("billed", "billed"),
                            ("gone", "gone"),
                        ],
                        max_length=10,
                    ),
                ),
                ("decided_by", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decision__in", ["asked", "catch_up", "credit"])),
                        fields=("subscription", "period"),
                        name="a_late_truth_is_asked_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Parking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500)),
                ("details", models.TextField(blank=True)),
                ("parked_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_by", models.CharField(blank=True, max_length=200)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_at", None)),
                        fields=("customer",),
                        name="a_customer_is_parked_once",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(fields=["run"], name="bills_by_run"),
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(
                condition=models.Q(("corrects", None), _negated=True), fields=["corrects"], name="bills_by_corrected"
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("total", django.db.models.expressions.CombinedExpression(models.F("net"), "+", models.F("tax")))
                ),
                name="a_bill_totals_its_net_and_tax",
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="a_bill_has_a_currency"
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(("total__gte", 0)), name="amounts_on_paper_are_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="periodclaim",
            index=models.Index(fields=["subscription"], name="claims_by_subscription"),
        ),
        migrations.AddIndex(
            model_name="periodclaim",
            index=models.Index(fields=["bill"], name="claims_by_bill"),
        ),
        migrations.AddConstraint(
            model_name="periodclaim",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("released_at", None)),
                expressions=[("subscription", "="), ("part", "="), ("period", "&&")],
                name="a_period_is_claimed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "waived"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_waiver_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "billed"), _negated=True), ("bill__isnull", False), _connector="OR"
                ),
                name="what_is_billed_is_on_a_bill",
            ),
        ),
        migrations.AddIndex(
            model_name="billissue",
            index=models.Index(fields=["-issued_on", "-bill"], name="issues_by_day"),
        ),
        migrations.AddIndex(
            model_name="billissue",
            index=models.Index(fields=["customer", "-issued_on"], name="issues_by_customer"),
        ),
        migrations.AddConstraint(
            model_name="billissue",
            constraint=models.UniqueConstraint(fields=("kind", "year", "sequence"), name="a_number_is_given_once"),
        ),
        migrations.AddConstraint(
            model_name="billissue",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("issued_on"))), name="a_bill_is_due_on_or_after_its_issue"
            ),
        ),
        keep_private("bills_billingrun"),
        keep_private("bills_billingclock"),
        keep_private("bills_numbercounter"),
        PARTIES_ARE_READ_WITH_THEIR_BILLS,
        has_children("bills_partycopy"),
        freeze("bills_partycopy"),
        protect("bills_bill"),
        protect("bills_billfacts"),
        protect("bills_billline"),
        protect("bills_billtax"),
        protect("bills_periodclaim"),
        protect("bills_adjustmentuse"),
        protect("bills_billissue"),
        protect("bills_billhold"),
        protect("bills_billapproval"),
        protect("bills_billdiscard"),
        protect("bills_billprint"),
        protect("bills_billmail"),
        protect("bills_parking"),
        protect("bills_latetruth"),
        has_children("bills_bill"),
        IDS_ARE_TAKEN_AHEAD,
        belongs("bills_bill", "buyer_id", "bills_partycopy"),
        belongs("bills_billfacts", "bill_id", "bills_bill"),
        belongs("bills_billline", "bill_id", "bills_bill"),
        belongs("bills_billtax", "bill_id", "bills_bill"),
        belongs("bills_periodclaim", "bill_id", "bills_bill"),
        belongs("bills_adjustmentuse", "bill_id", "bills_bill"),
        belongs("bills_billissue", "bill_id", "bills_bill"),
        belongs("bills_billhold", "bill_id", "bills_bill"),
        belongs("bills_billapproval", "bill_id", "bills_bill"),
        belongs("bills_billdiscard", "bill_id", "bills_bill"),
        belongs("bills_billprint", "bill_id", "bills_bill"),
        belongs("bills_billmail", "bill_id", "bills_bill"),
        belongs("bills_latetruth", "bill_id", "bills_bill"),
        belongs("bills_billline", "subscription_id", "subscriptions_subscription"),
        belongs("bills_periodclaim", "subscription_id", "subscriptions_subscription"),
        belongs("bills_latetruth", "subscription_id", "subscriptions_subscription"),
        belongs("bills_billline", "adjustment_id", "subscriptions_adjustment"),
        belongs("bills_adjustmentuse", "adjustment_id", "subscriptions_adjustment"),
        belongs("bills_billmail", "message_id", "outbox_message"),
        freeze("bills_bill"),
        freeze("bills_billfacts"),
        freeze("bills_billline"),
        freeze("bills_billtax"),
        freeze("bills_billissue"),
        freeze("bills_billhold"),
        freeze("bills_billapproval"),
        freeze("bills_billdiscard"),
        freeze("bills_billprint"),
    ]
