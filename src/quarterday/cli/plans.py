"""`quarterday plans`: service plans and their prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer

from quarterday.cli._shared import (
    Fields,
    Json,
    Prices,
    at_desk,
    day,
    decimal,
    fields_of,
    group,
    price_words,
    prices_of,
    show,
    show_one,
)

app = group("Service plans and their prices.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The plan's name.")]
Since = Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="The first day of the terms.")]


@app.command("list")
def list_(
    search: Annotated[str, typer.Option(help="Part of the name.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those that are offered no longer.")] = False,
    as_json: Json = False,
) -> None:
    """List plans with their prices of today and their customers.

    \b
    quarterday plans list
    """
    with at_desk() as desk:
        from quarterday.subscriptions.queries import plan_overview

        rows = [
            {
                "name": each.plan.name,
                "currency": each.plan.currency,
                "timing": each.plan.timing,
                "counting": each.plan.counting,
                "prices": each.version.prices if each.version else {},
                "flat_fee": price_words(each.version.flat_fee if each.version else None, each.plan.currency),
                "customers": each.customer_count,
                "next_change": min((version.effective_on for version in each.upcoming), default=None),
            }
            for each in plan_overview(today=desk.today(), search=search, archived=archived)
        ]
    told = [{**row, "prices": _prices_in_words(row["prices"])} for row in rows]
    columns = {
        "name": "Plan",
        "currency": "Currency",
        "timing": "Timing",
        "counting": "Counts",
        "flat_fee": "Flat fee",
        "customers": "Customers",
        "next_change": "Next change",
        "prices": "Prices",
    }
    empty = "No plans. Make one with `quarterday plans add`."
    show(rows if as_json else told, columns, as_json=as_json, empty=empty)


@app.command("show")
def show_plan(name: Name, as_json: Json = False) -> None:
    """Show a plan with all its versions.

    \b
    quarterday plans show Gold
    """
    with at_desk():
        from quarterday.plans.queries import get_plan, versions_of

        plan = get_plan(name)
        versions = [
            {
                "from": version.effective_on,
                "applies": version.applies,
                "prices": version.prices,
                "flat_fee": price_words(version.flat_fee, plan.currency),
                "note": version.note,
            }
            for version in versions_of([plan]).get(plan.pk, [])
        ]
        names = (
            *("name", "description", "currency", "timing", "counting"),
            *("late_policy", "pause_after_days", "archived_on"),
        )
        told = {field: getattr(plan, field) for field in names}
    if as_json:
        show_one({**told, "versions": versions}, as_json=True)
        return
    show_one(told)
    words = [{**version, "prices": _prices_in_words(version["prices"])} for version in versions]
    show(words, {"from": "From", "applies": "Applies", "prices": "Prices", "flat_fee": "Flat fee", "note": "Note"})


@app.command()
def add(
    name: Name,
    currency: Annotated[str, typer.Option(help="Three letters: EUR.")],
    since: Since,
    price: Prices = None,
    flat_fee: Annotated[Decimal, typer.Option(parser=decimal, metavar="AMOUNT", help="Per period.")] = Decimal(0),
    timing: Annotated[str, typer.Option(help="arrears or advance.")] = "arrears",
    counting: Annotated[
        str, typer.Option(help="at_end (usual in arrears), at_start, peak, any_day, prorated (usual in advance).")
    ] = "",
    late_policy: Annotated[str, typer.Option(help="What is learned late: ask, catch_up or forgive.")] = "ask",
    pause_after_days: Annotated[
        int | None,
        typer.Option(help="Do not charge a device that was silent for so many days; never if left out."),
    ] = None,
    description: Annotated[str, typer.Option(help="For people.")] = "",
) -> None:
    """Make a plan.

    \b
    quarterday plans add "Complete Care" --currency EUR --from 2026-01-01 --price computer=30.00 --price server=90.00
    quarterday plans add Silver --currency EUR --from 2026-01-01 --flat-fee 49 \\
        --price 'computer={"tiers": {"mode": "volume", "steps": [[50, "25.00"], [null, "22.00"]]}, "minimum": 5}'
    """
    prices = prices_of(price or [])
    with at_desk() as desk:
        from quarterday.plans.actions import create_plan

        create_plan(
            name=name,
            currency=currency,
            effective_on=since,
            prices=prices,
            flat_fee=flat_fee,
            timing=timing,
            counting=counting,
            late_policy=late_policy,
            pause_after_days=pause_after_days,
            description=description,
            by=desk.by,
            now=desk.now,
        )
    typer.echo(f"Made the plan {name}. Next: `quarterday associate`.")


@app.command()
def change(name: Name, fields: Fields = None) -> None:
    """Change a plan's name, description, late_policy or pause_after_days. Prices: `plans modify`.

    \b
    quarterday plans change Gold --set late_policy=catch_up
    quarterday plans change Gold --set pause_after_days=30
    """
    with at_desk() as desk:
        from quarterday.plans.actions import change_plan
        from quarterday.plans.queries import get_plan

        change_plan(get_plan(name), by=desk.by, now=desk.now, **fields_of(fields or []))
    typer.echo("Saved.")


@app.command()
def modify(
    name: Name,
    since: Since,
    price: Prices = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="CLASS", help="Charge this class no longer.")
    ] = None,
    flat_fee: Annotated[
        Decimal | None, typer.Option(parser=decimal, metavar="AMOUNT", help="Per period; as it is if left out.")
    ] = None,
    next_period: Annotated[
        bool, typer.Option("--next-period", help="From each customer's next period, instead of in the middle of one.")
    ] = False,
    note: Annotated[str, typer.Option(help="Why, for people.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show whom it touches, and save nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Give a plan new prices from a day on; classes that are not named keep theirs. Shows every period it touches.

    \b
    quarterday plans modify Gold --from 2026-06-01 --price computer=32.00 --dry-run
    quarterday plans modify Gold --from 2026-06-01 --price computer=32.00 --next-period
    """
    named = prices_of(price or [])
    with at_desk() as desk:
        from quarterday.bills.changeable import held, plan_settled_until
        from quarterday.plans.actions import draft_version, modify_plan
        from quarterday.plans.queries import get_plan, version_on, versions_of
        from quarterday.subscriptions.queries import effects_of_version

        plan = get_plan(name)
        before = version_on(versions_of([plan]).get(plan.pk, []), since)
        prices = {**(before.prices if before else {}), **named}
        for device_class in drop or []:
            prices.pop(device_class, None)
        terms: dict[str, Any] = {
            "effective_on": since,
            "prices": prices,
            "applies": "next_period" if next_period else "on_day",
            "flat_fee": flat_fee if flat_fee is not None else (before.flat_fee if before else Decimal(0)),
            "flat_fee_tax_code": before.flat_fee_tax_code if before else "standard",
            "note": note,
        }
        version = draft_version(plan, now=desk.now, **terms)
        rows = [
            {
                "customer": effect.subscription.customer.number,
                "name": effect.subscription.customer.name,
                "period_start": effect.period.served.start,
                "period_end": effect.period.served.end,
                "new_prices_from": effect.from_day,
                "billed_on": effect.billing_on,
            }
            for effect in effects_of_version(version)
        ]
        if not dry_run:
            settled = held(lambda: plan_settled_until(plan), plan=plan)
            modify_plan(plan, settled_until=settled, by=desk.by, now=desk.now, **terms)
    columns = {
        "customer": "Customer",
        "name": "Name",
        "period_start": "Period from",
        "period_end": "to",
        "new_prices_from": "New prices from",
        "billed_on": "Billed on",
    }
    show(rows, columns, as_json=as_json, empty="No customer has this plan on or after that day.")
    if not as_json:
        typer.echo("Nothing was saved." if dry_run else f"{name} has new prices from {since}.")


