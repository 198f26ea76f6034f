"""`quarterday devices`: find them, see where they were, and say what a source cannot know."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from quarterday.cli import _accounted as accounted
from quarterday.cli import _device_agreements as agreements
from quarterday.cli._device_arguments import AtCustomer, FromDay, OfSource, Wanted, find
from quarterday.cli._shared import Json, at_desk, day, group, instant, print_json, refuse_backwards, show, show_one

app = group("Devices and their stays.")

for _command in (agreements.replace, agreements.replacements, agreements.decide, agreements.bill_again):
    app.command()(_command)
for _listed in (accounted.exceptions, accounted.paused, accounted.unpause):
    app.command()(_listed)
app.command("except")(agreements.except_)


@app.command("list")
def list_(
    customer: Annotated[str, typer.Option(help="Only this customer's, by number or name.")] = "",
    search: Annotated[str, typer.Option(help="Words in the name, the id or the serial number.")] = "",
    device_class: Annotated[str, typer.Option("--class", help="Only this class, e.g. server.")] = "",
    gone: Annotated[bool, typer.Option("--gone", help="Those that are not there now.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Those there and those gone.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 1000,
    as_json: Json = False,
) -> None:
    """Devices by customer and name.

    \b
    quarterday devices list --customer C-0007
    quarterday devices list --search "FRONT" --all
    """
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.inventory.queries import device_list, device_rows

        devices = device_list(
            customer_id=customers_named([customer])[0].pk if customer else None,
            search=search,
            device_class=device_class,
            present=None if every else not gone,
        )
        rows = device_rows(devices[:limit], today=desk.today())
    columns = {
        "customer": "Customer",
        "name": "Device",
        "device_class": "Class",
        "device_ref": "Id",
        "source": "Source",
        "serial": "Serial",
        "since": "There since",
        "last_seen_at": "Last seen",
        "excepted": "Not billed",
    }
    show(rows, columns, as_json=as_json, empty="No devices. Import them with quarterday inventory import.")


@app.command("show")
def show_(
    device: Wanted,
    customer: AtCustomer = "",
    source: OfSource = "",
    known_at: Annotated[
        datetime | None,
        typer.Option(parser=instant, metavar="INSTANT", help="As it was known then, e.g. 2026-05-01T00:00+02:00."),
    ] = None,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="Also what was known before it was corrected.")
    ] = False,
    as_json: Json = False,
) -> None:
    """One device with all its stays, replacements and exceptions.

    \b
    quarterday devices show FRONT-PC
    quarterday devices show 4711 --known-at 2026-05-01T00:00+02:00
    """
    with at_desk() as desk:
        from quarterday.inventory.queries import device_list, device_rows, device_stays, exceptions_of, replacements_of

        found = find(device, customer, source)
        (row,) = device_rows(device_list(present=None).filter(pk=found.pk), today=desk.today())
        stays = device_stays(found, known_at=known_at, with_corrected=corrected)
        successions = [
            {
                "id": succession.pk,
                "old": succession.old_device.name,
                "new": succession.new_device.name,
                "on": succession.replaced_on,
                "because": succession.because,
                "state": succession.state,
            }
            for succession in replacements_of(found)
        ]
        exempt = [
            {
                "id": exception.pk,
                "first_day": exception.valid.lower,
                "until": exception.valid.upper,
                "reason": exception.reason,
                "agreed_by": exception.agreed_by,
            }
            for exception in exceptions_of(found)
        ]
    if as_json:
        print_json(
            {
                "device": asdict(row),
                "stays": [asdict(stay) for stay in stays],
                "replacements": successions,
                "exceptions": exempt,
            }
        )
        return
    show_one(row)
    columns = {"customer": "Customer", "name": "Name", "device_class": "Class", "start": "From", "end": "Gone on"}
    if corrected:
        columns |= {"known_from": "Known since", "known_until": "Known until"}
    show(stays, {**columns, "why": "Because"}, empty="It was never there.")
    if successions:
        show(successions, {"id": "Replacement", "old": "Old", "new": "New", "on": "On", "state": "State"})
    if exempt:
        show(
            exempt,
            {"id": "Exception", "first_day": "From", "until": "Until", "reason": "Why", "agreed_by": "Agreed by"},
        )


@app.command()
def add(
    customer: Annotated[str, typer.Argument(help="The customer, by number or name.")],
    name: Annotated[str, typer.Argument(help="The device's name.")],
    device_class: Annotated[str, typer.Option("--class", help="computer, server, mobile or one of your own.")],
    device_id: Annotated[
        str, typer.Option("--id", help="An id of your own; made of customer and name if left out.")
    ] = "",
    serial: Annotated[str, typer.Option(help="Its serial number.")] = "",
    on: FromDay = None,
) -> None:
    """Add a device that no source reports. No import ever touches it.

    quarterday devices add C-0007 "Router, cellar" --class server --on 2026-04-01
    """
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.inventory.actions import add_device

        (owner,) = customers_named([customer])
        device = add_device(
            owner,
            name=name,
            device_class=device_class,
            device_ref=device_id,
            serial=serial,
            on=on,
            now=desk.now,
            by=desk.by,
        )
    typer.echo(f"{device.name} is added at {owner.name} as {device.device_class}, with the id {device.external_id}.")


@app.command()
def move(
    device: Wanted,
    to: Annotated[str, typer.Argument(help="The new customer, by number or name.")],
    customer: AtCustomer = "",
    source: OfSource = "",
    on: FromDay = None,
) -> None:
    """Say that a device is at another customer now, whatever its source says. The day belongs to the new one.

    quarterday devices move FRONT-PC C-0008
    """
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.inventory.actions import move_device

        (receiver,) = customers_named([to])
        found = move_device(find(device, customer, source), to=receiver, on=on, now=desk.now, by=desk.by)
    typer.echo(f"{found.name} is at {receiver.name} now, also for later imports.")


@app.command()
def classify(
    device: Wanted,
    device_class: Annotated[str, typer.Argument(metavar="CLASS", help="computer, server, mobile or one of your own.")],
    customer: AtCustomer = "",
    source: OfSource = "",
    on: FromDay = None,
) -> None:
    """Say of which class a device is, whatever its source says.

    quarterday devices classify NAS-1 server
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import set_class

        found = find(device, customer, source)
        found = set_class(found, device_class=device_class, on=on, now=desk.now, by=desk.by)
    typer.echo(f"{found.name} is a {device_class} now, also for later imports.")


