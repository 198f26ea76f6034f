"""`quarterday subscriptions`: which customer has which plan, and what is agreed with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer

from quarterday.cli._shared import (
    Fields,
    Json,
    Prices,
    at_desk,
    cycle,
    cycle_name,
    day,
    decimal,
    fields_of,
    group,
    prices_of,
    show,
    show_one,
)
from quarterday.cli.associate import associate
from quarterday.engine.money import in_currency
from quarterday.engine.periods import Cycle

app = group("Which customer has which plan.")
app.command("add", help=(associate.__doc__ or "").replace("quarterday associate", "quarterday subscriptions add"))(
    associate
)

Id = Annotated[int, typer.Argument(metavar="ID", help="From `quarterday subscriptions list`.")]
NextPeriod = Annotated[bool, typer.Option("--next-period", help="Wait for the next period after that day.")]


@app.command("list")
def list_(
    search: Annotated[str, typer.Option(help="Part of the customer's or the plan's name.")] = "",
    customer: Annotated[str, typer.Option(help="Only this customer's, by number or name.")] = "",
    plan: Annotated[str, typer.Option(help="Only this plan's.")] = "",
    ended: Annotated[bool, typer.Option("--ended", help="Those that have an end.")] = False,
    every: Annotated[bool, typer.Option("--all", help="With and without an end.")] = False,
    as_json: Json = False,
) -> None:
    """List subscriptions.

    \b
    quarterday subscriptions list --plan Gold
    quarterday subscriptions list --customer C-0001 --all --json
    """
    with at_desk():
        from quarterday.customers.queries import customers_named
        from quarterday.plans.queries import get_plan
        from quarterday.subscriptions.queries import subscription_list

        listed = subscription_list(
            search=search,
            customer_id=customers_named([customer])[0].pk if customer else None,
            plan=get_plan(plan) if plan else None,
            ended=None if every else ended,
        )
        rows = [_row(subscription) for subscription in listed]
    columns = {
        "id": "ID",
        "customer": "Customer",
        "name": "Name",
        "plan": "Plan",
        "cycle": "Cycle",
        "starts_on": "Start",
        "ends_on": "First day not served",
        "due_days": "Due days",
        "emails": "E-mail",
    }
    show(rows, columns, as_json=as_json, empty="No subscriptions. Make one with `quarterday associate`.")


@app.command("show")
def show_subscription(subscription_id: Id, as_json: Json = False) -> None:
    """Show a subscription with the prices agreed for it.

    \b
    quarterday subscriptions show 17
    """
    with at_desk():
        from quarterday.subscriptions.queries import get_subscription, own_terms_list

        subscription = get_subscription(subscription_id)
        told = _row(subscription)
        told["own_prices"] = [
            {"from": terms.effective_on, "applies": terms.applies, "prices": terms.prices, "flat_fee": terms.flat_fee}
            for terms in own_terms_list(subscription)
        ]
    show_one(told, as_json=as_json)


@app.command()
def change(subscription_id: Id, fields: Fields = None) -> None:
    """Change due_days, emails, po_number, bill_separately or review_first_bill, from the next bill on.

    \b
    quarterday subscriptions change 17 --set due_days=30 --set emails="ap@north.example boss@north.example"
    """
    with at_desk() as desk:
        from quarterday.subscriptions.actions import change_subscription
        from quarterday.subscriptions.queries import get_subscription

        subscription = get_subscription(subscription_id)
        change_subscription(subscription, by=desk.by, now=desk.now, **fields_of(fields or []))
    typer.echo("Saved.")


@app.command()
def restart(
    subscription_id: Id,
    on: Annotated[date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The first day under the new terms.")],
    plan: Annotated[str, typer.Option(help="Another plan; the same if left out.")] = "",
    every: Annotated[
        Cycle | None, typer.Option("--cycle", parser=cycle, metavar="CYCLE", help="Another billing cycle.")
    ] = None,
    billing_day: Annotated[int | None, typer.Option(help="Another billing day.")] = None,
    offset_days: Annotated[int | None, typer.Option(help="Bill so many days later.")] = None,
) -> None:
    """Change plan, cycle or timing: end the subscription the day before, prorated, and start another in its place.

    \b
    quarterday subscriptions restart 17 --on 2026-07-01 --cycle quarterly
    """
    told = {"billing_day": billing_day, "offset_days": offset_days}
    arrangement = {name: value for name, value in told.items() if value is not None}
    with at_desk() as desk:
        from quarterday.plans.queries import get_plan
        from quarterday.subscriptions import actions
        from quarterday.subscriptions.queries import get_subscription

        started = actions.restart(
            get_subscription(subscription_id),
            on=on,
            plan=get_plan(plan) if plan else None,
            cycle=every,
            by=desk.by,
            now=desk.now,
            **arrangement,
        )
    typer.echo(f"Subscription {started.pk} goes on in its place from {on}.")


@app.command()
def undo(subscription_id: Id) -> None:
    """Take back a disassociation for which nothing is billed yet.

    \b
    quarterday subscriptions undo 17
    """
    with at_desk() as desk:
        from quarterday.bills.changeable import end_is_billed, held
        from quarterday.subscriptions.actions import undo_disassociation
        from quarterday.subscriptions.queries import get_subscription

        subscription = get_subscription(subscription_id)
        is_billed = held(lambda: end_is_billed(subscription), subscription_ids=[subscription_id])
        undo_disassociation(subscription, is_billed=is_billed, by=desk.by, now=desk.now)
    typer.echo("It goes on as before.")


@app.command()
def waive(
    subscription_id: Id,
    reason: Annotated[str, typer.Option(help="Why they are never billed; it is kept for good.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which periods, and what they come to.")] = False,
) -> None:
    """Never bill the periods that are due and were missed; those that follow are billed as ever.

    \b
    quarterday subscriptions waive 17 --dry-run
    quarterday subscriptions waive 17 --reason "we were not ready yet"
    """
    with at_desk() as desk:
        from quarterday.bills.actions import waive_missed
        from quarterday.bills.queries import missed
        from quarterday.subscriptions.queries import get_subscription

        subscription = get_subscription(subscription_id)
        found = missed(subscription, at=desk.now)
        if not dry_run:
            waive_missed(subscription, reason=reason, now=desk.now, by=desk.by)
    for days in found.periods:
        typer.echo(f"{days.start} to {days.last_day}")
    currency = subscription.customer.currency
    worth = "unknown" if found.worth is None else f"{in_currency(found.worth, currency)} {currency}"
    told = "would never be billed" if dry_run else "are never billed"
    typer.echo(f"{len(found.periods)} periods {told}; given up with tax: {worth}.")


@app.command()
def agree(
    subscription_id: Id,
    since: Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="Their first day.")],
    price: Prices = None,
    flat_fee: Annotated[
        Decimal | None, typer.Option(parser=decimal, metavar="AMOUNT", help="Per period; the plan's if left out.")
    ] = None,
    next_period: NextPeriod = False,
    note: Annotated[str, typer.Option(help="Why, for people.")] = "",
) -> None:
    """Agree prices of its own with a customer, from a day on.

    \b
    quarterday subscriptions agree 17 --from 2026-06-01 --price computer=27.50 --note "renewed for two years"
    """
    prices = prices_of(price or [])
    with at_desk() as desk:
        from quarterday.bills.changeable import held, settled_until
        from quarterday.subscriptions.actions import agree_terms
        from quarterday.subscriptions.queries import get_subscription

        settled = held(lambda: settled_until([subscription_id]), subscription_ids=[subscription_id])
        agree_terms(
            get_subscription(subscription_id),
            effective_on=since,
            prices=prices,
            flat_fee=flat_fee,
            applies="next_period" if next_period else "on_day",
            note=note,
            settled_until=settled[subscription_id],
            by=desk.by,
            now=desk.now,
        )
    typer.echo(f"Agreed from {since}.")


@app.command()
def uplift(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's name.")],
    percent: Annotated[Decimal, typer.Option(parser=decimal, metavar="PERCENT", help="3 raises 30.00 to 30.90.")],
    since: Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="The first day.")],
    customer: Annotated[
        list[str] | None, typer.Option("--customer", help="Only these customers; all of the plan's if left out.")
    ] = None,
    next_period: NextPeriod = False,
    note: Annotated[str, typer.Option(help="Why, for people.")] = "",
) -> None:
    """Raise the prices of customers by a percentage, as own terms of each: negotiated prices are raised, too.

    \b
    quarterday subscriptions uplift Gold --percent 3.5 --from 2027-01-01 --next-period
    """
    with at_desk() as desk:
        from quarterday.bills.changeable import held, settled_until
        from quarterday.customers.queries import customers_named
        from quarterday.plans.queries import get_plan
        from quarterday.subscriptions import actions
        from quarterday.subscriptions.queries import subscriptions_of_plan

        ids = [each.pk for each in customers_named(customer)] if customer else None
        chosen = subscriptions_of_plan(get_plan(plan), ids)
        keys = [each.pk for each in chosen]
        written = actions.uplift(
            chosen,
            percent=percent,
            effective_on=since,
            applies="next_period" if next_period else "on_day",
            note=note,
            settled_until=held(lambda: settled_until(keys), subscription_ids=keys),
            by=desk.by,
            now=desk.now,
        )
    typer.echo(f"{len(written)} customers have new prices from {since}.")


def _row(subscription: Any) -> dict[str, Any]:
    names = ("starts_on", "billed_from", "ends_on", "final_period", "billing_day", "offset_days", "due_days", "emails")
    return {
        "id": subscription.pk,
        "customer": subscription.customer.number,
        "name": subscription.customer.name,
        "time_zone": subscription.customer.time_zone,
        "plan": subscription.plan.name,
        "cycle": cycle_name(Cycle(subscription.cycle_every, subscription.cycle_unit)),
        **{name: getattr(subscription, name) for name in names},
        "bill_separately": subscription.bill_separately,
        "review_first_bill": subscription.review_first_bill,
        "po_number": subscription.po_number,
        "continues": subscription.continues_id,
    }
