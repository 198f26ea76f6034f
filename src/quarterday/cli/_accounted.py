"""Where device-days go that no bill counts: a month's conservation, what is unbilled, excepted and paused."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

import typer

from quarterday.cli._device_arguments import FromDay
from quarterday.cli._shared import Json, at_desk, day, print_json, show


def _month(text: str) -> date:
    """Read a month from argv."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise typer.BadParameter(f"{text!r} is not a month: write it like 2026-04.")
    return day(f"{text}-01")


Month = Annotated[
    date | None, typer.Option(parser=_month, metavar="YYYY-MM", help="Which month; the present one if left out.")
]


def conservation(
    month: Month = None,
    customer: Annotated[str, typer.Option(help="Only this customer, by number or name.")] = "",
    as_json: Json = False,
) -> None:
    """Where every device-day of a month went, by customer: the buckets add up to the ledger, or it says where not.

    \b
    quarterday bills conservation --month 2026-04
    quarterday bills conservation --customer C-0007 --json
    """
    with at_desk() as desk:
        from quarterday.bills.conservation import month_of, month_overview
        from quarterday.customers.queries import customers_named

        chosen = [customers_named([customer])[0].pk] if customer else None
        found = month_overview(month_of(month or desk.today()), at=desk.now, customer_ids=chosen)
    rows: list[dict[str, Any]] = [
        {
            "customer": each.customer,
            **each.days,
            "several": each.several,
            "ledger": each.ledger,
            "lost": ", ".join(f"{amount} {currency}" for currency, amount in each.losses.items()),
        }
        for each in found.customers
    ]
    total = {"customer": "All", **found.days, "several": found.several, "ledger": found.ledger}
    total["lost"] = ", ".join(f"{amount} {currency}" for currency, amount in found.losses.items())
    if as_json:
        print_json({"month": f"{found.month.start:%Y-%m}", "customers": rows, "total": total, "faults": found.faults})
    else:
        columns = {
            "customer": "Customer",
            "billed": "Billed",
            "covered": "Not counted",
            "not_due": "Not due",
            "held": "Held",
            "excepted": "Excepted",
            "paused": "Paused",
            "unbilled": "Unbilled",
            "several": "Several plans",
            "ledger": "Ledger",
            "lost": "Lost",
        }
        show([*rows, total] if rows else [], columns, empty="No device was there in this month.")
        for fault in found.faults:
            typer.echo(f"It does not add up: {fault}", err=True)
    if not found.adds_up:
        raise typer.Exit(1)


def unbilled(month: Month = None, as_json: Json = False) -> None:
    """Device-days of a month that no plan of their customer prices, and what they would have brought at usual prices.

    quarterday bills unbilled --month 2026-04
    """
    with at_desk() as desk:
        from quarterday.bills.conservation import month_of, month_overview

        found = month_overview(month_of(month or desk.today()), at=desk.now)
    rows = [
        {
            "customer": each.customer,
            "class": each.device_class,
            "devices": each.device_count,
            "device_days": each.device_days,
            "lost": each.loss,
            "currency": each.currency,
        }
        for each in sorted(found.unbilled, key=lambda each: (each.customer, each.device_class))
    ]
    columns = {
        "customer": "Customer",
        "class": "Class",
        "devices": "Devices",
        "device_days": "Device-days",
        "lost": "Lost",
        "currency": "",
    }
    show(rows, columns, as_json=as_json, empty="Every device has a plan that prices it.")


def exceptions(
    search: Annotated[str, typer.Option(help="Words in the customer's or device's name, or in the reason.")] = "",
    soon: Annotated[bool, typer.Option("--soon", help="Those that are announced as ending.")] = False,
    as_json: Json = False,
) -> None:
    """The register of exceptions: which device is not billed, why, who agreed, until when, and what it costs a month.

    \b
    quarterday devices exceptions
    quarterday devices exceptions --soon
    quarterday provider change --set exception_notice_days=30
    """
    with at_desk() as desk:
        from quarterday.bills.queries import exception_register
        from quarterday.provider.queries import get_provider

        within = get_provider().exception_notice_days if soon else None
        rows = exception_register(today=desk.today(), search=search, within_days=within)
    columns = {
        "id": "No.",
        "customer": "Customer",
        "device": "Device",
        "device_class": "Class",
        "start": "From",
        "end": "Ends before",
        "reason": "Why",
        "agreed_by": "Agreed by",
        "cost": "A month",
        "currency": "",
        "ends_in_days": "Days left",
    }
    show(rows, columns, as_json=as_json, empty="No exception is in force.")


def paused(
    search: Annotated[str, typer.Option(help="Words in the customer's or device's name.")] = "", as_json: Json = False
) -> None:
    """Devices that a plan does not charge because nothing was heard of them.

    quarterday devices paused
    """
    with at_desk() as desk:
        from quarterday.subscriptions.queries import pause_list

        rows = [
            {
                "id": each.pk,
                "customer": each.customer.name,
                "device": each.device.name,
                "plan": each.subscription.plan.name,
                "last_heard": each.silent_since,
                "since": each.valid.lower,
            }
            for each in pause_list(on=desk.today(), search=search)
        ]
    columns = {
        "id": "No.",
        "customer": "Customer",
        "device": "Device",
        "plan": "Plan",
        "last_heard": "Last heard",
        "since": "Paused since",
    }
    show(rows, columns, as_json=as_json, empty="Nothing is paused.")


def unpause(
    number: Annotated[int, typer.Argument(help="The number from quarterday devices paused.")],
    on: FromDay = None,
    whole: Annotated[bool, typer.Option("--whole", help="As if it had never been paused.")] = False,
) -> None:
    """Charge a paused device from a day on, though nothing was heard of it.

    quarterday devices unpause 5 --on 2026-06-01
    """
    with at_desk() as desk:
        from quarterday.subscriptions.actions import end_pause

        first_day = None if whole else on or desk.today()
        end_pause(number, on=first_day, now=desk.now, by=desk.by)
    typer.echo(f"Charged again {f'from {first_day} on' if first_day else 'for all days'}.")
