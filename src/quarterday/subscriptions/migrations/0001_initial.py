import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, has_children, protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0001_initial"),
        ("customers", "0001_initial"),
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
                ("billed_from", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                (
                    "final_period",
                    models.CharField(
                        choices=[("prorated", "Prorated"), ("full", "In full")], default="prorated", max_length=10
                    ),
                ),
                ("cycle_every", models.PositiveSmallIntegerField(default=1)),
                (
                    "cycle_unit",
                    models.CharField(
                        choices=[("week", "week"), ("month", "month"), ("year", "year")], default="month", max_length=5
                    ),
                ),
                ("billing_day", models.PositiveSmallIntegerField(null=True)),
                ("offset_days", models.SmallIntegerField(default=0)),
                ("due_days", models.PositiveSmallIntegerField(default=14)),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), default=list, size=None
                    ),
                ),
                ("bill_separately", models.BooleanField(default=False)),
                ("review_first_bill", models.BooleanField(default=True)),
                ("po_number", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("revision", models.PositiveIntegerField(db_default=1, default=1)),
                (
                    "continues",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="continued_by",
                        to="subscriptions.subscription",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="customers.customer",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subscriptions", to="plans.plan"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=300)),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ("percent", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ("tax_code", models.CharField(default="standard", max_length=30)),
                ("starts_on", models.DateField()),
                ("until", models.DateField(null=True)),
                ("times", models.PositiveIntegerField(default=1, null=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=200)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="customers.customer"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SubscriptionTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField()),
                (
                    "applies",
                    models.CharField(
                        choices=[("on_day", "on_day"), ("next_period", "next_period")], default="on_day", max_length=12
                    ),
                ),
                ("prices", models.JSONField(default=dict)),
                ("flat_fee", models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ("flat_fee_tax_code", models.CharField(default="standard", max_length=30)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_terms",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "ordering": ["effective_on"],
            },
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["plan"], name="subscriptions_by_plan"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("billed_from__gte", models.F("starts_on"))), name="billing_starts_with_the_service"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                name="service_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("cycle_every__gte", 1)), name="a_cycle_is_at_least_one_unit"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("billing_day", None),
                    models.Q(("billing_day__range", (1, 31)), models.Q(("cycle_unit", "week"), _negated=True)),
                    _connector="OR",
                ),
                name="a_billing_day_is_a_day_of_the_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                name="a_customer_has_a_plan_once_at_a_time",
                index_type="GIST",
                expressions=[
                    ("customer", "="),
                    ("plan", "="),
                    (
                        models.Func(
                            "starts_on",
                            "ends_on",
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__isnull", False), ("percent", None), ("unit_price", None)),
                    models.Q(("amount", None), ("percent__isnull", False), ("unit_price", None)),
                    models.Q(("amount", None), ("percent", None), ("unit_price__isnull", False)),
                    _connector="OR",
                ),
                name="an_adjustment_is_an_amount_a_percentage_or_a_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent", None), ("percent__gte", -100), _connector="OR"),
                name="a_discount_is_at_most_100_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("times", None), ("times__gte", 1), _connector="OR"),
                name="an_adjustment_happens_at_least_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("subscription", "effective_on"),
                name="one_set_of_own_terms_a_day",
            ),
        ),
        protect("subscriptions_subscription"),
        has_children("subscriptions_subscription"),
        protect("subscriptions_subscriptionterms"),
        belongs("subscriptions_subscriptionterms", "subscription_id", "subscriptions_subscription"),
        protect("subscriptions_adjustment"),
        has_children("subscriptions_adjustment"),
        belongs("subscriptions_adjustment", "subscription_id", "subscriptions_subscription"),
    ]
