"""A draft above the amount is waived by two persons, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_customers_credit_from_an_index")]

    operations = [
        migrations.RemoveConstraint(model_name="proposal", name="a_proposal_is_about_one_bill_or_payment"),
        migrations.AlterField(
            model_name="proposal",
            name="kind",
            field=models.CharField(
                choices=[("credit", "credit"), ("write_off", "write_off"), ("refund", "refund"), ("waive", "waive")],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("bill__isnull", False), ("kind__in", ["credit", "write_off", "waive"]), ("payment", None)
                    ),
                    models.Q(("bill", None), ("kind", "refund"), ("payment__isnull", False)),
                    _connector="OR",
                ),
                name="a_proposal_is_about_one_bill_or_payment",
            ),
        ),
    ]
