"""What will not be paid is written off: a source of allocations beside payments and credit notes."""

import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, protect


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0001_initial"),
        ("bills", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="WriteOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("reason", models.CharField(max_length=300)),
                ("written_off_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=200)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_because", models.CharField(blank=True, max_length=300)),
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
                "indexes": [models.Index(fields=["bill"], name="write_offs_by_bill")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="a_write_off_is_more_than_nothing"
                    ),
                    models.UniqueConstraint(fields=("customer", "id"), name="payments_writeoff_customer_and_id"),
                ],
            },
        ),
        migrations.AddField(
            model_name="allocation",
            name="write_off",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="payments.writeoff",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="allocation",
            name="an_allocation_comes_from_a_payment_or_a_credit_note",
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit_note", None), ("payment__isnull", False), ("write_off", None)),
                    models.Q(("credit_note__isnull", False), ("payment", None), ("write_off", None)),
                    models.Q(("credit_note", None), ("payment", None), ("write_off__isnull", False)),
                    _connector="OR",
                ),
                name="an_allocation_comes_from_one_source",
            ),
        ),
        protect("payments_writeoff"),
        belongs("payments_writeoff", "bill_id", "bills_bill"),
        belongs("payments_allocation", "write_off_id", "payments_writeoff"),
    ]
