"""What becomes of drafts, one or many: each on its own, so that one that is refused keeps none of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from quarterday.cli._proposals import WAITS
from quarterday.cli._shared import Desk, at_desk, set_up

Numbers = Annotated[list[str] | None, typer.Argument(metavar="DRAFT...", help="One or more drafts: 17 or “draft 17”.")]
Every = Annotated[bool, typer.Option("--all", help="All drafts that wait.")]


def release(numbers: Numbers = None, every: Every = False) -> None:
    """Issue drafts exactly as they were reviewed.

    \b
    quarterday bills release "draft 17"
    quarterday bills release 17 18 19
    """

    def act(bill: Any, desk: Desk) -> str:
        from quarterday.bills.actions import release_bill

        issue = release_bill(bill, now=desk.now, by=desk.by)
        if issue is None:
            return "!It takes two persons: your word is kept, and another person has to release it too."
        return f"Issued as {issue.number}, due on {issue.due_on}."

    _each(numbers, every, act)


def recount(numbers: Numbers = None, every: Every = False) -> None:
    """Calculate drafts anew from what is known now; they wait again.

    \b
    quarterday bills recount "draft 17"
    quarterday bills recount --all
    """

    def act(bill: Any, desk: Desk) -> str:
        from quarterday.bills.actions import recount_bill
        from quarterday.bills.stored import stored_contents

        new = recount_bill(bill, now=desk.now, by=desk.by)
        if new is None:
            return "Nothing is due any more."
        return f"Now draft {new.pk}: {stored_contents([new.pk])[new.pk].total} {new.currency}."

    _each(numbers, every, act)


def discard(
    numbers: Numbers = None,
    waive: Annotated[
        str | None, typer.Option(metavar="REASON", help="Never bill these periods, for this reason.")
    ] = None,
    every: Every = False,
) -> None:
    """Throw drafts away. Their periods are due again with the next run, unless they are waived.

    \b
    quarterday bills discard "draft 17"
    quarterday bills discard 17 18 --waive "trial month"
    """

    def act(bill: Any, desk: Desk) -> str:
        from quarterday.bills.actions import discard_bill
        from quarterday.payments.actions import Proposal, waive_or_propose

        if waive is None:
            discard_bill(bill, now=desk.now, by=desk.by)
            return "Discarded; the next run bills its periods again."
        done = waive_or_propose(bill, reason=waive, now=desk.now, by=desk.by)
        return f"!{WAITS.format(row=done)}" if isinstance(done, Proposal) else "Discarded; its periods are waived."

    _each(numbers, every, act)


def _each(numbers: list[str] | None, every: bool, act: Callable[[Any, Desk], str]) -> None:
    """Do it to each draft in a transaction of its own, and say what came of it; exit code 1 if a person is needed."""
    if bool(numbers) == every:
        raise typer.BadParameter("Name the drafts, or say --all.")
    set_up()
    from quarterday.bills.queries import drafts_to_review, get_bill
    from quarterday.shared.refusal import Refused

    if every:
        with at_desk():
            numbers = [f"draft {bill.pk}" for bill in drafts_to_review()]
        if not numbers:
            typer.echo("No draft waits.")
    asked = [f"draft {number}" if number.isdigit() else number for number in numbers or ()]
    is_alone, is_done = len(asked) == 1, True
    for number in asked:
        try:
            with at_desk() as desk:
                told = act(get_bill(number), desk)
        except Refused as refused:
            if is_alone:
                raise
            told = f"!{refused}"
        is_done = is_done and not told.startswith("!")
        typer.echo(told.removeprefix("!") if is_alone else f"{number}: {told.removeprefix('!')}")
    if not is_done:
        raise typer.Exit(1)
