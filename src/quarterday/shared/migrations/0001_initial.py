from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

from quarterday.shared.protection import forbid_change, freeze, protect


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        forbid_change(),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_name", models.CharField(max_length=200)),
                ("user_id", models.BigIntegerField(null=True)),
                ("verb", models.CharField(max_length=60)),
                ("subject_kind", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("subject_name", models.CharField(blank=True, max_length=300)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("details", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_kind", "subject_id", "-at"], name="audit_by_subject"),
                    models.Index(fields=["customer_id", "-at"], name="audit_by_customer"),
                ],
            },
        ),
        protect("shared_auditentry"),
        freeze("shared_auditentry"),
    ]
