"""A copy of a bill is as the bill was printed, whatever the provider has set since: with its reasons or without."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bills", "0004_approvals_tell_users_apart")]

    operations = [
        migrations.AddField("billprint", "says_why", models.BooleanField(db_default=False, default=False)),
    ]
