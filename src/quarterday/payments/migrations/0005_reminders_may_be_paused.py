"""Nobody is reminded of what is disputed: an invoice, or a line of it."""

import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, protect


class Migration(migrations.Migration):
    dependencies = [
        ("bills", "0001_initial"),
        ("customers", "0001_initial"),
        ("payments", "0004_bank_lines"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReminderPause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                ("until", models.DateField(null=True)),
                ("paused_at", models.DateTimeField()),
                ("paused_by", models.CharField(max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "bill",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bills.bill"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bills.billline"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("bill", "line"),
                        name="a_bill_or_line_is_paused_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        protect("payments_reminderpause"),
        belongs("payments_reminderpause", "bill_id", "bills_bill"),
    ]
