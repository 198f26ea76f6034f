from django.db import migrations, models

from quarterday.shared.protection import share


class Migration(migrations.Migration):
    dependencies = [
        ("provider", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Restoration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField()),
                ("restored_at", models.DateTimeField()),
                ("restored_by", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64)),
                ("resumed_at", models.DateTimeField(null=True)),
                ("resumed_by", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("resumed_at", None), models.Q(("resumed_by", ""), _negated=True), _connector="OR"
                        ),
                        name="somebody_made_the_copy_the_real_one",
                    )
                ],
            },
        ),
        share("provider_restoration"),
    ]
