"""allauth noted every address that somebody had while they signed in, and went on letting them in by it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_what_processes_share"), ("account", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            DELETE FROM account_emailaddress a USING accounts_user u
            WHERE u.id = a.user_id AND lower(a.email) <> lower(u.email)
            """,
            migrations.RunSQL.noop,
        ),
    ]
