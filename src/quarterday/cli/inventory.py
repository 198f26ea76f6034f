"""`quarterday inventory`: devices from files, what their sources call our customers, and syncs that wait."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from quarterday.cli._shared import Json, at_desk, day, group, show
from quarterday.cli._sync_report import KINDS, LISTED, refuse_file, report

app = group("Import devices, and map unknown customers.")

SourceName = Annotated[str, typer.Option("--source", help="Only this source's.")]
SyncNumber = Annotated[int, typer.Argument(metavar="SYNC", help="The sync's number, from quarterday inventory syncs.")]


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip() or not value.strip():
        raise typer.BadParameter(f"{text!r} needs an equals sign, such as customer=Kunde.")
    return name.strip(), value.strip()


@app.command("import")
def import_(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="A CSV file, or - for what is piped in.")],
    source: Annotated[str, typer.Option(help="What to call where the file comes from.")] = "csv",
    as_of: Annotated[
        date | None,
        typer.Option(parser=day, metavar="YYYY-MM-DD", help="The day for which the file holds; today if left out."),
    ] = None,
    present_since: Annotated[
        date | None,
        typer.Option(
            parser=day, metavar="YYYY-MM-DD", help="The devices of a customer's first load are there since this day."
        ),
    ] = None,
    delimiter: Annotated[str, typer.Option(help="Found by itself if left out; “tab” for a tab.")] = "",
    encoding: Annotated[str, typer.Option(help="Found by itself if left out, e.g. utf-8, utf-16, cp1252.")] = "",
    column: Annotated[
        list[Any] | None,
        typer.Option(
            parser=_pair,
            metavar="FIELD=COLUMN",
            help="Which column is the customer, device_id, name, class, serial or last_seen, e.g. customer=Kunde.",
        ),
    ] = None,
    meaning: Annotated[
        list[Any] | None,
        typer.Option("--class", parser=_pair, metavar="WORD=CLASS", help="What a word means, e.g. kiosk=computer."),
    ] = None,
    other_classes: Annotated[str, typer.Option(metavar="CLASS", help="The class of everything else.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    confirm_drop: Annotated[
        bool, typer.Option("--confirm-drop", help="Apply it even if a customer loses many devices at once.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take over the devices of a CSV file; it is complete for the customers that it names.

    A wrong file imports nothing, and every bad row is named. Customers that we do not know wait in the mapping list.
    Exit codes: 0 taken over (or shown), 1 held or out of date, 2 the file is wrong.

    \b
    quarterday inventory import devices.csv --dry-run
    quarterday inventory import devices.csv --as-of 2026-03-31 --present-since 2026-01-01
    quarterday inventory import geraete.csv --column customer=Mandant --class kiosk=computer
    """
    with at_desk() as desk:
        from quarterday.connectors.csvfile import CsvOptions, read_csv
        from quarterday.connectors.shape import SourceRefused
        from quarterday.inventory.actions import apply_snapshot, preview_snapshot
        from quarterday.provider.queries import class_names

        options = CsvOptions(
            delimiter="\t" if delimiter in ("tab", "\\t") else delimiter or None,
            encoding=encoding or None,
            columns=dict(column or []),
            class_words=dict(meaning or []),
            class_of_others=other_classes or None,
            **({"classes": tuple(names)} if (names := class_names()) else {}),
        )
        try:
            snapshot = read_csv(file, source=source, taken_at=desk.now, as_of=as_of, options=options)
        except SourceRefused as refused:
            refuse_file(refused, as_json=as_json)
        if dry_run:
            result = preview_snapshot(snapshot, now=desk.now, present_since=present_since)
        else:
            result = apply_snapshot(
                snapshot, now=desk.now, by=desk.by, confirm_drop=confirm_drop, present_since=present_since
            )
    report(result, as_json=as_json)


