"""`quarterday serve`: the pages."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer

from quarterday.cli._shared import alone

app = alone()


class CannotServe(Exception):
    """The pages cannot be served; the message says the cure."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes.")] = 1,
) -> None:
    """Serve the pages; stop with Ctrl-C. Bills are made and mailed by `quarterday worker`.

    Behind a proxy with a certificate, say QUARTERDAY_PUBLIC_ADDRESS (the site) and QUARTERDAY_TRUSTED_PROXIES.

    \b
    quarterday serve
    quarterday serve --host 0.0.0.0 --port 8080 --workers 2
    """
    serve_pages(host=host, port=port, workers=workers)


def serve_pages(*, host: str, port: int, workers: int = 1) -> None:
    """Serve until Ctrl-C; raises CannotServe with the cure where the port or the database is not ready."""
    from quarterday.config.guard import refuse_unsafe
    from quarterday.config.start import prepare

    settings = prepare()
    refuse_unsafe(settings)
    _bring_up_to_date(embedded=settings.embedded)
    ip_address = _free_address(host, port)
    see_to_assets(settings.data_folder / "assets")
    # A passkey belongs to a name and never to a number, so the address of this machine is told by its name.
    name = "localhost" if ip_address in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104
    here = f"http://{name}:{port}"
    address = settings.public_address.rstrip("/") or here
    _tell_first_admin(f"{address}/")
    listening = "" if address == here else f", and listens at {here}/"
    typer.echo(f"Quarterday is at {address}/{listening}   Stop it with Ctrl-C.")

    from granian.constants import Interfaces, Loops
    from granian.server import Server

    # A bill that is looked at is rendered in the answer's thread, so a few of them may work at once.
    Server(
        "quarterday.config.wsgi:application",
        address=ip_address,
        port=port,
        interface=Interfaces.WSGI,
        loop=Loops.asyncio,
        workers=workers,
        blocking_threads=4,
        log_enabled=False,
    ).serve()


def see_to_assets(folder: Path) -> None:
    """Fetch the pages' style if it is missing; where it cannot be had, say so and go on without."""
    from quarterday.web.assets import AssetsMissing, fetch, is_fetched

    if is_fetched(folder):
        return
    typer.echo("Fetching the pages' style, once …")
    try:
        fetch(folder, timeout=120)
    except AssetsMissing as missing:
        reason = str(missing).strip().splitlines()[0]
        typer.echo(
            f"It could not be fetched ({reason}). The pages work without it, and look plain: run `quarterday assets`"
            " when the network is back, then start again.",
            err=True,
        )


def _bring_up_to_date(*, embedded: bool) -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    if not missing:
        return
    if not embedded:
        raise CannotServe(f"The database is not up to date ({len(missing)} steps): run `quarterday migrate` first.")
    from quarterday.config.database import migrate

    migrate(verbosity=0)


def _free_address(host: str, port: int) -> str:
    """The number of a name; CannotServe if the port is taken, since the server's own processes would only end."""
    try:
        family, kind, _protocol, _name, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(place)
    except OSError as error:
        another = "another one with --port" if host == "127.0.0.1" else "another with --host and --port"
        raise CannotServe(f"{host}:{port} cannot be used ({error.strerror}): choose {another}.") from None
    return str(place[0])


def _tell_first_admin(address: str) -> None:
    """An installation without users says how the first one is made; whoever reads this terminal may do it."""
    from django.db import connection

    from quarterday.accounts.queries import user_list
    from quarterday.web.sign_in.first_admin import code

    if not user_list().exists():
        typer.echo(f"Nobody can sign in yet. Make the first admin at {address}first/ with the code {code()}")
    connection.close()
