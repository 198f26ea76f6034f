from django.db import migrations

# Asked on every page before anybody's scope is known, so by the login role, which may read no room's table.
IS_COPY = migrations.RunSQL(
    """
    CREATE FUNCTION quarterday_is_copy() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS
    'SELECT EXISTS (SELECT FROM public.provider_restoration WHERE resumed_at IS NULL)';
    """,
    "DROP FUNCTION quarterday_is_copy();",
)


class Migration(migrations.Migration):
    dependencies = [("provider", "0002_restorations")]

    operations = [IS_COPY]
