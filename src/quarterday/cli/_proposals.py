"""What one person wants to give up and another one agrees to: listed, approved, refused."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from quarterday.cli._shared import Json, at_desk, price_words, show

Number = Annotated[int, typer.Argument(metavar="NO", help="Its number, from quarterday payments proposals.")]

WAITS = "It takes two persons: proposal {row.pk} waits, and another person approves it. Nothing is changed yet."


def proposals(as_json: Json = False) -> None:
    """Credit notes, write-offs, refunds and waived drafts that wait for a second person, then those that were decided.

    quarterday payments proposals --json
    """
    with at_desk():
        from quarterday.payments.queries import proposal_list

        rows = proposal_list()
    columns = {
        "id": "No.",
        "customer": "Customer",
        "kind": "What",
        "about": "About",
        "amount": "Amount",
        "currency": "",
        "reason": "Reason",
        "proposed_by": "Proposed by",
        "state": "State",
        "decided_by": "Decided by",
    }
    show(rows, columns, as_json=as_json, empty="Nobody has proposed anything.")


def approve(number: Number) -> None:
    """Do what another person has proposed, never more than is left by now. The command line is one person.

    quarterday payments approve 3
    """
    with at_desk() as desk:
        from quarterday.payments.actions import approve_proposal
        from quarterday.payments.queries import get_proposal

        row = get_proposal(number)
        done = approve_proposal(row, now=desk.now, by=desk.by)
        said = f"Approved: {_what_came(row, done)}."
    typer.echo(said)


def refuse(number: Number, reason: Annotated[str, typer.Option(help="Why not, e.g. the bill was right.")]) -> None:
    """Leave everything as it is. Who proposed it takes it back in the same way.

    quarterday payments refuse 3 --reason "the bill was right"
    """
    with at_desk() as desk:
        from quarterday.payments.actions import refuse_proposal
        from quarterday.payments.queries import get_proposal

        row = get_proposal(number)
        refuse_proposal(row, reason=reason, now=desk.now, by=desk.by)
    typer.echo(f"Refused. The {row.kind.replace('_', '-')} of {_amount(row)} is not done.")


def waits(*rows: Any) -> None:
    """Say that proposals wait, and that a person is needed."""
    from quarterday.cli._errors import NEEDS_A_PERSON

    for row in rows:
        typer.echo(WAITS.format(row=row))
    raise typer.Exit(NEEDS_A_PERSON)


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others about money."""
    app.command("proposals")(proposals)
    app.command("approve")(approve)
    app.command("refuse")(refuse)


def _what_came(row: Any, done: Any) -> str:
    if row.kind == "credit":
        return f"credited by {done.issue.number}, {_amount(row)}"
    if row.kind == "waive":
        return f"{_amount(row)} of draft {row.bill_id} are never billed"
    written_off = f"written off of {done.bill.issue.number}" if row.kind == "write_off" else ""
    return f"{_amount(row)} are {written_off or f'given back of payment {row.payment_id}'}"


def _amount(row: Any) -> str:
    return f"{price_words(row.amount, row.currency)} {row.currency}"
