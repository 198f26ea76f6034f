"""A bill whose layout finds no end is parked with its customer, instead of being tried for ever."""

import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs


class Migration(migrations.Migration):
    dependencies = [("bills", "0005_a_print_tells_whether_it_says_why")]

    operations = [
        migrations.AddField(
            "parking",
            "bill",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="bills.bill",
            ),
        ),
        belongs("bills_parking", "bill_id", "bills_bill"),
    ]
