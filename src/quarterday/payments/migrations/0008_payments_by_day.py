"""The list of payments is read from its newest on, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_above_an_amount_a_second_person_agrees"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["-received_on", "-id"], name="payments_by_day"),
        ),
    ]
