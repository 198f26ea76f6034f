"""Customers' credit is added up from an index alone, not from all that was ever booked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_payments_by_day"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(("account", "customer_credit")),
                fields=["customer", "currency"],
                include=("booked_on", "amount"),
                name="postings_of_credit",
            ),
        ),
    ]
