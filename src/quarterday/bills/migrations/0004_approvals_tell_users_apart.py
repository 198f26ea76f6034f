"""Two approvals are those of two users: names can be changed and shared."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bills", "0003_who_fetched_a_bill_can_be_erased")]

    operations = [
        migrations.AddField(model_name="billapproval", name="user_id", field=models.BigIntegerField(null=True)),
        migrations.RemoveConstraint(model_name="billapproval", name="two_approvals_are_two_persons"),
    ]
