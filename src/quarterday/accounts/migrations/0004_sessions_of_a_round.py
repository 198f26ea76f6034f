from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_what_a_customer_s_people_read")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_round",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
