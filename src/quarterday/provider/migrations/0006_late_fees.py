"""A fee for bills that are paid late; off until days are set."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provider", "0005_two_persons_above_an_amount")]

    operations = [
        migrations.AddField("provider", "late_fee_days", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("provider", "late_fee_since", models.DateField(null=True)),
        migrations.AddField(
            "provider", "late_fee_amount", models.DecimalField(decimal_places=6, max_digits=18, null=True)
        ),
        migrations.AddField(
            "provider", "late_fee_percent", models.DecimalField(decimal_places=6, max_digits=9, null=True)
        ),
        migrations.AddField(
            "provider",
            "late_fee_tax_code",
            models.CharField(db_default="standard", default="standard", max_length=30),
        ),
        migrations.AddField("provider", "late_fee_text", models.CharField(blank=True, db_default="", max_length=200)),
        migrations.AddConstraint(
            "provider",
            models.CheckConstraint(
                condition=models.Q(late_fee_days=None)
                | models.Q(late_fee_since__isnull=False, late_fee_amount__isnull=False, late_fee_percent=None)
                | models.Q(late_fee_since__isnull=False, late_fee_amount=None, late_fee_percent__isnull=False),
                name="a_late_fee_has_a_first_day_and_an_amount_or_a_percentage",
            ),
        ),
    ]
