"""`quarterday adjustments`: other charges and discounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer

from quarterday.cli._shared import Json, at_desk, day, decimal, group, show

app = group("Other charges and discounts.")


@app.command("list")
def list_(
    customer: Annotated[str, typer.Option(help="Only this customer's, by number or name.")] = "",
    cancelled: Annotated[bool, typer.Option("--cancelled", help="Those that were cancelled.")] = False,
    as_json: Json = False,
) -> None:
    """List other charges and discounts.

    \b
    quarterday adjustments list --customer C-0001
    """
    with at_desk():
        from quarterday.customers.queries import customers_named
        from quarterday.subscriptions.queries import adjustment_list

        customer_id = customers_named([customer])[0].pk if customer else None
        rows = [_row(each) for each in adjustment_list(customer_id=customer_id, cancelled=cancelled)]
    columns = {
        "id": "ID",
        "customer": "Customer",
        "text": "Text",
        "charge": "Charge",
        "plan": "Only on",
        "starts_on": "From",
        "until": "Before",
        "times": "Times",
    }
    show(rows, columns, as_json=as_json, empty="None. Add one with `quarterday adjustments add`.")


@app.command()
def add(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Number or name.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the bill says.")],
    amount: Annotated[
        Decimal | None, typer.Option(parser=decimal, metavar="AMOUNT", help="An amount; below 0 a discount.")
    ] = None,
    percent: Annotated[
        Decimal | None, typer.Option(parser=decimal, metavar="PERCENT", help="Of the other lines; below 0 a discount.")
    ] = None,
    unit_price: Annotated[
        Decimal | None, typer.Option(parser=decimal, metavar="PRICE", help="The price of one, with --quantity.")
    ] = None,
    quantity: Annotated[Decimal | None, typer.Option(parser=decimal, metavar="NUMBER", help="How many.")] = None,
    starts: Annotated[
        date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="On bills from this day; today if left out.")
    ] = None,
    until: Annotated[
        date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="On bills before this day.")
    ] = None,
    times: Annotated[
        int | None, typer.Option(help="On so many bills; on one if nothing is said, on all before --until.")
    ] = None,
    without_end: Annotated[bool, typer.Option("--without-end", help="On every bill until it is cancelled.")] = False,
    subscription: Annotated[int | None, typer.Option(help="Only on this subscription's bills.")] = None,
    tax_code: Annotated[str, typer.Option(help="How it is taxed.")] = "standard",
) -> None:
    """Add a charge or a discount, which waits for the customer's next bill.

    \b
    quarterday adjustments add C-0001 "Onboarding" --amount 100
    quarterday adjustments add C-0001 "Loyalty" --percent -5 --times 12
    quarterday adjustments add C-0001 "Backup seats" --quantity 4 --unit-price 6 --without-end
    """
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.subscriptions.actions import add_adjustment
        from quarterday.subscriptions.queries import get_subscription

        (owner,) = customers_named([customer])
        added = add_adjustment(
            owner,
            text=text,
            starts_on=starts or desk.today(owner.time_zone),
            until=until,
            times=times if times is not None or without_end or until else 1,
            amount=amount,
            percent=percent,
            unit_price=unit_price,
            quantity=quantity,
            subscription=get_subscription(subscription) if subscription is not None else None,
            tax_code=tax_code,
            by=desk.by,
            now=desk.now,
        )
    typer.echo(f"Added as {added.pk}; it goes on the next bill from {added.starts_on}.")


@app.command()
def cancel(adjustment_id: Annotated[int, typer.Argument(metavar="ID", help="From `adjustments list`.")]) -> None:
    """Let a charge or discount go on no further bill.

    \b
    quarterday adjustments cancel 3
    """
    with at_desk() as desk:
        from quarterday.subscriptions.actions import cancel_adjustment
        from quarterday.subscriptions.queries import get_adjustment

        cancel_adjustment(get_adjustment(adjustment_id), by=desk.by, now=desk.now)
    typer.echo("Cancelled.")


def _row(adjustment: Any) -> dict[str, Any]:
    if adjustment.amount is not None:
        charge = f"{adjustment.amount.normalize():f} {adjustment.currency}"
    elif adjustment.percent is not None:
        charge = f"{adjustment.percent.normalize():f} %"
    else:
        charge = f"{adjustment.quantity.normalize():f} x {adjustment.unit_price.normalize():f} {adjustment.currency}"
    names = ("amount", "percent", "quantity", "unit_price", "tax_code", "starts_on", "until", "times", "created_by")
    return {
        "id": adjustment.pk,
        "customer": adjustment.customer.number,
        "text": adjustment.text,
        "charge": charge,
        "subscription": adjustment.subscription_id,
        "plan": adjustment.subscription.plan.name if adjustment.subscription else None,
        "currency": adjustment.currency,
        **{name: getattr(adjustment, name) for name in names},
    }
