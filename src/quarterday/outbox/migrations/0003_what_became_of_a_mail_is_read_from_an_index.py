"""What became of a message is read from the index that finds its deliveries: long lists of bills ask it of thousands."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0002_a_body_that_opens_something_is_sealed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="outbox.message",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["message"], include=("state",), name="deliveries_by_message"),
        ),
    ]
