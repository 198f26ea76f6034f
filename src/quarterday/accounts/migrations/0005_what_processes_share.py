"""A code is good once and tries are counted, whichever process is asked: what they remember is in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_sessions_of_a_round")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE django_cache (
                cache_key varchar(255) PRIMARY KEY, value text, expires timestamptz
            );
            CREATE INDEX cache_by_expiry ON django_cache (expires);
            """,
            "DROP TABLE django_cache",
        ),
    ]
