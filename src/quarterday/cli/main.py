"""The command line: `quarterday COMMAND`, and the list of all commands.

A command's module is imported when the command is run, not before, so that help is quick and `scenario` needs no
Django. A new command is a line in COMMANDS and a module beside this one with a `typer.Typer` named `app`.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from quarterday.cli._errors import in_words

COMMANDS = {
    "demo": ("demo", "Build a sample MSP, bill fourteen months of it, and show what came out."),
    "migrate": ("migrate", "Bring the database up to date."),
    "doctor": ("doctor", "Check the installation, and say the cure for what is wrong."),
    "provider": ("provider", "Ourselves: address, bank, numbering, tax codes, device classes."),
    "users": ("accounts", "Who may sign in, as what, and for which customers."),
    "customers": ("customers", "Who is billed."),
    "plans": ("plans", "Service plans and their prices."),
    "subscriptions": ("subscriptions", "Which customer has which plan."),
    "associate": ("associate", "Associate a plan with customers."),
    "disassociate": ("disassociate", "End customers' association with a plan."),
    "adjustments": ("adjustments", "Other charges and discounts."),
    "inventory": ("inventory", "Import devices, and map unknown customers."),
    "devices": ("devices", "Devices and their stays."),
    "bill": ("bill", "Make the bills that are due."),
    "bills": ("bills", "List, print, export, release and correct bills."),
    "whatif": ("whatif", "What a past period or another price would have cost."),
    "payments": ("payments", "Money received, balances, reminders."),
    "mail": ("mail", "Mail server and outbox."),
    "scenario": ("scenario", "Calculate bills from a scenario file, without a database."),
    "rotate-keys": ("rotate_keys", "Seal kept secrets anew with the newest key."),
    "worker": ("worker", "Work in the background: bill, print, mail, remind."),
    "serve": ("serve", "Serve the pages."),
    "assets": ("assets", "Fetch the pages' style."),
    "audit": ("audit", "Check that every promise of the books holds."),
    "trail": ("trail", "Who did what, from where, and what was before and after."),
    "status": ("status", "How the installation stands: worker, queue, mail, backup."),
    "backup": ("backup", "Write everything into one file."),
    "restore": ("restore", "Fill an empty database from a backup."),
    "drill": ("drill", "Prove that a backup comes back."),
}
"""Command -> the module beside this one that holds its `app`, and what it is for in one sentence."""


@cache
def command_named(name: str) -> Any:
    """A command with all that is below it, read from its module: 20 ms, so it is read once."""
    return typer.main.get_command(import_module(f"quarterday.cli.{COMMANDS[name][0]}").app)


class Commands(TyperGroup):
    """All commands by name and summary; only the one that is run is imported."""

    def __init__(self, **options: Any) -> None:
        options["commands"] = {name: TyperCommand(name, help=summary) for name, (_, summary) in COMMANDS.items()}
        super().__init__(**options)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command by its name, then load what it does."""
        name, _, rest = super().resolve_command(ctx, args)
        assert name is not None
        return name, command_named(name), rest

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse what was typed in another encoding than the terminal's: no name, number or day is written so."""
        for word in args:
            if any("\ud800" <= c <= "\udfff" for c in word):
                ctx.fail(f"{word!a} holds bytes that are no UTF-8 text: write it again, or rename the file.")
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; whatever goes wrong is told in words, never by a stack trace."""
        with in_words():
            return super().invoke(ctx)


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"quarterday {version('quarterday')}")
        raise typer.Exit


@app.callback()
def quarterday(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Billing for managed service providers: every cent traceable to a device and a day.

    Exit codes: 0 done, 1 refused or needs a person, 2 wrong usage.

    \b
    quarterday demo                      a sample MSP to look at
    quarterday doctor                    is everything in place?
    quarterday bill --dry-run            what would be billed now?
    quarterday COMMAND --help            more, with an example
    """


def main() -> None:
    """The console script."""
    # A name that the terminal cannot show must not stop the command that prints it.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
