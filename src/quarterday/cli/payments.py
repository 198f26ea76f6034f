"""`quarterday payments`: money received, what it settled, balances and reminders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli import _bank, _late_fees, _money_reports, _pausing, _proposals, _write_offs
from quarterday.cli._files import write_file
from quarterday.cli._shared import AMOUNT_ARGUMENT, Json, at_desk, day, days_between, decimal, group, show

app = group("Money received, balances, reminders.")
_bank.add_to(app)
_pausing.add_to(app)
_late_fees.add_to(app)
_write_offs.add_to(app)
_proposals.add_to(app)
_money_reports.add_to(app)

Number = Annotated[str, typer.Argument(help="The customer's number.")]


@app.command(context_settings=AMOUNT_ARGUMENT)
def add(
    customer: Number,
    amount: Annotated[Decimal, typer.Argument(parser=decimal, metavar="AMOUNT", help="The amount received.")],
    received_on: Annotated[
        date | None, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="When it arrived; today if left out.")
    ] = None,
    currency: Annotated[str, typer.Option(help="The customer's currency if left out.")] = "",
    reference: Annotated[str, typer.Option(help="What the transfer said.")] = "",
    bill: Annotated[list[str] | None, typer.Option(help="A bill's number; several may be given.")] = None,
) -> None:
    """Record a payment; it settles the bills named, else the oldest, and the rest becomes the customer's credit.

    quarterday payments add C-0007 250.00 --on 2026-04-14 --reference "INV-2026-00017"
    """
    with at_desk() as desk:
        from quarterday.bills.queries import bill_ids_numbered
        from quarterday.customers.queries import get_customer
        from quarterday.engine.money import in_currency
        from quarterday.payments.actions import record_payment
        from quarterday.payments.queries import open_balance

        owner = get_customer(customer)
        currency = currency or owner.currency
        payment = record_payment(
            owner,
            amount=amount,
            currency=currency,
            received_on=received_on or desk.today(owner.time_zone),
            reference=reference,
            bills=bill_ids_numbered(bill) if bill else None,
            now=desk.now,
            by=desk.by,
        )
        left = in_currency(open_balance(owner.pk, currency), currency)
    balance = (
        f"now owes {left} {currency}" if left > 0 else f"has a credit of {-left} {currency}" if left else "owes nothing"
    )
    typer.echo(f"Payment {payment.pk} recorded. {owner.name} {balance}.")


@app.command("list")
def list_(
    customer: Annotated[str, typer.Option(help="Only this customer's, by number.")] = "",
    as_json: Json = False,
) -> None:
    """Payments, newest first, with what is left of each.

    quarterday payments list --customer C-0007
    """
    with at_desk():
        from quarterday.customers.queries import get_customer
        from quarterday.payments.queries import payment_list

        rows = payment_list(get_customer(customer).pk if customer else None)
    columns = {
        "id": "No.",
        "customer": "Customer",
        "received_on": "Received",
        "amount": "Amount",
        "currency": "",
        "rest": "Unused",
        "reference": "Reference",
        "state": "State",
    }
    show(rows, columns, as_json=as_json, empty="No payments yet. Record one with quarterday payments add.")


@app.command("show")
def show_(customer: Number, as_json: Json = False) -> None:
    """A customer's open invoices and balance.

    quarterday payments show C-0007
    """
    with at_desk() as desk:
        from quarterday.customers.queries import get_customer
        from quarterday.payments.queries import open_invoices

        owner = get_customer(customer)
        rows = open_invoices([owner.pk], on=desk.today(owner.time_zone))
        listed = [
            {
                "number": row.number,
                "issued_on": row.issued_on,
                "due_on": row.due_on,
                "total": row.total,
                "open": row.open,
                "currency": row.currency,
                "status": row.status,
            }
            for row in rows
        ]
    columns = {
        "number": "Invoice",
        "issued_on": "Issued",
        "due_on": "Due",
        "total": "Total",
        "open": "Open",
        "currency": "",
        "status": "Status",
    }
    show(listed, columns, as_json=as_json, empty="Nothing is open.")


@app.command(context_settings=AMOUNT_ARGUMENT)
def refund(
    payment: Annotated[int, typer.Argument(help="The payment's number, from quarterday payments list.")],
    amount: Annotated[Decimal, typer.Argument(parser=decimal, metavar="AMOUNT")],
    refunded_on: Annotated[date | None, typer.Option("--on", parser=day, metavar="YYYY-MM-DD")] = None,
    reference: Annotated[str, typer.Option(help="What the transfer said.")] = "",
) -> None:
    """Record money given back, never more than was paid; bills that it had settled are open again.

    Above the provider's amount it waits for a second person, with exit code 1.

    quarterday payments refund 12 50.00 --reference "paid twice"
    """
    with at_desk() as desk:
        from quarterday.payments.actions import Proposal, refund_or_propose
        from quarterday.payments.queries import get_payment

        row = get_payment(payment)
        done = refund_or_propose(
            row, amount=amount, refunded_on=refunded_on or desk.today(), reference=reference, now=desk.now, by=desk.by
        )
    if isinstance(done, Proposal):
        _proposals.waits(done)
    typer.echo(f"Refund of {amount} {row.currency} recorded.")


@app.command()
def withdraw(
    payment: Annotated[int, typer.Argument(help="The payment's number, from quarterday payments list.")],
    reason: Annotated[str, typer.Option(help="Why, e.g. the direct debit bounced.")],
    on: Annotated[
        date | None,
        typer.Option(parser=day, metavar="YYYY-MM-DD", help="When the bank took it back; today if left out."),
    ] = None,
) -> None:
    """Take back a payment that was recorded in error or bounced; its bills are open again.

    \b
    quarterday payments withdraw 12 --reason "direct debit bounced"
    quarterday payments withdraw 12 --reason "direct debit bounced" --on 2026-05-18
    """
    with at_desk() as desk:
        from quarterday.payments.actions import withdraw_payment
        from quarterday.payments.queries import get_payment

        withdraw_payment(get_payment(payment), reason=reason, on=on, now=desk.now, by=desk.by)
    typer.echo("Withdrawn. Its bills are open again.")


@app.command()
def balances(as_json: Json = False) -> None:
    """What every customer owes, by currency; a negative balance is the customer's credit.

    quarterday payments balances --json
    """
    with at_desk():
        from quarterday.payments.queries import balance_list

        rows = balance_list()
    columns = {
        "customer": "Customer",
        "currency": "",
        "billed": "Billed",
        "credited": "Credited",
        "paid": "Paid",
        "refunded": "Refunded",
        "written_off": "Written off",
        "balance": "Balance",
    }
    show(rows, columns, as_json=as_json, empty="Nothing was billed or paid yet.")


@app.command()
def statement(
    customer: Number,
    since: Annotated[date, typer.Option("--since", parser=day, metavar="YYYY-MM-DD", help="The first day.")],
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="The last day.")],
    currency: Annotated[str, typer.Option(help="The customer's currency if left out.")] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write a PDF in the customer's language instead, or .csv."),
    ] = None,
    as_json: Json = False,
) -> None:
    """A customer's statement of account: the opening balance, bills, credits, payments, refunds, the running balance.

    \b
    quarterday payments statement C-0007 --since 2026-01-01 --until 2026-03-31
    quarterday payments statement C-0007 --since 2026-01-01 --until 2026-03-31 --out statement.pdf
    quarterday payments statement C-0007 --since 2026-01-01 --until 2026-03-31 --out statement.csv
    """
    period = days_between(since, until)
    with at_desk() as desk:
        from quarterday.customers.queries import get_customer
        from quarterday.payments.export import csv_of_statement
        from quarterday.payments.statements import statement_of, statement_pdf

        owner = get_customer(customer)
        if out is not None and out.suffix == ".csv":
            write_file(out, csv_of_statement(statement_of(owner, period, currency=currency or None)).encode())
            return
        if out is not None:
            write_file(out, statement_pdf(owner, period, currency=currency or None, now=desk.now))
            return
        account = statement_of(owner, period, currency=currency or None)
    blank = {"reference": "", "amount": None, "due_on": None, "currency": account.currency}
    rows = [
        {**blank, "on": since, "kind": "opening balance", "balance": account.opening},
        *(
            {**movement._asdict(), "currency": account.currency, "balance": balance}
            for movement, balance in account.running()
        ),
        {**blank, "on": until, "kind": "closing balance", "balance": account.closing},
    ]
    columns = {
        "on": "Day",
        "kind": "Entry",
        "reference": "Reference",
        "due_on": "Due",
        "amount": "Amount",
        "balance": "Balance",
        "currency": "",
    }
    show(rows, columns, as_json=as_json)


@app.command()
def remind(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show who would be reminded; post nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Post the reminders that are due now, as the worker does each morning of the customer.

    quarterday payments remind --dry-run
    """
    with at_desk() as desk:
        from quarterday.payments.reminders import due_reminders
        from quarterday.payments.reminders import remind as post_reminders

        due = due_reminders(now=desk.now)
        if not dry_run:
            post_reminders(now=desk.now)
        rows = [
            {
                "customer": mail.customer.name,
                "number": row.invoice.number,
                "due_on": row.invoice.due_on,
                "open": row.invoice.open,
                "currency": row.invoice.currency,
                "step": row.step,
            }
            for mail in due
            for row in mail.invoices
        ]
    columns = {
        "customer": "Customer",
        "number": "Invoice",
        "due_on": "Due",
        "open": "Open",
        "currency": "",
        "step": "Days after due",
    }
    show(rows, columns, as_json=as_json, empty="Nobody is to be reminded now.")
