"""Who downloaded which bill; and the orders in which a long list of bills is paged."""

import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import belongs, freeze, protect


class Migration(migrations.Migration):
    dependencies = [
        ("bills", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BillDownload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="bills.bill",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                ("downloaded_at", models.DateTimeField()),
                ("downloaded_by", models.CharField(max_length=200)),
            ],
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(fields=["total", "id"], name="bills_by_total"),
        ),
        migrations.AddIndex(
            model_name="billissue",
            index=models.Index(fields=["due_on", "bill"], name="issues_by_due_day"),
        ),
        migrations.AddIndex(
            model_name="billissue",
            index=models.Index(fields=["sequence"], name="issues_by_figure"),
        ),
        protect("bills_billdownload"),
        belongs("bills_billdownload", "bill_id", "bills_bill"),
        freeze("bills_billdownload"),
    ]
