"""The provider says how many days before its end an exception is announced."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provider", "0006_late_fees")]

    operations = [
        migrations.AddField(
            "provider", "exception_notice_days", models.PositiveSmallIntegerField(db_default=14, default=14)
        )
    ]
