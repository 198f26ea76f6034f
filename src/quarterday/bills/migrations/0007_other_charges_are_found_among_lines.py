"""The few lines that are charges or discounts are found without reading all lines of a year."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bills", "0006_a_bill_that_cannot_be_printed_is_parked"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="billline",
            index=models.Index(
                condition=models.Q(("kind", "adjustment")),
                fields=["bill"],
                include=("net",),
                name="lines_of_adjustments",
            ),
        ),
    ]
