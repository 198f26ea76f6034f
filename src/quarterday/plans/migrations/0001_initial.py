import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import share


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("description", models.TextField(blank=True)),
                ("currency", models.CharField(max_length=3)),
                (
                    "timing",
                    models.CharField(
                        choices=[
                            ("arrears", "In arrears: at the end of each period"),
                            ("advance", "In advance: at the start of each period"),
                        ],
                        default="arrears",
                        max_length=10,
                    ),
                ),
                (
                    "counting",
                    models.CharField(
                        choices=[
                            ("at_end", "Devices present on the last day"),
                            ("at_start", "Devices present on the first day"),
                            ("peak", "Most devices on one day"),
                            ("any_day", "Every device seen on at least one day"),
                            ("prorated", "By the day (device-days)"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "late_policy",
                    models.CharField(
                        choices=[
                            ("ask", "Ask a person"),
                            ("catch_up", "Add it to the next bill"),
                            ("forgive", "Forgive it"),
                        ],
                        default="ask",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("archived_on", models.DateField(null=True)),
                ("revision", models.PositiveIntegerField(db_default=1, default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="a_plan_has_a_currency"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField()),
                (
                    "applies",
                    models.CharField(
                        choices=[("on_day", "From this day"), ("next_period", "From each customer's next period")],
                        default="on_day",
                        max_length=12,
                    ),
                ),
                ("flat_fee", models.DecimalField(decimal_places=6, default=0, max_digits=18)),
                ("flat_fee_tax_code", models.CharField(default="standard", max_length=30)),
                ("prices", models.JSONField(default=dict)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="plans.plan"
                    ),
                ),
            ],
            options={
                "ordering": ["effective_on"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("plan", "effective_on"),
                        name="one_version_of_a_plan_a_day",
                    ),
                    models.CheckConstraint(condition=models.Q(("flat_fee__gte", 0)), name="a_flat_fee_is_not_negative"),
                ],
            },
        ),
        share("plans_plan"),
        share("plans_planversion"),
    ]