@app.command()
def follow(device: Wanted, customer: AtCustomer = "", source: OfSource = "") -> None:
    """Let the source decide again on a device's class and customer, from the next import on.

    quarterday devices follow NAS-1
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import follow_source

        found = follow_source(find(device, customer, source), now=desk.now, by=desk.by)
    typer.echo(f"{found.name} follows its source again.")


@app.command()
def retire(device: Wanted, customer: AtCustomer = "", source: OfSource = "", on: FromDay = None) -> None:
    """Say that a device is gone for good, even if its source goes on to report it.

    quarterday devices retire OLD-PC --on 2026-04-15
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import retire_device

        found = retire_device(find(device, customer, source), on=on, now=desk.now, by=desk.by)
    typer.echo(f"{found.name} is retired. quarterday devices reinstate brings it back.")


@app.command()
def reinstate(device: Wanted, customer: AtCustomer = "", source: OfSource = "", on: FromDay = None) -> None:
    """Bring a retired device back at its last customer.

    quarterday devices reinstate OLD-PC
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import reinstate_device

        found = reinstate_device(find(device, customer, source), on=on, now=desk.now, by=desk.by)
    typer.echo(f"{found.name} is back.")


@app.command()
def correct(
    device: Wanted,
    first_day: Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="The first day.")],
    reason: Annotated[str, typer.Option(help="Why; an auditor will ask.")],
    last_day: Annotated[
        date | None,
        typer.Option("--to", parser=day, metavar="YYYY-MM-DD", help="The last day, included; without it: until now."),
    ] = None,
    at: Annotated[str, typer.Option("--at", help="It was at this customer, by number or name.")] = "",
    absent: Annotated[bool, typer.Option("--absent", help="It was nowhere.")] = False,
    device_class: Annotated[str, typer.Option("--class", help="Of this class; as before if left out.")] = "",
    customer: AtCustomer = "",
    source: OfSource = "",
) -> None:
    """Correct where a device was. Nothing is overwritten, and issued bills stay as they are.

    \b
    quarterday devices correct FRONT-PC --at C-0007 --from 2026-04-03 --to 2026-05-09 --reason "agent was broken"
    quarterday devices correct FRONT-PC --absent --from 2026-04-05 --to 2026-04-09 --reason "in repair"
    """
    if bool(at) == absent:
        raise typer.BadParameter("Say either --at CUSTOMER or --absent.")
    refuse_backwards(first_day, last_day, names=("--from", "--to"))
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.engine.periods import Period
        from quarterday.inventory.actions import correct_presence

        days = Period(first_day, last_day + timedelta(days=1)) if last_day else Period.since(first_day)
        found = correct_presence(
            find(device, customer, source),
            days=days,
            at=customers_named([at])[0] if at else None,
            device_class=device_class or None,
            reason=reason,
            now=desk.now,
            by=desk.by,
        )
    typer.echo(f"{found.name} is corrected. quarterday devices show --corrected also shows what was known before.")
