"""What the bank says: the files that were read, and each movement of our account once."""

import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, keep_private, protect


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
        ("payments", "0003_general_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("line_count", models.PositiveIntegerField()),
                ("new_count", models.PositiveIntegerField()),
                ("imported_at", models.DateTimeField()),
                ("imported_by", models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="BankLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BinaryField(max_length=32, unique=True)),
                ("account", models.CharField(blank=True, max_length=34)),
                ("booked_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("currency", models.CharField(max_length=3)),
                ("text", models.CharField(blank=True, max_length=1000)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("iban", models.CharField(blank=True, max_length=34)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("is_returned", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("confirmed", "confirmed"), ("ignored", "ignored")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=200)),
                ("note", models.CharField(blank=True, max_length=300)),
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
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="payments.bankfile"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bank_lines",
                        to="payments.payment",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.refund"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["booked_on", "id"], name="bank_lines_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("state", "confirmed")), fields=["iban"], name="bank_lines_by_iban"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="a_bank_line_moves_money"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", False), ("payment__isnull", False), ("state", "confirmed")),
                            models.Q(
                                models.Q(("state", "confirmed"), _negated=True),
                                ("customer", None),
                                ("payment", None),
                                ("refund", None),
                            ),
                            _connector="OR",
                        ),
                        name="a_confirmed_bank_line_says_what_it_is",
                    ),
                ],
            },
        ),
        keep_private("payments_bankfile"),
        protect("payments_bankline"),
        belongs("payments_bankline", "payment_id", "payments_payment"),
    ]
