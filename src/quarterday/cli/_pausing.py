"""Nobody is reminded of what is disputed: a bill, or a line of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from quarterday.cli._shared import at_desk, day

Bill = Annotated[str, typer.Argument(help="The bill's number.")]


def pause(
    bill: Bill,
    reason: Annotated[str, typer.Option(help="What is disputed.")],
    line: Annotated[int | None, typer.Option(help="Only this line, counted from 1; it is left out.")] = None,
    until: Annotated[
        date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The last day; until resumed if left out.")
    ] = None,
) -> None:
    """Remind nobody of a bill, or leave a disputed line out of what reminders ask for.

    \b
    quarterday payments pause INV-2026-00017 --reason "they count fewer servers" --until 2026-05-31
    quarterday payments pause INV-2026-00017 --line 2 --reason "that server is not theirs"
    """
    with at_desk() as desk:
        from quarterday.bills.queries import get_bill
        from quarterday.payments.actions import pause_reminders

        pause_reminders(get_bill(bill), reason=reason, line=line, until=until, now=desk.now, by=desk.by)
    what = "The bill" if line is None else f"Line {line}"
    typer.echo(f"{what} is left out of reminders{f' to the end of {until}' if until else ''}.")


def resume(bill: Bill) -> None:
    """End every pause of a bill and its lines: what is open is reminded of again.

    quarterday payments resume INV-2026-00017
    """
    with at_desk() as desk:
        from quarterday.bills.queries import get_bill
        from quarterday.payments.actions import resume_reminders

        ended = resume_reminders(get_bill(bill), now=desk.now, by=desk.by)
    typer.echo(f"{ended} ended: what is open is reminded of again.")


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others about money."""
    app.command()(pause)
    app.command()(resume)
