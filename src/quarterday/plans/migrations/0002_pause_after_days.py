"""After how many days of silence a plan pauses a device."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="pause_after_days",
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
