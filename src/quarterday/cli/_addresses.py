"""Whose postal address bills would lack, as commands say it: beside the answer, so that JSON stays JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from quarterday.customers.addressing import MissingAddresses


def warn_of(missing: MissingAddresses) -> None:
    """Say on standard error what is missing, and how it is given; nothing is refused."""
    if missing.is_ours:
        typer.echo(
            "Warning: your own street or city is missing, and an invoice has to name them: quarterday provider change"
            " --set street=... --set postal_code=... --set city=...",
            err=True,
        )
    if missing.customers:
        more = f" and {missing.more_count} more" if missing.more_count else ""
        typer.echo(
            f"Warning: bills would go out without the street or city of {', '.join(missing.first_customers)}{more}:"
            " quarterday customers change NUMBER --set street=... --set postal_code=... --set city=...",
            err=True,
        )
