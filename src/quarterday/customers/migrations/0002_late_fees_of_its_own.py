"""A customer may be spared late fees, or have its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.AddField("customer", "late_fees", models.BooleanField(db_default=True, default=True)),
        migrations.AddField(
            "customer",
            "late_fee_amount",
            models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AddField(
            "customer",
            "late_fee_percent",
            models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True),
        ),
        migrations.AddConstraint(
            "customer",
            models.CheckConstraint(
                condition=models.Q(late_fee_amount=None) | models.Q(late_fee_percent=None),
                name="a_customers_late_fee_is_an_amount_or_a_percentage",
            ),
        ),
    ]
