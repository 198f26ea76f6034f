"""Bills that nobody is mailed are found without looking at every bill."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bills", "0007_other_charges_are_found_among_lines"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(
                condition=models.Q(("recipients", [])),
                fields=["id"],
                name="bills_without_an_address",
            ),
        ),
    ]
