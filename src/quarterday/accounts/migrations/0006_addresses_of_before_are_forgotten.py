"""allauth noted every address that somebody had while they signed in, and went on letting them in by it.

Its table may be made after ours in a new installation, where nobody has had an address yet.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_what_processes_share")]

    operations = [
        migrations.RunSQL(
            """
            DO $$ BEGIN
                IF to_regclass('public.account_emailaddress') IS NOT NULL THEN
                    DELETE FROM account_emailaddress a USING accounts_user u
                    WHERE u.id = a.user_id AND lower(a.email) <> lower(u.email);
                END IF;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
