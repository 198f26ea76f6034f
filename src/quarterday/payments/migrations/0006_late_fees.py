"""A bill that is paid late is charged a fee once."""

import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, protect


class Migration(migrations.Migration):
    dependencies = [
        ("bills", "0001_initial"),
        ("customers", "0001_initial"),
        ("payments", "0005_reminders_may_be_paused"),
        ("subscriptions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LateFee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charged_on", models.DateField()),
                (
                    "adjustment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.adjustment",
                    ),
                ),
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
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("bill",), name="a_bill_has_one_late_fee")],
            },
        ),
        protect("payments_latefee"),
        belongs("payments_latefee", "bill_id", "bills_bill"),
        belongs("payments_latefee", "adjustment_id", "subscriptions_adjustment"),
    ]
