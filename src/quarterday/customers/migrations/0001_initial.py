import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from quarterday.shared.protection import protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True)),
                ("name", models.CharField(max_length=300)),
                ("street", models.CharField(blank=True, max_length=300)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("country", models.CharField(max_length=2)),
                ("time_zone", models.CharField(max_length=64)),
                ("currency", models.CharField(max_length=3)),
                ("language", models.CharField(default="en", max_length=10)),
                (
                    "tax_status",
                    models.CharField(
                        choices=[
                            ("standard", "Taxed as usual"),
                            ("business", "Business with a VAT number (reverse charge abroad)"),
                            ("exempt", "Exempt from tax"),
                        ],
                        default="standard",
                        max_length=20,
                    ),
                ),
                ("tax_number", models.CharField(blank=True, max_length=60)),
                ("vat_id", models.CharField(blank=True, max_length=30)),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), default=list, size=None
                    ),
                ),
                ("po_number", models.CharField(blank=True, max_length=60)),
                ("buyer_reference", models.CharField(blank=True, max_length=100)),
                ("ledger_account", models.CharField(blank=True, max_length=30)),
                ("review_bills", models.BooleanField(default=False)),
                ("direct_debit", models.BooleanField(default=False)),
                ("reminders", models.BooleanField(default=True)),
                ("reminder_days_before", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "reminder_days_after",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), blank=True, null=True, size=None
                    ),
                ),
                ("notes", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("archived_on", models.DateField(null=True)),
                ("revision", models.PositiveIntegerField(db_default=1, default=1)),
            ],
            options={
                "indexes": [models.Index(fields=["name"], name="customers_by_name")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="a_currency_has_three_letters"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="a_country_has_two_letters"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("role", models.CharField(blank=True, max_length=120)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ZoneChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField()),
                ("before", models.CharField(max_length=64)),
                ("after", models.CharField(max_length=64)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="zone_changes",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("customer", "from_on"), name="one_zone_change_a_day")],
            },
        ),
        protect("customers_customer", column="id"),
        protect("customers_zonechange"),
        protect("customers_contact"),
    ]
