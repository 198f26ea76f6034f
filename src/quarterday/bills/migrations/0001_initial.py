import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from quarterday.shared.protection import belongs, freeze, has_children, keep_private, protect


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
                ("parties", models.JSONField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("facts_digest", models.BinaryField(max_length=32, null=True)),
                ("content_digest", models.BinaryField(max_length=32)),
                ("calculated_at", models.DateTimeField()),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bills", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillingRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("by", models.CharField(max_length=200)),
                ("summary", models.JSONField(default=dict)),
            ],
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
                ("per", models.CharField(default="1", max_length=12)),
                ("fraction", models.CharField(default="1", max_length=24)),
                ("net", models.DecimalField(decimal_places=3, max_digits=18)),
                ("tax_code", models.CharField(max_length=30)),
                ("tax_category", models.CharField(blank=True, max_length=2)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=0, max_digits=7)),
                ("revenue_account", models.CharField(blank=True, max_length=30)),
                ("details", models.JSONField(default=dict)),
                (
                    "adjustment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.adjustment",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="bills.bill"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="bill",
            name="run",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="bills", to="bills.billingrun"
            ),
        ),
        migrations.CreateModel(
            name="LineEvidence",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="evidence",
                        serialize=False,
                        to="bills.billline",
                    ),
                ),
                (
                    "device_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("days", django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
            ],
        ),
        migrations.AddField(
            model_name="billline",
            name="bill",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="bills.bill"),
        ),
        migrations.AddField(
            model_name="billline",
            name="corrects_line",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="bills.billline"
            ),
        ),
        migrations.AddField(
            model_name="billline",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="billline",
            name="subscription",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subscriptions.subscription",
            ),
        ),
        migrations.CreateModel(
            name="BillMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="bills.bill"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="outbox.message"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillTax",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category", models.CharField(max_length=2)),
                ("rate", models.DecimalField(decimal_places=4, max_digits=7)),
                ("base", models.DecimalField(decimal_places=3, max_digits=18)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("components", models.JSONField(default=list)),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taxes", to="bills.bill"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LateTruth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("difference", models.DecimalField(decimal_places=3, max_digits=18)),
                ("currency", models.CharField(max_length=3)),
                ("details", models.JSONField(default=dict)),
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
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bills.bill"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscriptions.subscription"
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
                        choices=[("period", "period"), ("settlement", "settlement")], default="period", max_length=10
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("billed", "billed"), ("empty", "empty"), ("waived", "waived")], max_length=6
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("claimed_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
                ("released_because", models.CharField(blank=True, max_length=300)),
                (
                    "bill",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="bills.bill"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscriptions.subscription"
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AdjustmentUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("occurrence", models.PositiveIntegerField()),
                ("is_rest", models.BooleanField(default=False)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("rest", models.DecimalField(decimal_places=3, default=0, max_digits=18)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "adjustment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="subscriptions.adjustment"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustment_uses", to="bills.bill"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("adjustment", "occurrence"),
                        name="an_adjustment_is_consumed_once_per_occurrence",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(fields=["customer", "-billing_date"], name="bills_by_customer"),
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
        migrations.AddField(
            model_name="lineevidence",
            name="bill",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bills.bill"),
        ),
        migrations.AddField(
            model_name="lineevidence",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
            ),
        ),
        migrations.AddConstraint(
            model_name="billline",
            constraint=models.UniqueConstraint(fields=("bill", "position"), name="lines_are_numbered_within_a_bill"),
        ),
        migrations.AddConstraint(
            model_name="latetruth",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision__in", ["asked", "catch_up", "credit"])),
                fields=("subscription", "period"),
                name="a_late_truth_is_asked_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="parking",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resolved_at", None)), fields=("customer",), name="a_customer_is_parked_once"
            ),
        ),
        migrations.AddIndex(
            model_name="periodclaim",
            index=models.Index(fields=["subscription"], name="claims_by_subscription"),
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
        keep_private("bills_numbercounter"),
        protect("bills_bill"),
        has_children("bills_bill"),
        freeze("bills_bill"),
        protect("bills_billfacts"),
        protect("bills_billline"),
        protect("bills_lineevidence"),
        protect("bills_billtax"),
        protect("bills_periodclaim"),
        protect("bills_adjustmentuse"),
        protect("bills_billissue"),
        protect("bills_billhold"),
        protect("bills_billdiscard"),
        protect("bills_billprint"),
        protect("bills_billmail"),
        protect("bills_parking"),
        protect("bills_latetruth"),
        belongs("bills_billfacts", "bill_id", "bills_bill"),
        belongs("bills_billline", "bill_id", "bills_bill"),
        belongs("bills_lineevidence", "bill_id", "bills_bill"),
        belongs("bills_billtax", "bill_id", "bills_bill"),
        belongs("bills_periodclaim", "bill_id", "bills_bill"),
        belongs("bills_adjustmentuse", "bill_id", "bills_bill"),
        belongs("bills_billissue", "bill_id", "bills_bill"),
        belongs("bills_billhold", "bill_id", "bills_bill"),
        belongs("bills_billdiscard", "bill_id", "bills_bill"),
        belongs("bills_billprint", "bill_id", "bills_bill"),
        belongs("bills_billmail", "bill_id", "bills_bill"),
        belongs("bills_periodclaim", "subscription_id", "subscriptions_subscription"),
        belongs("bills_latetruth", "subscription_id", "subscriptions_subscription"),
        belongs("bills_adjustmentuse", "adjustment_id", "subscriptions_adjustment"),
        belongs("bills_billmail", "message_id", "outbox_message"),
        freeze("bills_billfacts"),
        freeze("bills_billline"),
        freeze("bills_lineevidence"),
        freeze("bills_billtax"),
        freeze("bills_billissue"),
        freeze("bills_billdiscard"),
        freeze("bills_billprint"),
    ]
