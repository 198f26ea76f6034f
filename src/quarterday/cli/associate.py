"""`quarterday associate`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer

from quarterday.cli._addresses import warn_of
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
        from quarterday.bills.first_bills import first_bills
        from quarterday.customers.addressing import missing_addresses
        from quarterday.customers.queries import customers_named
        from quarterday.plans.queries import get_plan
        from quarterday.provider.queries import find_provider
        from quarterday.subscriptions import actions

        chosen, service, provider = customers_named(customer), get_plan(plan), find_provider()
        agreed["emails"] = {each.pk: email for each in chosen} if email else None
        missing = missing_addresses(provider, chosen)
        proposals = actions.propose(service, chosen, now=desk.now, **agreed)
        problems = [problem for proposal in proposals for problem in proposal.problems]

        def associate_with(customers: list[Any]) -> list[Any]:
            return actions.associate(service, customers, prices=prices, by=desk.by, now=desk.now, **agreed)

        if dry_run:
            looked = first_bills(proposals, associate_with, at=desk.now, provider=provider)
            rows = [_row(each.proposal, nets=[bill.net for bill in each.bills]) for each in looked.rows]
            troubles = list(looked.trouble.values())
        else:
            rows, troubles = [_row(proposal) for proposal in proposals], []
            for row, subscription in zip(rows, associate_with(chosen), strict=True):
                row["subscription"] = subscription.pk
    columns = {
        "customer": "Customer",
        "name": "Name",
        "billed_from": "Billed from",
        "first_period": "First period",
        "first_bill_on": "First bill",
        "first_due_on": "due",
        **({"first_net": "net"} if dry_run else {}),
        "second_bill_on": "Second bill",
        "second_due_on": "due",
        **({"second_net": "net", "currency": ""} if dry_run else {}),
    }
    show(rows, columns, as_json=as_json)
    for trouble in (*problems, *troubles):
        typer.echo(str(trouble), err=True)
    if problems:
        raise typer.Exit(1)
    if not as_json:
        if dry_run:
            typer.echo("Amounts are net, with the devices of today, for this plan alone.")
        typer.echo("Nothing was saved." if dry_run else f"{len(rows)} associated with {plan}.")
        if billed_from is None and any(row["billed_from"] > starts for row in rows):
            typer.echo(_what_is_not_billed(plan, starts, is_saved=not dry_run))
    warn_of(missing)


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


def _row(proposal: Any, *, nets: Sequence[Decimal] = ()) -> dict[str, Any]:
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
    for which, net in zip(("first", "second"), nets, strict=False):
        row[f"{which}_net"] = net
    return {**row, "currency": proposal.subscription.plan.currency} if nets else row
