"""`quarterday users`: who may sign in, as what, and for which customers."""

from __future__ import annotations

from typing import Annotated

import typer

from quarterday.cli._shared import Customers, Fields, Json, at_desk, fields_of, group, show

app = group("Who may sign in, as what, and for which customers.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List users.

    \b
    quarterday users list
    """
    with at_desk():
        from quarterday.accounts.queries import assignments_of, user_list

        users = list(user_list())
        assigned = assignments_of(users)
        rows = [
            {
                "email": user.email,
                "name": user.name,
                "role": user.role,
                "language": user.language,
                "may_sign_in": user.is_active,
                "customers": assigned.get(user.pk, []),
            }
            for user in users
        ]
    columns = {
        "email": "E-mail",
        "name": "Name",
        "role": "Role",
        "may_sign_in": "May sign in",
        "customers": "Customers",
    }
    show(rows, columns, as_json=as_json, empty="Nobody may sign in. Add somebody with `quarterday users add`.")


@app.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option(help="admin, clerk, auditor, customer_admin or contact.")],
    name: Annotated[str, typer.Option(help="As colleagues know them.")] = "",
    language: Annotated[str, typer.Option(help="Of the pages.")] = "en",
    customer: Annotated[
        list[str] | None, typer.Option("--customer", help="Assign this customer; may be said many times.")
    ] = None,
    ask_password: Annotated[bool, typer.Option("--password", help="Ask for a password.")] = False,
) -> None:
    """Let somebody sign in. Without a password they come by a mailed link or a reset.

    \b
    quarterday users add ada@shop.example --role admin --password
    quarterday users add ap@north.example --role contact --customer C-0001
    """
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if ask_password else None
    with at_desk() as desk:
        from quarterday.accounts.actions import create_user
        from quarterday.customers.queries import customers_named

        create_user(
            email=email,
            role=role,
            name=name,
            language=language,
            password=password,
            customers=customers_named(customer or []),
            by=desk.by,
            now=desk.now,
        )
    typer.echo(f"{email} may sign in.")


@app.command()
def change(email: Email, fields: Fields = None) -> None:
    """Change a user's email, name, role or language.

    \b
    quarterday users change ada@shop.example --set role=auditor
    """
    with at_desk() as desk:
        from quarterday.accounts.actions import change_user
        from quarterday.accounts.queries import get_user

        change_user(get_user(email), by=desk.by, now=desk.now, **fields_of(fields or []))
    typer.echo("Saved.")


@app.command()
def password(email: Email) -> None:
    """Give a user another password; it is asked for, and every session they have ends.

    \b
    quarterday users password ada@shop.example
    """
    told = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with at_desk() as desk:
        from quarterday.accounts.actions import set_password
        from quarterday.accounts.queries import get_user

        set_password(get_user(email), password=told, by=desk.by, now=desk.now)
    typer.echo("Saved.")


@app.command()
def assign(
    email: Email,
    customer: Customers,
    remove: Annotated[bool, typer.Option("--remove", help="Hide these customers instead.")] = False,
) -> None:
    """Show customers to a customer admin or contact, from their next request on.

    \b
    quarterday users assign it@partner.example --customer C-0001 --customer C-0002
    quarterday users assign it@partner.example --customer C-0001 --remove
    """
    with at_desk() as desk:
        from quarterday.accounts import actions
        from quarterday.accounts.queries import get_user
        from quarterday.customers.queries import customers_named

        act = actions.unassign if remove else actions.assign
        act(get_user(email), customers_named(customer), by=desk.by, now=desk.now)
    typer.echo("Saved.")


@app.command()
def forget_factor(email: Email) -> None:
    """Take the second factor of a user who lost it: their next sign-in is by password, and sets a new one up.

    Every session they have ends, and the admins are told.

    \b
    quarterday users forget-factor clara@shop.example
    """
    with at_desk() as desk:
        from quarterday.accounts.actions import forget_second_factor
        from quarterday.accounts.queries import get_user

        forget_second_factor(get_user(email), by=desk.by, now=desk.now)
    typer.echo("Taken. They set a new one up at their next sign-in.")


@app.command()
def close(
    email: Email, reopen: Annotated[bool, typer.Option("--reopen", help="Let them in again instead.")] = False
) -> None:
    """Let a user in no more, from their next request on; what they did keeps their name.

    \b
    quarterday users close carl@shop.example
    """
    with at_desk() as desk:
        from quarterday.accounts import actions
        from quarterday.accounts.queries import get_user

        act = actions.reopen_user if reopen else actions.close_user
        act(get_user(email), by=desk.by, now=desk.now)
    typer.echo("Saved.")
