from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provider", "0003_everybody_may_ask_whether_this_is_a_copy")]

    operations = [
        migrations.AddField("provider", "bridge_on_paper", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("provider", "bridge_in_mail", models.BooleanField(default=False, db_default=False)),
    ]
