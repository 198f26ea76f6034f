from django.db import migrations

from quarterday.shared.protection import allow_erasure, keep_words_apart


class Migration(migrations.Migration):
    dependencies = [("shared", "0002_where_acts_come_from")]

    operations = [
        allow_erasure(),
        keep_words_apart("shared_auditentry", "actor_name", "address", "subject_name", "details"),
    ]
