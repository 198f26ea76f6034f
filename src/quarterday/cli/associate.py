"""`quarterday associate`."""

from __future__ import annotations

import shlex
from datetime import date, timedelta
from typing import Annotated, Any

import typer

from quarterday.cli._shared import Customers, Json, Prices, alone, at_desk, cycle, day, prices_of, show
from quarterday.engine.periods import Cycle

app = alone()


@app.command()
def associate(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's name.")],
    customer: Customers,
    starts: Annotated[
        date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The first day of service; it anchors the cycle.")
    ],
    billed_from: Annotated[
        date | None,
        typer.Option(
            parser=day,
            metavar="YYYY-MM-DD",
            help="Where charging begins; the start of the cycle that contains today if left out.",
        ),
    ] = None,
    every: Annotated[
        Cycle,
        typer.Option(
            "--cycle", parser=cycle, metavar="CYCLE", help="weekly, monthly, quarterly, half-yearly, yearly, “2 weeks”."
        ),
    ] = "monthly",  # type: ignore[assignment]  # typer parses the default, too
    billing_day: Annotated[int | None, typer.Option(help="Periods end on this day of the month, 1 to 31.")] = None,
    due_days: Annotated[int, typer.Option(help="Days to pay, from the issue of a bill.")] = 14,
    offset_days: Annotated[int, typer.Option(help="Bill so many days later, or earlier if below 0.")] = 0,
    email: Annotated[
        list[str] | None, typer.Option("--email", help="Where the bills go; the customer's own addresses if left out.")
    ] = None,
    po_number: Annotated[str, typer.Option(help="The customer's order number, printed on the bill.")] = "",
    price: Prices = None,
    review: Annotated[bool, typer.Option(help="Hold the first bill until a person has looked at it.")] = True,
    separately: Annotated[bool, typer.Option("--separately", help="A bill of its own.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the first two bills, and save nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Associate a plan with customers, all or none, and show each one's first two bills.

    \b
    quarterday associate Gold --customer C-0001 --customer "South Law" --starts 2026-01-01 --dry-run
    quarterday associate Gold --customer C-0001 --starts 2026-01-01 --billed-from 2026-01-01      past months, too
    quarterday associate Gold --customer C-0001 --starts 2026-01-15 --cycle quarterly --billing-day 1 --due-days 30
    """
    agreed: dict[str, Any] = {
        "starts_on": starts,
        "billed_from": billed_from,
        "cycle": every,
        "billing_day": billing_day,
        "due_days": due_days,
        "offset_days": offset_days,
        "po_number": po_number,
        "review_first_bill": review,
        "bill_separately": separately,
    }
    prices = prices_of(price or [])
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.plans.queries import get_plan
        from quarterday.subscriptions import actions

        chosen = customers_named(customer)
        agreed["emails"] = {each.pk: email for each in chosen} if email else None
        proposals = actions.propose(get_plan(plan), chosen, now=desk.now, **agreed)
        rows = [_row(proposal) for proposal in proposals]
        problems = [problem for proposal in proposals for problem in proposal.problems]
        if not dry_run:
            made = actions.associate(get_plan(plan), chosen, prices=prices, by=desk.by, now=desk.now, **agreed)
            for row, subscription in zip(rows, made, strict=True):
                row["subscription"] = subscription.pk
    columns = {
        "customer": "Customer",
        "name": "Name",
        "billed_from": "Billed from",
        "first_period": "First period",
        "first_bill_on": "First bill",
        "first_due_on": "due",
        "second_bill_on": "Second bill",
        "second_due_on": "due",
    }
    show(rows, columns, as_json=as_json)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        raise typer.Exit(1)
    if not as_json:
        typer.echo("Nothing was saved." if dry_run else f"{len(rows)} associated with {plan}.")
        if billed_from is None and any(row["billed_from"] > starts for row in rows):
            typer.echo(_what_is_not_billed(plan, starts, is_saved=not dry_run))


def _what_is_not_billed(plan: str, starts: date, *, is_saved: bool) -> str:
    """Months before the present cycle were invoiced elsewhere, unless somebody says that they were not."""
    again = (
        f"end it before it began (quarterday disassociate {shlex.quote(plan)} --customer ..."
        f" --last-day {starts - timedelta(days=1)}) and associate again"
    )
    return (
        "Charging begins on the day under “Billed from”, with the cycle that contains today; service before it is not"
        f" billed. To bill it, too, {again if is_saved else 'associate'} with --billed-from {starts}."
    )


def _row(proposal: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "customer": proposal.customer.number,
        "name": proposal.customer.name,
        "time_zone": proposal.customer.time_zone,
        "billed_from": proposal.subscription.billed_from,
    }
    for which, bill in zip(("first", "second"), proposal.bills, strict=False):
        row[f"{which}_period"] = f"{bill.period.served.start} to {bill.period.served.last_day}"
        row[f"{which}_bill_on"] = bill.billing_on
        row[f"{which}_due_on"] = bill.due_on
    return row
