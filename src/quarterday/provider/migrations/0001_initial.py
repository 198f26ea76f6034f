import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from quarterday.shared.protection import share


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeviceClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["position", "key"],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("invoice", "Invoice"), ("credit_note", "Credit note")], max_length=20, unique=True
                    ),
                ),
                ("pattern", models.CharField(max_length=60)),
                ("restarts_yearly", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="TaxCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("revenue_account", models.CharField(blank=True, max_length=30)),
            ],
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("legal_name", models.CharField(blank=True, max_length=200)),
                ("street", models.CharField(blank=True, max_length=300)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("country", models.CharField(default="DE", max_length=2)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("website", models.CharField(blank=True, max_length=200)),
                ("tax_number", models.CharField(blank=True, max_length=60)),
                ("vat_id", models.CharField(blank=True, max_length=30)),
                ("registration", models.CharField(blank=True, max_length=200)),
                ("logo", models.BinaryField(null=True)),
                ("logo_type", models.CharField(blank=True, max_length=40)),
                ("account_holder", models.CharField(blank=True, max_length=70)),
                ("bank_name", models.CharField(blank=True, max_length=120)),
                ("iban", models.CharField(blank=True, max_length=34)),
                ("bic", models.CharField(blank=True, max_length=11)),
                ("bank_details", models.TextField(blank=True)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("language", models.CharField(default="en", max_length=10)),
                (
                    "paper_size",
                    models.CharField(choices=[("a4", "A4"), ("letter", "US Letter")], default="a4", max_length=10),
                ),
                ("accent_colour", models.CharField(default="#206bc4", max_length=7)),
                ("footer", models.TextField(blank=True)),
                ("bill_hour", models.PositiveSmallIntegerField(default=6)),
                ("mail_hour", models.PositiveSmallIntegerField(default=8)),
                ("review_all_bills", models.BooleanField(default=False)),
                ("feed_stale_days", models.PositiveSmallIntegerField(default=3)),
                ("count_change_percent", models.PositiveSmallIntegerField(default=30)),
                ("count_change_devices", models.PositiveSmallIntegerField(default=3)),
                ("total_change_percent", models.PositiveSmallIntegerField(default=50)),
                ("missed_periods_limit", models.PositiveSmallIntegerField(default=2)),
                ("quiet_days_limit", models.PositiveSmallIntegerField(default=35)),
                ("late_periods_limit", models.PositiveSmallIntegerField(default=3)),
                ("reminder_days_before", models.PositiveSmallIntegerField(default=3, null=True)),
                (
                    "reminder_days_after",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=list, size=None
                    ),
                ),
                ("reminder_texts", models.JSONField(default=dict)),
                ("revision", models.PositiveIntegerField(db_default=1, default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="there_is_one_provider"),
                    models.CheckConstraint(
                        condition=models.Q(("bill_hour__lte", 23), ("mail_hour__lte", 23)),
                        name="hours_are_hours_of_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(blank=True, max_length=2)),
                ("region", models.CharField(blank=True, max_length=60)),
                ("status", models.CharField(blank=True, max_length=20)),
                ("valid_from", models.DateField(null=True)),
                (
                    "category",
                    models.CharField(
                        choices=[("S", "S"), ("Z", "Z"), ("E", "E"), ("AE", "AE"), ("G", "G"), ("O", "O")], max_length=2
                    ),
                ),
                ("rate", models.DecimalField(decimal_places=4, max_digits=7)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("components", models.JSONField(default=list)),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="provider.taxcode"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tax_code", "country", "region", "status", "valid_from"),
                        name="one_tax_rule_per_place_status_and_day",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("rate__lte", 100)), name="a_tax_rate_is_0_to_100_percent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("category", "S"), ("rate", 0), _connector="OR"),
                        name="only_category_s_has_a_rate",
                    ),
                ],
            },
        ),
        share("provider_provider"),
        share("provider_numberseries"),
        share("provider_taxcode"),
        share("provider_taxrule"),
        share("provider_deviceclass"),
    ]
