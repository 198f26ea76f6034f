"""What is agreed about a device's bill: it replaces another, or is not billed for a while."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import typer

from quarterday.cli._device_arguments import AtCustomer, FromDay, OfSource, Wanted, find
from quarterday.cli._shared import Json, at_desk, day, refuse_backwards, show


def replace(
    old: Annotated[str, typer.Argument(help="The old device, by id or name.")],
    new: Annotated[str, typer.Argument(help="The device that took its place, by id or name.")],
    customer: AtCustomer = "",
    source: OfSource = "",
    on: Annotated[
        date | None,
        typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="Since when; since the new one came if left out."),
    ] = None,
) -> None:
    """Say that one device took another's place, so that both count as one.

    quarterday devices replace OLD-PC NEW-PC --customer C-0007
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import replace_device

        replaced = replace_device(
            find(old, customer, source), new=find(new, customer, source), on=on, now=desk.now, by=desk.by
        )
    typer.echo(f"{new} took the place of {old} on {replaced.replaced_on}; they count as one.")


def replacements(
    look: Annotated[bool, typer.Option("--look", help="Look for devices that are there twice first.")] = False,
    as_json: Json = False,
) -> None:
    """Replacements and doubles that were proposed, because name or serial number are the same, and wait for a decision.

    \b
    quarterday devices replacements
    quarterday devices replacements --look
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import propose_doubles
        from quarterday.inventory.queries import proposed_replacements

        if look:
            propose_doubles(now=desk.now, by=desk.by)
        rows = [
            {
                "id": row.pk,
                "customer": row.customer.name,
                "old": row.old_device.name,
                "old_id": row.old_device.external_id,
                "new": row.new_device.name,
                "new_id": row.new_device.external_id,
                "on": row.replaced_on,
                "because": row.because,
            }
            for row in proposed_replacements()
        ]
    columns = {
        "id": "No.",
        "customer": "Customer",
        "old": "Old",
        "old_id": "Id",
        "new": "New",
        "new_id": "Id",
        "on": "Since",
        "because": "Same",
    }
    show(rows, columns, as_json=as_json, empty="No replacement waits for a decision.")


def decide(
    number: Annotated[int, typer.Argument(help="The number from quarterday devices replacements.")],
    accept: Annotated[bool, typer.Option("--accept/--reject", help="One device (accept) or two (reject)?")],
) -> None:
    """Accept a proposed replacement (both count as one) or reject it (they are two).

    quarterday devices decide 3 --accept
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import decide_replacement

        decide_replacement(number, accept=accept, now=desk.now, by=desk.by)
    typer.echo("They count as one." if accept else "They count as two.")


def except_(
    device: Wanted,
    reason: Annotated[str, typer.Option(help="Why it is not billed.")],
    agreed_by: Annotated[str, typer.Option("--agreed-by", help="Who agreed.")],
    first_day: Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="The first day.")],
    last_day: Annotated[
        date | None,
        typer.Option("--to", parser=day, metavar="YYYY-MM-DD", help="The last day, included; without it: until ended."),
    ] = None,
    customer: AtCustomer = "",
    source: OfSource = "",
) -> None:
    """Do not bill a device for a while. It stays in the ledger, and the exception in every report.

    quarterday devices except LOAN-PC --from 2026-04-01 --to 2026-06-30 --reason "on loan" --agreed-by "Ms Dent"
    """
    refuse_backwards(first_day, last_day, names=("--from", "--to"))
    with at_desk() as desk:
        from quarterday.engine.periods import Period
        from quarterday.inventory.actions import except_device

        found = find(device, customer, source)
        days = Period(first_day, last_day + timedelta(days=1)) if last_day else Period.since(first_day)
        exception = except_device(found, days=days, reason=reason, agreed_by=agreed_by, now=desk.now, by=desk.by)
    until = f"to {last_day}" if last_day else f"until quarterday devices bill-again {exception.pk}"
    typer.echo(f"{found.name} is not billed from {first_day} {until} (exception {exception.pk}).")


def bill_again(
    number: Annotated[int, typer.Argument(help="The exception's number, from quarterday devices show.")],
    on: FromDay = None,
    whole: Annotated[bool, typer.Option("--whole", help="Take it back as if it had never been agreed.")] = False,
) -> None:
    """End an exception: the device is billed again from a day on.

    quarterday devices bill-again 5 --on 2026-06-01
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import end_exception

        first_day = None if whole else on or desk.today()
        end_exception(number, on=first_day, now=desk.now, by=desk.by)
    typer.echo(f"Billed again {f'from {first_day} on' if first_day else 'for all days'}.")
