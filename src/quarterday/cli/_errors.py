"""What went wrong, in words: a command never ends in a stack trace."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

NEEDS_A_PERSON = 1
INTERRUPTED = 130


@contextmanager
def in_words() -> Iterator[None]:
    """Turn an error into a message on stderr and an exit code; QUARTERDAY_TRACE=1 lets it through as it is."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Stopped. What was finished is saved, the unfinished step is not.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        raise
    except Exception as error:
        # Typer's own (wrong usage, an exit code) are told by typer itself.
        if isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code"):
            raise
        if os.environ.get("QUARTERDAY_TRACE"):
            raise
        typer.echo(_words(error), err=True)
        raise typer.Exit(NEEDS_A_PERSON) from None


def _words(error: Exception) -> str:
    # The house's own exceptions are written for people, with the cure.
    if type(error).__module__.partition(".")[0] == "quarterday":
        return str(error)
    if isinstance(error, OSError):
        return _of_system(error)
    if "django" in sys.modules and (words := _of_database(error)):
        return words
    return (
        f"This should not have happened, and nothing was changed by the unfinished step: {type(error).__name__}:"
        f" {error}. Run the command again with QUARTERDAY_TRACE=1 to see where, and report it."
    )


def _of_system(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{_at(error)}: free some space and run the command again. Nothing half-written is kept."
    return f"{error.strerror or error}{_at(error)}"


def _at(error: OSError) -> str:
    return f" ({error.filename})" if error.filename else ""


def _of_database(error: Exception) -> str | None:
    from django.db import Error as DatabaseError
    from psycopg import errors

    if not isinstance(error, DatabaseError):
        return None
    cause = error.__cause__
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(cause, errors.DiskFull):
        return "The database server's disk is full: free some space there and run the command again. Nothing was saved."
    if isinstance(cause, errors.UndefinedTable | errors.UndefinedColumn):
        return f"The database is not up to date ({reason}): run `quarterday migrate`."
    if isinstance(cause, errors.InsufficientPrivilege):
        return f"The database refused ({reason}): run `quarterday doctor`, which checks roles and rights."
    if isinstance(cause, errors.IntegrityError) and (name := cause.diag.constraint_name):
        return f"The database refused a change that would break its promise “{name.replace('_', ' ')}”: {reason}"
    if isinstance(cause, errors.QueryCanceled | errors.LockNotAvailable | errors.DeadlockDetected):
        return f"Somebody else is changing the same rows ({reason}): run the command again in a moment."
    return f"The database cannot be used: {reason}. Check that it runs with `quarterday doctor`. Nothing was saved."
