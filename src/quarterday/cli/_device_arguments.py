"""How a device is named on the command line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from quarterday.cli._shared import day

if TYPE_CHECKING:
    from quarterday.inventory.queries import Device

Wanted = Annotated[str, typer.Argument(metavar="DEVICE", help="The device's id at its source, or its name.")]
AtCustomer = Annotated[str, typer.Option("--customer", help="If several are called so: the customer's number or name.")]
OfSource = Annotated[str, typer.Option("--source", help="If several are called so: the source's name.")]
FromDay = Annotated[
    date | None,
    typer.Option(
        "--on", parser=day, metavar="YYYY-MM-DD", help="The first day on which this holds; today if left out."
    ),
]


def find(wanted: str, customer: str = "", source: str = "") -> Device:
    """The device by id or name, at a desk; NotFound or Refused with the cure."""
    from quarterday.customers.queries import customers_named
    from quarterday.inventory.queries import find_device

    return find_device(wanted, source=source, customer_id=customers_named([customer])[0].pk if customer else None)
