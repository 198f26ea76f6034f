"""Devices are counted by customer and class from an index alone, which takes the place of one that there was twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_replacements_decided_again"),
    ]

    operations = [
        # The foreign key has an index of its own.
        migrations.RemoveIndex(
            model_name="presence",
            name="presences_by_customer",
        ),
        migrations.AddIndex(
            model_name="presence",
            index=models.Index(
                condition=models.Q(("recorded__upper_inf", True)),
                fields=["customer", "device_class"],
                include=("device", "valid"),
                name="known_presences_by_class",
            ),
        ),
    ]