@app.command()
def syncs(
    source: SourceName = "",
    held: Annotated[bool, typer.Option("--held", help="Only those that wait for a decision.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = LISTED,
    as_json: Json = False,
) -> None:
    """Snapshots that were taken over, held or rejected, the newest first.

    quarterday inventory syncs --held
    """
    with at_desk():
        from quarterday.inventory.queries import sync_rows, sync_runs

        rows = [
            {
                "id": row.id,
                "source": row.source,
                "taken_at": row.taken_at,
                "as_of": row.as_of,
                "state": row.state,
                "devices": row.device_count,
                "changes": {KINDS.get(kind, kind): count for kind, count in row.counts.items()},
                "would_lose": {drop["customer"]: f"{drop['leaving']} of {drop['before']}" for drop in row.drops},
                "by": row.by,
            }
            for row in sync_rows(sync_runs(source=source, state="held" if held else "")[:limit])
        ]
    columns = {
        "id": "Sync",
        "source": "Source",
        "taken_at": "Taken at",
        "as_of": "As of",
        "state": "State",
        "devices": "Devices",
        "changes": "Changes",
        "would_lose": "Large drops",
        "by": "By",
    }
    show(rows, columns, as_json=as_json, empty="No syncs. Begin with quarterday inventory import.")


@app.command()
def confirm(sync: SyncNumber, as_json: Json = False) -> None:
    """Apply a held sync: the devices really are gone, from the day for which it was taken.

    quarterday inventory confirm 12
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import confirm_sync

        result = confirm_sync(sync, now=desk.now, by=desk.by)
    report(result, as_json=as_json)


@app.command()
def reject(sync: SyncNumber) -> None:
    """Throw a held sync away: the source was wrong, and the devices stay as they are.

    quarterday inventory reject 12
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import reject_sync

        reject_sync(sync, now=desk.now, by=desk.by)
    typer.echo(f"Sync {sync} is rejected; nothing was changed.")


@app.command()
def mappings(
    source: SourceName = "",
    unknown: Annotated[bool, typer.Option("--unknown", help="Only those that nobody has decided.")] = False,
    as_json: Json = False,
) -> None:
    """What the sources call our customers. Unknown ones are not billed until they are mapped.

    quarterday inventory mappings --unknown
    """
    with at_desk():
        from quarterday.inventory.queries import mappings as customer_mappings

        rows = [
            {
                "source": row.source.name,
                "name": row.external_name,
                "key": row.external_id,
                "customer": row.customer.number if row.customer else "",
                "customer_name": row.customer.name if row.customer else "ignored" if row.ignored else "unknown",
                "devices": row.device_count,
                "first_seen_at": row.first_seen_at,
            }
            for row in customer_mappings(source=source, unknown=True if unknown else None)
        ]
    columns = {
        "source": "Source",
        "name": "Called there",
        "customer": "No.",
        "customer_name": "Customer",
        "devices": "Devices",
        "first_seen_at": "First seen",
    }
    show(rows, columns, as_json=as_json, empty="Nothing to map.")


@app.command("map")
def map_(
    name: Annotated[str, typer.Argument(help="What the source calls the customer.")],
    customer: Annotated[str, typer.Argument(help="Our customer, by number or name.")],
    source: SourceName = "",
    present_since: Annotated[
        date | None,
        typer.Option(
            parser=day, metavar="YYYY-MM-DD", help="Its devices count since this day; else since the next import."
        ),
    ] = None,
) -> None:
    """Say which customer a source means. Its devices are taken in by the next import.

    quarterday inventory map "N. Dental (HQ)" C-0007 --present-since 2026-04-01
    """
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.inventory.actions import map_customer
        from quarterday.inventory.queries import find_mapping

        (ours,) = customers_named([customer])
        mapping = find_mapping(name, source=source)
        map_customer(mapping.pk, to=ours, present_since=present_since, now=desk.now, by=desk.by)
    typer.echo(
        f"“{name}” of {mapping.source.name} is {ours.name} ({ours.number}). Import again to take its devices in."
    )


@app.command()
def ignore(
    name: Annotated[str, typer.Argument(help="What the source calls the customer.")], source: SourceName = ""
) -> None:
    """Never bill what a source calls so, and do not ask again: our own company, say.

    quarterday inventory ignore "Our own office"
    """
    with at_desk() as desk:
        from quarterday.inventory.actions import ignore_customer
        from quarterday.inventory.queries import find_mapping

        mapping = find_mapping(name, source=source)
        ignore_customer(mapping.pk, now=desk.now, by=desk.by)
    typer.echo(f"“{name}” of {mapping.source.name} is ignored.")


@app.command()
def freshness(
    customer: Annotated[str, typer.Option(help="Only this customer, by number or name.")] = "", as_json: Json = False
) -> None:
    """Up to when each source has told us everything about each customer. Bills wait for a source that fell silent.

    quarterday inventory freshness
    """
    with at_desk():
        from quarterday.customers.queries import customer_list, customers_named
        from quarterday.inventory.queries import freshness as how_fresh

        listed = {row.pk: row for row in (customers_named([customer]) if customer else customer_list())}
        rows = [
            {
                "number": listed[row.customer_id].number,
                "customer": listed[row.customer_id].name,
                "source": row.source,
                "complete_at": row.complete_at,
                "devices": row.device_count,
            }
            for row in how_fresh(list(listed))
        ]
    columns = {
        "number": "No.",
        "customer": "Customer",
        "source": "Source",
        "complete_at": "Complete up to",
        "devices": "Devices",
    }
    show(rows, columns, as_json=as_json, empty="No devices yet. Begin with quarterday inventory import.")
