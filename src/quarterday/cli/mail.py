"""`quarterday mail`: the provider's mail server, and what waits to be sent."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from quarterday.cli._shared import Json, at_desk, clock, command_line, group, set_up, show, show_one

app = group("Mail server and outbox.")

PASSWORD_VARIABLE = "QUARTERDAY_MAIL_PASSWORD"  # noqa: S105  # the variable's name


@app.command()
def configure(
    host: Annotated[str, typer.Option(help="The server's name, e.g. smtp.example.com.")],
    sender: Annotated[str, typer.Option(help="The address that bills come from.")],
    port: Annotated[int, typer.Option(help="587 is usual with starttls, 465 with tls.")] = 587,
    security: Annotated[str, typer.Option(help="starttls, tls, or none.")] = "starttls",
    username: Annotated[str, typer.Option(help="The user to sign in as, if the server asks for one.")] = "",
    sender_name: Annotated[str, typer.Option(help="The name beside the sender's address.")] = "",
    reply_to: Annotated[str, typer.Option(help="Where answers go, if not to the sender.")] = "",
    ask_password: Annotated[bool, typer.Option("--password", help="Ask for the password.")] = False,
) -> None:
    """Set the mail server. The password is asked for, or read from QUARTERDAY_MAIL_PASSWORD; it is kept encrypted.

    quarterday mail configure --host smtp.example.com --sender bills@example.com --username msp --password

    Then send a test mail: nothing else is mailed before one has gone out.
    """
    password = os.environ.get(PASSWORD_VARIABLE)
    if ask_password and password is None:
        password = typer.prompt("Password", hide_input=True)
    with at_desk() as desk:
        from quarterday.outbox.actions import configure_mail

        server = configure_mail(
            host=host,
            port=port,
            security=security,
            username=username,
            password=password,
            sender_name=sender_name,
            sender_address=sender,
            reply_to=reply_to,
            now=desk.now,
            by=desk.by,
        )
    typer.echo(f"Saved {server.host}:{server.port}. Now run: quarterday mail test --to you@example.com")


@app.command()
def test(to: Annotated[str, typer.Option(help="Where to send the test mail.")]) -> None:
    """Send a test mail and show what the server answers; only its 250 opens the post room.

    quarterday mail test --to me@example.com
    """
    set_up()
    from quarterday.outbox.actions import send_test_mail

    answer = send_test_mail(to=to, now=clock(), by=command_line())
    typer.echo(f"The server took it: {answer.text}" if answer.state == "sent" else f"Not sent. {answer.text}")
    if answer.state != "sent":
        raise typer.Exit(1)


@app.command()
def send() -> None:
    """Send all mail that is due now, as the worker does.

    quarterday mail send
    """
    set_up()
    from quarterday.outbox.queries import mail_is_ready, next_mail
    from quarterday.outbox.sending import rescue, send_due
    from quarterday.shared.database import acting
    from quarterday.shared.scope import Scope

    with acting(Scope.all()):
        ready = mail_is_ready()
    if not ready:
        typer.echo(
            "No test mail has gone out with the present settings: run quarterday mail test --to ADDRESS.", err=True
        )
        raise typer.Exit(1)
    rescue(now=clock())
    ended = send_due(clock=clock, batches=1_000_000)
    typer.echo(", ".join(f"{count} {state}" for state, count in sorted(ended.items())) or "Nothing was due.")
    with acting(Scope.all()):
        later, first = next_mail(clock())
    if later:
        when = f"the first one at {first:%Y-%m-%d %H:%M} UTC, in its customer's hours" if first else "for their prints"
        typer.echo(f"{later} wait, {when}: `quarterday mail list` shows them.")
    if ended["failed"] or ended["unclear"]:
        raise typer.Exit(1)


@app.command("list")
def list_(
    as_json: Json = False,
    state: Annotated[str, typer.Option(help="Only deliveries in this state, e.g. failed.")] = "",
    limit: Annotated[int, typer.Option(help="At most this many, newest first.")] = 50,
) -> None:
    """Each message to each address: its state, and the server's last answer.

    quarterday mail list --state failed
    """
    with at_desk():
        from quarterday.outbox.queries import recent_deliveries

        rows = recent_deliveries(state=state, limit=limit)
    columns = {
        "id": "No.",
        "customer": "Customer",
        "kind": "Kind",
        "address": "To",
        "subject": "Subject",
        "state": "State",
        "attempts": "Tries",
        "response": "Answer",
    }
    show(rows, columns, as_json=as_json, empty="No mail yet.")


@app.command("show")
def show_(as_json: Json = False) -> None:
    """The mail server's settings (never the password), and how many deliveries are in which state.

    quarterday mail show
    """
    with at_desk():
        from quarterday.outbox.queries import mail_server, outbox_states

        server, states = mail_server(), outbox_states()
    if server is None:
        typer.echo("No mail server is set: run quarterday mail configure --help.", err=True)
        raise typer.Exit(1)
    settings = {
        "host": server.host,
        "port": server.port,
        "security": server.security,
        "username": server.username,
        "password": "set" if server.password_encrypted else "none",
        "sender": server.sender_address,
        "tested_at": server.tested_at,
        "last_answer": server.test_response,
        "outbox": states,
    }
    show_one(settings, as_json=as_json)


@app.command()
def resend(
    delivery: Annotated[int, typer.Argument(help="The number of a delivery, from quarterday mail list.")],
    to: Annotated[list[str] | None, typer.Option(help="Another address; may be given several times.")] = None,
) -> None:
    """Send a message again: a failed or unclear delivery is tried once more, one that was sent is sent as a copy.

    quarterday mail resend 17 --to accounts@customer.example
    """
    with at_desk() as desk:
        from quarterday.outbox.actions import resend as resend_delivery

        told = resend_delivery(delivery, to=to, now=desk.now, by=desk.by)
    typer.echo(told)


@app.command("take-back")
def take_back(
    delivery: Annotated[int, typer.Argument(help="The number of a delivery, from quarterday mail list.")],
) -> None:
    """Let a mail not leave that has not left yet; its bill stays issued, and can be mailed again later.

    quarterday mail take-back 17
    """
    with at_desk() as desk:
        from quarterday.outbox.actions import take_back as take_back_delivery

        take_back_delivery(delivery, now=desk.now, by=desk.by)
    typer.echo("It will not leave.")
