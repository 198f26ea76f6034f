"""Above a set amount two persons release a bill."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provider", "0004_bills_may_say_why_they_differ")]

    operations = [migrations.AddField("provider", "two_persons_above", models.PositiveBigIntegerField(null=True))]
