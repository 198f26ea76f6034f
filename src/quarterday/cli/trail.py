"""`quarterday trail`: who did what, from where, with what before and after."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from quarterday.cli._files import whole_file
from quarterday.cli._shared import Json, alone, at_desk, day, show

app = alone()


@app.command()
def trail(
    who: Annotated[str, typer.Option(help="Part of a name, or of the place an act came from.")] = "",
    what: Annotated[str, typer.Option(help="Part of the act, of its subject, or a request's whole id.")] = "",
    customer: Annotated[str, typer.Option(metavar="NUMBER", help="Only what concerns this customer.")] = "",
    since: Annotated[
        date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The first day, in the provider's time zone.")
    ] = None,
    until: Annotated[date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The last day.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 50,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write all of them to this file instead.")] = None,
    as_json: Json = False,
) -> None:
    """Show the audit trail, newest first: every change with its author, what was before and what after.

    `quarterday audit --only seals` proves that no entry was changed since it was sealed.

    \b
    quarterday trail --customer C-0001 --since 2026-05-01
    quarterday trail --who clara --what payment --json
    quarterday trail --csv trail-2026.csv --since 2026-01-01 --until 2026-12-31
    """
    with at_desk() as desk:
        from quarterday.customers.queries import get_customer
        from quarterday.provider.queries import find_provider
        from quarterday.upkeep.trail import Wanted, csv_of_trail, trail_acts

        provider = find_provider()
        zone = provider.time_zone if provider else "UTC"
        wanted = Wanted(
            who=who,
            what=what,
            customer_id=get_customer(customer).pk if customer else None,
            since=_midnight(since, zone) if since else None,
            until=_midnight(until + timedelta(days=1), zone) if until else None,
        )
        if csv is not None:
            with whole_file(csv) as file:
                for piece in csv_of_trail(wanted):
                    file.write(piece.encode())
            typer.echo(f"The trail as of {desk.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC is in {csv}.")
            return
        rows = trail_acts(wanted, limit=limit)
    columns = {
        "at": "When (UTC)",
        "who": "Who",
        "address": "From",
        "act": "Act",
        "subject_kind": "Kind",
        "subject": "What",
        "customer": "Customer",
        "details": "Before and after",
    }
    show(rows, columns, as_json=as_json, empty="Nobody did such a thing.")


def _midnight(of: date, zone: str) -> datetime:
    return datetime.combine(of, time.min, ZoneInfo(zone))
