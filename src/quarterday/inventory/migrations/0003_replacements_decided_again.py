"""A replacement that was confirmed and taken back stays as it was known; confirmed again it is another row."""

from django.db import migrations, models

TOLD_ONCE = models.UniqueConstraint(
    condition=models.Q(("confirmed_at", None), ("state__in", ["proposed", "confirmed"]), _connector="OR"),
    fields=("old_device", "new_device"),
    name="a_replacement_is_told_once",
)

# Looser than the constraint that stood here, so nothing that the last version writes can break it.
LOOSER = """
    ALTER TABLE inventory_replacement DROP CONSTRAINT a_replacement_is_told_once;
    CREATE UNIQUE INDEX a_replacement_is_told_once ON inventory_replacement (old_device_id, new_device_id)
        WHERE confirmed_at IS NULL OR state IN ('proposed', 'confirmed');
    """
STRICTER = """
    DROP INDEX a_replacement_is_told_once;
    ALTER TABLE inventory_replacement
        ADD CONSTRAINT a_replacement_is_told_once UNIQUE (old_device_id, new_device_id);
    """


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_silence_and_announcements")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(LOOSER, STRICTER)],
            state_operations=[
                migrations.RemoveConstraint(model_name="replacement", name="a_replacement_is_told_once"),
                migrations.AddConstraint(model_name="replacement", constraint=TOLD_ONCE),
            ],
        ),
    ]
