"""The bank's statement: import it, see what each line probably is, confirm or ignore."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import typer

from quarterday.cli._proposals import waits
from quarterday.cli._shared import Json, at_desk, show
from quarterday.cli._sync_report import refuse_file


class Days(StrEnum):
    """What stands first in a day with slashes."""

    day_first = "day-first"
    month_first = "month-first"


FIRST: dict[Days, Literal["day", "month"]] = {Days.day_first: "day", Days.month_first: "month"}
Line = Annotated[int, typer.Argument(metavar="LINE", help="Its number, from quarterday payments suggestions.")]


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip() or not value.strip():
        raise typer.BadParameter(f"{text!r} needs an equals sign, such as amount=Betrag.")
    return name.strip(), value.strip()


def import_(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="A camt.053 or CSV file, or - for what is piped in.")],
    column: Annotated[
        list[Any] | None,
        typer.Option(
            parser=_pair,
            metavar="FIELD=COLUMN",
            help="Which column of a CSV is the day, amount, came, went, currency, text, name, iban or reference.",
        ),
    ] = None,
    currency: Annotated[
        str, typer.Option(help="The currency of a CSV that does not say it; that of your country if left out.")
    ] = "",
    days: Annotated[Days | None, typer.Option(help="How a CSV writes 04/05/2026, where no day shows it.")] = None,
    confirm_sure: Annotated[bool, typer.Option("--confirm-sure", help="Confirm at once what is sure.")] = False,
) -> None:
    """Take over a bank's statement; each movement is stored once, whatever files it stands in, and waits.

    \b
    quarterday payments import statement.xml
    quarterday payments import june.csv --column day=Buchungstag --column amount=Betrag --confirm-sure
    quarterday payments import june.csv --currency USD --days month-first
    """
    with at_desk() as desk:
        from quarterday.connectors.bankfile import read_bank_file
        from quarterday.connectors.shape import SourceRefused
        from quarterday.payments.actions import confirm_sure_lines, import_bank_lines
        from quarterday.provider.queries import currency_of, find_provider

        content, code = file.read(), currency.upper() or currency_of(find_provider()) or "EUR"
        try:
            entries = read_bank_file(
                content, columns=dict(column or []), currency=code, first=FIRST[days] if days else ""
            )
        except SourceRefused as refused:
            refuse_file(refused, as_json=False)
        done = import_bank_lines(entries, content=content, name=getattr(file, "name", "-"), now=desk.now, by=desk.by)
        sure = len(confirm_sure_lines(now=desk.now, by=desk.by)) if confirm_sure else 0
    if done.is_known:
        typer.echo("This file was imported before: nothing is new.")
    else:
        typer.echo(f"{done.line_count} lines, {done.new_count} of them new.")
    if confirm_sure:
        typer.echo(f"{sure} confirmed. quarterday payments suggestions shows what waits for a person.")


def suggestions(as_json: Json = False) -> None:
    """The bank's lines that wait, and what each probably is; sure ones are confirmed by `confirm --sure`.

    quarterday payments suggestions
    """
    with at_desk():
        from quarterday.payments.queries import suggestions as suggest
        from quarterday.payments.queries import waiting_lines

        rows = [
            {
                "line": each.line.pk,
                "booked_on": each.line.booked_on,
                "amount": each.line.amount,
                "currency": each.line.currency,
                "name": each.line.name,
                "text": each.line.text,
                "suggestion": each.kind or "nobody knows",
                "customer": each.customer,
                "bills": [bill.number for bill in each.bills] if as_json else ", ".join(b.number for b in each.bills),
                "payment": each.payment_id,
                "over": each.over,
                "because": list(each.because) if as_json else ", ".join(each.because),
                "sure": each.is_sure if as_json else "sure" if each.is_sure else "",
            }
            for each in suggest(list(waiting_lines()))
        ]
    columns = {
        "line": "Line",
        "booked_on": "Day",
        "amount": "Amount",
        "currency": "",
        "name": "Who",
        "text": "Text",
        "suggestion": "Probably",
        "customer": "Customer",
        "bills": "Bills",
        "because": "Agrees",
        "sure": "",
    }
    show(rows, columns, as_json=as_json, empty="No line of the bank waits.")


def confirm(
    lines: Annotated[list[int] | None, typer.Argument(metavar="[LINE]...", help="To confirm as suggested.")] = None,
    sure: Annotated[bool, typer.Option("--sure", help="Confirm every line that is sure.")] = False,
    customer: Annotated[str, typer.Option(help="Who paid, by number, where the suggestion is wrong.")] = "",
    bill: Annotated[list[str] | None, typer.Option(help="A bill's number; several may be given.")] = None,
    payment: Annotated[int | None, typer.Option(help="What is given back, bounced, or was recorded.")] = None,
    kind: Annotated[str, typer.Option(help="payment, recorded, refund or bounce.")] = "",
) -> None:
    """Confirm lines of the bank: as suggested, all that are sure, or one as you say.

    \b
    quarterday payments confirm 17 18
    quarterday payments confirm --sure
    quarterday payments confirm 19 --customer C-0007 --bill INV-2026-00017
    quarterday payments confirm 20 --kind bounce --payment 12
    """
    said = bool(customer or bill or payment or kind)
    if bool(lines) == sure:
        raise typer.BadParameter("Name lines, or say --sure.")
    if said and (sure or lines is None or len(lines) != 1):
        raise typer.BadParameter("--customer, --bill, --payment and --kind are about one line: name just that.")
    with at_desk() as desk:
        from quarterday.bills.queries import bill_ids_numbered, get_bill
        from quarterday.customers.queries import get_customer
        from quarterday.payments.actions import Proposal, confirm_or_propose, confirm_suggestion, confirm_sure_lines
        from quarterday.payments.queries import get_bank_line, get_payment
        from quarterday.payments.queries import suggestions as suggest

        if sure:
            done: list[Any] = list(confirm_sure_lines(now=desk.now, by=desk.by))
        elif said and lines:
            owner = get_customer(customer) if customer else get_bill(bill[0]).customer if bill else None
            one = confirm_or_propose(
                get_bank_line(lines[0]),
                kind=kind or ("payment" if payment is None else "refund"),
                customer=owner,
                bills=bill_ids_numbered(bill) if bill else None,
                payment=None if payment is None else get_payment(payment),
                now=desk.now,
                by=desk.by,
            )
            done = [one]
        else:
            # One after the other: what the first settles, the next one is not suggested for.
            done = [
                confirm_suggestion(suggest([get_bank_line(line)])[0], now=desk.now, by=desk.by) for line in lines or ()
            ]
        proposed = [each for each in done if isinstance(each, Proposal)]
    typer.echo(f"{len(done) - len(proposed)} confirmed.")
    if proposed:
        waits(*proposed)


def ignore(
    lines: Annotated[list[int], typer.Argument(metavar="LINE...", help="Lines, from quarterday payments suggestions.")],
    reason: Annotated[str, typer.Option(help="What it is, e.g. the bank's fee.")],
) -> None:
    """Put lines away that are no customer's money.

    quarterday payments ignore 21 --reason "the bank's fee"
    """
    with at_desk() as desk:
        from quarterday.payments.actions import ignore_line
        from quarterday.payments.queries import get_bank_line

        for line in lines:
            ignore_line(get_bank_line(line), reason=reason, now=desk.now, by=desk.by)
    typer.echo(f"{len(lines)} ignored.")


def reopen(line: Line) -> None:
    """Let a line that was ignored wait again.

    quarterday payments reopen 21
    """
    with at_desk() as desk:
        from quarterday.payments.actions import reopen_line
        from quarterday.payments.queries import get_bank_line

        reopen_line(get_bank_line(line), now=desk.now, by=desk.by)
    typer.echo("It waits again.")


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others about money."""
    app.command("import")(import_)
    app.command()(suggestions)
    app.command()(confirm)
    app.command()(ignore)
    app.command()(reopen)
