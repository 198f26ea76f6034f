"""A device's serial may change after its bill was printed; a copy shows those of the print."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bills", "0008_bills_without_an_address_are_found")]

    operations = [migrations.AddField("billprint", "serials", models.JSONField(null=True))]
