"""What a service is not started with: `refuse_unsafe(settings)`. Commands at a terminal may still look at it."""

from __future__ import annotations

from django.db import connection

from quarterday.config.environment import LOCAL_HOSTS, Settings, SettingsError


def refuse_unsafe(settings: Settings) -> None:
    """Raise SettingsError when customers' rows or secrets would not be safe; Django is set up already.

    Debug pages show settings and rows to whoever makes an error, so they are for this machine alone. A login that is a
    superuser, or may bypass row-level security, or may become one who does, would see every row without saying whose.
    """
    from quarterday.demo.recognized import is_the_demo  # loads models, which need Django to be set up

    errors = []
    if settings.debug and set(settings.hosts()) - set(LOCAL_HOSTS):
        errors.append("QUARTERDAY_DEBUG is on for a site that other machines reach: unset it.")
    if settings.demo and set(settings.hosts()) - set(LOCAL_HOSTS):
        errors.append("QUARTERDAY_DEMO opens pages by a password that everybody knows: unset it.")
    errors += [
        f"The database login {login} {'is' if name == login else 'may become'} {name}, a role that sees every row"
        " without saying whose: let a superuser run src/quarterday/config/roles.sql in the database."
        for login, name in _powers()
    ]
    if settings.demo and not is_the_demo():
        errors.append("QUARTERDAY_DEMO is set and the database is not the demo's: unset it.")
    if errors:
        raise SettingsError(errors)


def _powers() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_user, rolname FROM pg_roles WHERE (rolsuper OR rolbypassrls)"
            " AND pg_has_role(session_user, oid, 'MEMBER') ORDER BY rolname"
        )
        return list(cursor.fetchall())
