"""`quarterday whatif`: past periods counted again, and changes tried out on real months. Nothing is written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from quarterday.cli._progress import customers_bar
from quarterday.cli._shared import (
    Json,
    Prices,
    at_desk,
    day,
    decimal,
    group,
    price_words,
    prices_of,
    refuse_backwards,
    show,
)

app = group("What a past period or another price would have cost. Nothing is written.")


class Counting(StrEnum):
    """A counting rule."""

    at_end = "at_end"
    at_start = "at_start"
    peak = "peak"
    any_day = "any_day"
    prorated = "prorated"


Rule = Annotated[Counting | None, typer.Option("--counting", help="Count by this rule in place of the plan's.")]


@app.command()
def recount(
    customer: Annotated[str, typer.Argument(help="The customer's number or name.")],
    since: Annotated[date, typer.Option("--since", parser=day, metavar="YYYY-MM-DD", help="The first day.")],
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="The last day.")],
    counting: Rule = None,
    known_on: Annotated[
        date | None,
        typer.Option(
            "--known-on",
            parser=day,
            metavar="YYYY-MM-DD",
            help="As it was known at the end of this day, in the customer's time zone; as known now if left out.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Count a customer's past periods again, beside what was billed for them; net of tax.

    \b
    quarterday whatif recount C-0007 --since 2026-03-01 --until 2026-03-31 --counting peak
    quarterday whatif recount C-0007 --since 2026-01-01 --until 2026-12-31 --known-on 2026-04-01 --json
    """
    refuse_backwards(since, until)
    with at_desk() as desk:
        from quarterday.bills.whatif import recount as count_again
        from quarterday.customers.queries import customers_named
        from quarterday.engine.periods import Period, instant_of_local

        [owner] = customers_named([customer])
        today = desk.today(owner.time_zone)
        ended = min(until + timedelta(days=1), today)
        if known_on is not None and known_on > today:
            raise typer.BadParameter(f"{known_on} is still to come: nobody knows yet what is known then.")
        known_at = None if known_on is None else instant_of_local(known_on + timedelta(days=1), 0, owner.time_zone)
        periods = (
            count_again(owner, Period(since, ended), known_at=known_at, counting=_rule(counting))
            if since < ended
            else []
        )
        rows = [
            {
                "plan": each.plan,
                "period": str(each.served),
                "counting": each.counting,
                "devices": sum(len(line.devices or ()) for line in each.lines if line.kind == "usage"),
                "billed": each.billed,
                "recounted": each.net,
                "difference": each.difference,
                "currency": each.currency,
                "lines": [
                    {
                        "text": line.text,
                        "quantity": line.quantity,
                        "unit_price": price_words(line.unit_price, each.currency),
                        "net": line.net,
                        "devices": {each.device_names.get(device, device): n for device, n in line.devices or ()},
                    }
                    for line in each.lines
                ],
            }
            for each in periods
        ]
    columns = {
        "plan": "Plan",
        "period": "Days",
        "counting": "Counted",
        "devices": "Devices",
        "billed": "Billed",
        "recounted": "Recounted",
        "difference": "Difference",
        "currency": "",
    }
    show(rows, columns, as_json=as_json, empty="No period lies in these days and is over.")


@app.command()
def replay(
    plan: Annotated[str, typer.Argument(help="The plan's name.")],
    price: Prices = None,
    flat_fee: Annotated[Decimal | None, typer.Option(parser=decimal, help="A flat fee per period.")] = None,
    counting: Rule = None,
    instead: Annotated[str, typer.Option(metavar="PLAN", help="Another plan, with its prices and its rule.")] = "",
    customer: Annotated[
        list[str] | None, typer.Option("--customer", help="Only this one, by number or name; may be said many times.")
    ] = None,
    months: Annotated[int, typer.Option(help="How many months back.")] = 12,
    as_json: Json = False,
) -> None:
    """Try a price, a fee, a rule or another plan on the last real months: before and after, per customer, net of tax.

    Any number of customers: they are read and counted fifty at a time.

    \b
    quarterday whatif replay "Managed Basic" --price computer=32.00
    quarterday whatif replay "Managed Basic" --instead "Managed Plus" --customer C-0007 --months 6
    """
    with at_desk() as desk:
        from quarterday.bills.whatif import Change, replay_many, sums_of
        from quarterday.customers.queries import customers_named
        from quarterday.plans.queries import get_plan
        from quarterday.plans.terms import checked_prices, known_words, read_prices
        from quarterday.subscriptions.queries import customers_of_plan

        chosen = get_plan(plan)
        owners = customers_named(customer) if customer else list(customers_of_plan(chosen))
        change = Change(
            prices=read_prices(checked_prices(prices_of(price or ()), known_words())),
            flat_fee=flat_fee,
            counting=_rule(counting),
            instead=get_plan(instead) if instead else None,
        )
    from quarterday.shared.scope import Scope

    with customers_bar("Counting", hidden=as_json) as progress:
        found = list(
            replay_many(
                *(chosen, owners, change),
                today=desk.today(),
                months=months,
                scope=Scope.all(),
                progress=progress,
            )
        )
    rows = [
        {
            "number": each.customer.number,
            "customer": each.customer.name,
            "periods": each.period_count,
            "before": each.before,
            "after": each.after,
            "difference": each.difference,
            "currency": each.currency,
        }
        for each in found
    ]
    columns = {
        "number": "No.",
        "customer": "Customer",
        "periods": "Periods",
        "before": "Before",
        "after": "After",
        "difference": "Difference",
        "currency": "",
    }
    show(rows, columns, as_json=as_json, empty="No customer had a period of this plan in these months.")
    if rows and not as_json:
        sums = sums_of(found)
        typer.echo(
            f"{sums.count} together: {sums.before} before, {sums.after} after, {sums.difference:+} {chosen.currency}"
        )


def _rule(counting: Counting | None) -> Any:
    return None if counting is None else counting.value
