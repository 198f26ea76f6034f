"""Late fees: whom one would cost what, charged, listed, let go."""

from __future__ import annotations

from typing import Annotated

import typer

from quarterday.cli._shared import Json, at_desk, show

DUE = {
    "number": "Bill",
    "customer": "Customer",
    "due_on": "Due",
    "open": "Open",
    "fee": "Fee",
    "currency": "",
}


def charge_late_fees(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show whom it would cost what; charge nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Charge the late fees that are due now, as the worker does: each on its customer's next bill, once a bill.

    \b
    quarterday provider change --set late_fee_days=14 --set late_fee_amount=5.00 --set late_fee_since=2026-06-01
    quarterday payments charge-late-fees --dry-run
    """
    with at_desk() as desk:
        from quarterday.payments.late_fees import charge_late_fees as charge
        from quarterday.payments.late_fees import due_late_fees

        due = due_late_fees(now=desk.now)
        if not dry_run:
            charge(now=desk.now, by=desk.by)
    rows = [
        {
            "number": fee.invoice.number,
            "customer": fee.customer.name,
            "due_on": fee.invoice.due_on,
            "open": fee.open,
            "fee": fee.amount,
            "currency": fee.invoice.currency,
        }
        for fee in due
    ]
    show(rows, DUE, as_json=as_json, empty="No late fee is due now.")


def late_fees(as_json: Json = False) -> None:
    """Late fees, newest first: for which bill, and whether it waits, which bill has it, or it was let go.

    quarterday payments late-fees --json
    """
    with at_desk():
        from quarterday.payments.queries import late_fee_states
        from quarterday.payments.queries import late_fees as every_late_fee

        rows = [
            {
                "number": fee.number,
                "customer": fee.customer,
                "charged_on": fee.charged_on,
                "fee": fee.amount,
                "currency": fee.currency,
                "state": fee.state,
            }
            for fee in late_fee_states(every_late_fee()[:200])
        ]
    columns = {
        "number": "Bill",
        "customer": "Customer",
        "charged_on": "Day",
        "fee": "Fee",
        "currency": "",
        "state": "State",
    }
    show(rows, columns, as_json=as_json, empty="Nobody was charged a late fee.")


def let_late_fee_go(
    bill: Annotated[str, typer.Argument(help="The number of the bill that was late.")],
    reason: Annotated[str, typer.Option(help="Why, e.g. the payment crossed with it.")],
) -> None:
    """Take a bill's late fee off the next bill; the bill is not charged again.

    quarterday payments let-late-fee-go INV-2026-00017 --reason "the payment crossed with it"
    """
    with at_desk() as desk:
        from quarterday.payments.late_fees import let_late_fee_go as let_go
        from quarterday.payments.queries import late_fee_of

        let_go(late_fee_of(bill), reason=reason, now=desk.now, by=desk.by)
    typer.echo(f"The late fee for {bill} is let go.")


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others about money."""
    app.command("charge-late-fees")(charge_late_fees)
    app.command("late-fees")(late_fees)
    app.command("let-late-fee-go")(let_late_fee_go)
