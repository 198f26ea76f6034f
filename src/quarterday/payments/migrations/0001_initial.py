import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, has_children, protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0001_initial"),
        ("bills", "0001_initial"),
        ("customers", "0001_initial"),
        ("outbox", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("received_on", models.DateField()),
                ("method", models.CharField(default="transfer", max_length=30)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=200)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.CharField(blank=True, max_length=300)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("allocated_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "bill",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bills.bill"),
                ),
                (
                    "credit_note",
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
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="payments.payment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("refunded_on", models.DateField()),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=200)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="payments.payment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.SmallIntegerField()),
                ("reminded_on", models.DateField()),
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
                    "message",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="outbox.message"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["customer", "-received_on"], name="payments_by_customer"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="a_payment_is_more_than_nothing"
            ),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(condition=models.Q(("undone_at", None)), fields=["bill"], name="allocations_by_bill"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="an_allocation_is_more_than_nothing"
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit_note", None), ("payment__isnull", False)),
                    models.Q(("credit_note__isnull", False), ("payment", None)),
                    _connector="OR",
                ),
                name="an_allocation_comes_from_a_payment_or_a_credit_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="a_refund_is_more_than_nothing"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("bill", "step"), name="a_reminder_is_sent_once"),
        ),
        protect("payments_payment"),
        has_children("payments_payment"),
        protect("payments_refund"),
        protect("payments_allocation"),
        protect("payments_reminder"),
        belongs("payments_refund", "payment_id", "payments_payment"),
        belongs("payments_allocation", "payment_id", "payments_payment"),
        belongs("payments_allocation", "bill_id", "bills_bill"),
        belongs("payments_allocation", "credit_note_id", "bills_bill"),
        belongs("payments_reminder", "bill_id", "bills_bill"),
    ]
