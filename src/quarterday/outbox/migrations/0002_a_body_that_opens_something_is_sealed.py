"""A mail that lets its reader in stands in no backup in plain words, and nobody who reads the table can use it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.AddField("message", "is_sealed", models.BooleanField(db_default=False, default=False)),
    ]
