"""What will not be paid: written off, listed, taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from quarterday.cli import _proposals
from quarterday.cli._shared import Json, at_desk, day, decimal, price_words, show


def write_off(
    bill: Annotated[str, typer.Argument(help="The bill's number.")],
    reason: Annotated[str, typer.Option(help="Why it will not be paid.")],
    amount: Annotated[
        Decimal | None, typer.Option(parser=decimal, metavar="AMOUNT", help="All that is open if left out.")
    ] = None,
    written_off_on: Annotated[
        date | None, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="Today if left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it does; write nothing off.")] = False,
) -> None:
    """Give up what is open of a bill, or a part: it is owed no longer, and nobody is reminded of it.

    Above the provider's amount it waits for a second person, with exit code 1.

    \b
    quarterday payments write-off INV-2026-00017 --reason "insolvent" --dry-run
    quarterday payments write-off INV-2026-00017 --amount 0.02 --reason "too small to ask for"
    """
    with at_desk() as desk:
        from contextlib import nullcontext

        from quarterday.bills.estimate import undone
        from quarterday.bills.queries import get_bill
        from quarterday.payments.actions import Proposal, write_off_or_propose
        from quarterday.payments.queries import open_balance

        row = get_bill(bill)
        with undone() if dry_run else nullcontext():
            done = write_off_or_propose(
                row, reason=reason, amount=amount, written_off_on=written_off_on, now=desk.now, by=desk.by
            )
            owed = price_words(open_balance(row.customer_id, row.currency), row.currency)
    given_up = f"{price_words(done.amount, row.currency)} {row.currency}"
    if isinstance(done, Proposal):
        if dry_run:
            typer.echo(f"{given_up} would wait for a second person.")
            return
        _proposals.waits(done)
    verb = "would be written off" if dry_run else f"are written off (write-off {done.pk})"
    typer.echo(f"{given_up} {verb}. {row.customer.name} then owes {owed} {row.currency}.")


def write_offs(
    customer: Annotated[str, typer.Option(help="Only this customer's, by number.")] = "", as_json: Json = False
) -> None:
    """What was written off, newest first, and what was taken back of it.

    quarterday payments write-offs --json
    """
    with at_desk():
        from quarterday.customers.queries import get_customer
        from quarterday.payments.queries import write_off_list

        rows = write_off_list(get_customer(customer).pk if customer else None)
    columns = {
        "id": "No.",
        "written_off_on": "Day",
        "customer": "Customer",
        "number": "Bill",
        "amount": "Amount",
        "currency": "",
        "reason": "Reason",
        "by": "By",
        "state": "State",
    }
    show(rows, columns, as_json=as_json, empty="Nothing was written off.")


def take_back(
    write_off: Annotated[int, typer.Argument(help="Its number, from quarterday payments write-offs.")],
    reason: Annotated[str, typer.Option(help="Why, e.g. the money came after all.")],
) -> None:
    """Take a write-off back: what it settled is open again.

    quarterday payments take-back 3 --reason "the money came after all"
    """
    with at_desk() as desk:
        from quarterday.payments.actions import undo_write_off
        from quarterday.payments.queries import get_write_off

        row = get_write_off(write_off)
        undo_write_off(row, reason=reason, now=desk.now, by=desk.by)
        amount = price_words(row.amount, row.bill.currency)
        said = f"Taken back: {amount} {row.bill.currency} of {row.bill.issue.number} are open again."
    typer.echo(said)


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others about money."""
    app.command("write-off")(write_off)
    app.command("write-offs")(write_offs)
    app.command("take-back")(take_back)
