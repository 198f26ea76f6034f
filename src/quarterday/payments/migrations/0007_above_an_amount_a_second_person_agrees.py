"""Above an amount a credit note, a write-off or a refund is proposed, and a second person agrees to it."""

import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, protect


class Migration(migrations.Migration):
    dependencies = [
        ("bills", "0005_a_print_tells_whether_it_says_why"),
        ("customers", "0002_late_fees_of_its_own"),
        ("payments", "0006_late_fees"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("credit", "credit"), ("write_off", "write_off"), ("refund", "refund")], max_length=10
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=300)),
                ("terms", models.JSONField(default=dict)),
                ("proposed_at", models.DateTimeField()),
                ("proposed_by", models.CharField(max_length=200)),
                ("proposed_by_id", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("approved", "approved"), ("refused", "refused")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=200)),
                ("decided_because", models.CharField(blank=True, max_length=300)),
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
                    "payment",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payment"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="a_proposal_is_about_some_money"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("bill__isnull", False), ("kind__in", ["credit", "write_off"]), ("payment", None)),
                            models.Q(("bill", None), ("kind", "refund"), ("payment__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_proposal_is_about_one_bill_or_payment",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("bill",),
                        name="a_bill_has_one_proposal_waiting",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("payment",),
                        name="a_payment_has_one_proposal_waiting",
                    ),
                ],
            },
        ),
        protect("payments_proposal"),
        belongs("payments_proposal", "bill_id", "bills_bill"),
        belongs("payments_proposal", "payment_id", "payments_payment"),
    ]
