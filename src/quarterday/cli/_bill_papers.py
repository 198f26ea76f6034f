"""Bills to take along: PDFs, one PDF of many, CSV for the accounts office; and mail once more."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli._files import file_name, whole_file, write_file
from quarterday.cli._shared import at_desk, day, days_between, refuse_backwards

Number = Annotated[str, typer.Argument(help="A bill's number, or a draft's.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Where to write it; beside you, by its number, if left out."),
]
Since = Annotated[
    date | None, typer.Option("--since", parser=day, metavar="YYYY-MM-DD", help="Issued on or after this day.")
]
Until = Annotated[
    date | None, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="Issued on or before this day.")
]


def pdf(
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER...", help="Bills' numbers, or drafts'.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where to write the files.")] = Path(),
) -> None:
    """Write bills as PDFs: issued ones as they were printed, byte for byte; drafts marked as drafts.

    \b
    quarterday bills pdf INV-2026-00017
    quarterday bills pdf INV-2026-00017 "draft 18" --folder /tmp
    """
    with at_desk() as desk:
        from quarterday.bills.printing import draft_pdf, printed_pdf
        from quarterday.bills.queries import get_bill

        for number in numbers:
            bill = get_bill(number)
            issue = getattr(bill, "issue", None)
            content = printed_pdf(bill.pk, now=desk.now) if issue else draft_pdf(bill.pk)
            write_file(folder / f"{file_name(issue.number if issue else f'draft-{bill.pk}')}.pdf", content)


def consolidated(
    customer: Annotated[str, typer.Argument(help="The customer's number or name.")],
    since: Annotated[date, typer.Option("--since", parser=day, metavar="YYYY-MM-DD", help="The first day of issue.")],
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="The last day of issue.")],
    out: Out = None,
) -> None:
    """Write a customer's bills and credit notes of some days as one PDF: a summary, then copies of all of them.

    \b
    quarterday bills consolidated C-0007 --since 2026-01-01 --until 2026-12-31
    """
    days = days_between(since, until)
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.payments.statements import consolidated_pdf

        [owner] = customers_named([customer])
        content = consolidated_pdf(owner, days, now=desk.now)
    write_file(out or Path(f"{file_name(owner.number)}-{since}-{until}.pdf"), content)


def export(
    since: Since = None,
    until: Until = None,
    customer: Annotated[str, typer.Option(help="Only this customer's, by number or name.")] = "",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="A file; printed if left out.")] = None,
) -> None:
    """The lines of issued bills as CSV: number, dates, customer, accounts, tax, quantity, price, net.

    A line's net is quantity x unit_price x fraction, of device-days quantity x unit_price / per, rounded once.

    Credit notes are below zero. Text that a spreadsheet would run as a formula has an apostrophe before it.

    \b
    quarterday bills export --since 2026-03-01 --until 2026-03-31 --out march.csv
    quarterday bills export --customer C-0007 | head
    """
    refuse_backwards(since, until)
    with at_desk():
        from quarterday.bills.export import csv_of_bills
        from quarterday.bills.queries import Wanted, every_bill
        from quarterday.customers.queries import customers_named

        owner = customers_named([customer])[0].pk if customer else None
        pieces = csv_of_bills(every_bill(Wanted(customer_id=owner, since=since, until=until)))
        if out is None:
            for piece in pieces:
                sys.stdout.write(piece.replace("\r\n", "\n"))
            return
        with whole_file(out) as file:
            for piece in pieces:
                file.write(piece.encode())
    typer.echo(f"Written to {out}.")


def resend(
    number: Number,
    to: Annotated[list[str] | None, typer.Option("--to", help="Another address; may be said many times.")] = None,
) -> None:
    """Mail an issued bill once more, to the same addresses or others.

    \b
    quarterday bills resend INV-2026-00017
    quarterday bills resend INV-2026-00017 --to accounts@customer.example
    """
    with at_desk() as desk:
        from quarterday.bills.actions import resend_bill
        from quarterday.bills.queries import get_bill

        addresses = resend_bill(get_bill(number), to=to, now=desk.now, by=desk.by)
    typer.echo(f"It goes to {', '.join(addresses)}.")