@app.command()
def withdraw(name: Name, since: Since) -> None:
    """Take back a version that has charged nothing yet.

    \b
    quarterday plans withdraw Gold --from 2026-06-01
    """
    with at_desk() as desk:
        from quarterday.bills.changeable import held, plan_version_is_used
        from quarterday.plans.actions import withdraw_version
        from quarterday.plans.queries import get_plan, get_version

        plan = get_plan(name)
        version = get_version(plan, since)
        is_used = held(lambda: plan_version_is_used(version.pk), plan=plan)
        withdraw_version(version, is_used=is_used, by=desk.by, now=desk.now)
    typer.echo("Withdrawn.")


@app.command()
def archive(name: Name) -> None:
    """Offer a plan no longer; customers who have it keep it.

    \b
    quarterday plans archive Gold
    """
    with at_desk() as desk:
        from quarterday.plans.actions import archive_plan
        from quarterday.plans.queries import get_plan

        archive_plan(get_plan(name), on=desk.today(), by=desk.by, now=desk.now)
    typer.echo("Archived.")


@app.command()
def restore(name: Name) -> None:
    """Offer an archived plan again.

    \b
    quarterday plans restore Gold
    """
    with at_desk() as desk:
        from quarterday.plans.actions import restore_plan
        from quarterday.plans.queries import get_plan

        restore_plan(get_plan(name), by=desk.by, now=desk.now)
    typer.echo("Restored.")


def _prices_in_words(prices: Mapping[str, Any]) -> str:
    return ", ".join(f"{device_class} {_price_in_words(price)}" for device_class, price in prices.items())


def _price_in_words(price: Mapping[str, Any]) -> str:
    if "tiers" in price:
        steps = price["tiers"]["steps"]
        words = f"{price['tiers']['mode']} " + " / ".join(
            f"{amount} to {bound}" if bound is not None else f"{amount} above" for bound, amount in steps
        )
    else:
        words = price["unit_price"]
    extras = [f"{name} {price[name]}" for name in ("minimum", "included") if price.get(name)]
    return f"{words} ({', '.join(extras)})" if extras else str(words)
