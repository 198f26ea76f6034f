"""`quarterday rotate-keys`: after a new key was put first into QUARTERDAY_ENCRYPTION_KEYS."""

from __future__ import annotations

import typer

from quarterday.cli._shared import alone, at_desk

app = alone()


@app.command()
def rotate_keys() -> None:
    """Seal the mail server's password, mailed links and everybody's second factor anew with the newest key.

    Put a new key first into QUARTERDAY_ENCRYPTION_KEYS, restart, run this, and then take the old key out.

    \b
    quarterday rotate-keys
    """
    with at_desk() as desk:
        from quarterday.accounts.actions import reseal_second_factors
        from quarterday.outbox.resealing import reseal_mail, reseal_password

        reseal = (reseal_password, reseal_mail, reseal_second_factors)
        count = sum(seal(now=desk.now, by=desk.by) for seal in reseal)
    typer.echo(f"{count} secrets are sealed with the newest key. The old one can be taken out now.")
