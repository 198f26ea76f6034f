from django.db import migrations, models

from quarterday.shared.protection import freeze, keep_private


class Migration(migrations.Migration):
    initial = True

    dependencies = [("shared", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Drill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("drilled_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("row_count", models.BigIntegerField()),
                ("seconds", models.PositiveIntegerField()),
                ("problems", models.JSONField(default=list)),
            ],
            options={
                "indexes": [models.Index(fields=["-drilled_at"], name="drills_by_moment")],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed_at", models.DateTimeField()),
                ("after_id", models.BigIntegerField()),
                ("up_to_id", models.BigIntegerField()),
                ("entry_count", models.BigIntegerField()),
                ("entries_digest", models.CharField(max_length=64)),
                ("heads", models.JSONField()),
                ("seen_id", models.BigIntegerField()),
                ("seen_xmax", models.BigIntegerField()),
                ("previous_hash", models.CharField(blank=True, max_length=64, unique=True)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("up_to_id__gte", models.F("after_id"))), name="a_seal_ends_after_it_begins"
                    )
                ],
            },
        ),
        keep_private("upkeep_drill"),
        freeze("upkeep_drill"),
        keep_private("upkeep_seal"),
        freeze("upkeep_seal"),
    ]
