"""`quarterday demo`: a sample MSP to look at."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quarterday.cli._shared import alone, clock
from quarterday.engine.money import digits_of

if TYPE_CHECKING:
    from quarterday.demo.build import DemoReport, Progress

app = alone()

TRY_NEXT = (
    ("bills list", "the newest bills, and how each stands"),
    ("bill --dry-run", "what would be billed now?"),
    ("payments balances", "who owes what"),
    ("audit", "do the books hold?"),
)


def _stage(text: str) -> str:
    if text.isdigit() and 0 <= int(text) <= 14:
        return text
    try:
        date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a number of months (0 to 14) nor a day like 2026-04-30."
        ) from None
    return text


@app.command()
def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Build and print, do not serve the pages.")] = False,
    stage: Annotated[
        str | None,
        typer.Option(
            parser=_stage,
            metavar="MONTHS|DAY",
            help="Stop the story after so many months, or on a day; what is due since then, `audit` names.",
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Build it again even if it stands.")] = False,
    port: Annotated[int, typer.Option(help="The port of the pages.")] = 8765,
) -> None:
    """Build a sample MSP with twelve customers, bill fourteen months of it, and show what came out.

    It is made with the actions and files that you would use, on a real PostgreSQL and a real mail server; mails are
    written as files. A database with real data is left alone.

    \b
    quarterday demo
    quarterday demo --stage 3 --no-serve      the first three months only
    """
    from quarterday.config.start import prepare

    settings = prepare(set_up_database=True, make_keys=True)
    from quarterday.config import database
    from quarterday.demo import build

    today = clock().date()
    folder = settings.data_folder / "demo"
    last = _last_day(stage, build.story_start(today))
    has_tables = database.has_tables()
    if has_tables:
        build.check_replaceable()
    stands = build.standing(folder, last) if has_tables and not fresh else None
    if stands is None:
        database.empty()
        database.migrate(verbosity=0)
        report = _build_with_progress(folder, today, last)
    else:
        database.migrate(verbosity=0)
        typer.echo(f"The demo stands already, lived until {stands['until']} (build it again with --fresh).")
        report = build.report(folder, **stands)
    _tell(report)
    if not no_serve:
        from quarterday.cli.serve import serve_pages

        # Everybody may know the demo's password, so no second factor is asked for; the serving processes read it.
        os.environ["QUARTERDAY_DEMO"] = "true"
        serve_pages(host="127.0.0.1", port=port)


def _last_day(stage: str | None, start: date) -> date | None:
    """The day after which the story stops; month n ends on the second day of the next, when it has been billed."""
    if stage is None:
        return None
    if not stage.isdigit():
        return date.fromisoformat(stage)
    from quarterday.engine.periods import MONTHLY, boundary

    return boundary(start, MONTHLY, int(stage)).replace(day=2)


def _build_with_progress(folder: Path, today: date, last: date | None) -> DemoReport:
    from rich.console import Console

    from quarterday.demo.build import build

    with _bar() if Console().is_terminal else _a_line_a_month() as advance:
        return build(folder, today=today, stage=last, progress=advance)


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich import progress

    columns = (
        *(progress.TextColumn("Living the story: {task.description:>15}"), progress.BarColumn()),
        *(progress.MofNCompleteColumn(), progress.TextColumn("days"), progress.TimeElapsedColumn()),
    )
    with progress.Progress(*columns) as bar:
        task = bar.add_task("the first day", total=None)
        yield lambda done, total, month: bar.update(task, completed=done, total=total, description=month)


@contextmanager
def _a_line_a_month() -> Iterator[Progress]:
    """A file or a pipe cannot go back to redraw a bar."""
    told = ""

    def advance(done: int, total: int, month: str) -> None:
        nonlocal told
        if month != told:
            told = month
            print(f"Living the story: {month}, day {done} of {total}", flush=True)

    yield advance


def _tell(report: DemoReport) -> None:
    from rich.console import Console
    from rich.table import Table

    from quarterday.demo.build import PASSWORD, SIGN_INS

    console = Console()
    currencies = sorted({currency for row in report.months.values() for currency in row})
    table = Table(title="Bills and credit notes by month of issue: totals with tax, credit notes taken off")
    table.add_column("Month")
    table.add_column("Bills", justify="right")
    for currency in currencies:
        table.add_column(currency, justify="right")
    for month, row in report.months.items():
        amounts = [_in_digits(row[currency][1], currency) if currency in row else "–" for currency in currencies]
        table.add_row(f"{datetime.strptime(month, '%Y-%m'):%B %Y}", str(sum(n for n, _ in row.values())), *amounts)  # noqa: DTZ007
    console.print(table)
    console.print(", ".join(f"{count} {name}" for name, count in report.counts.items()))
    for held in report.held:
        amount = f"{_in_digits(held.total, held.currency)} {held.currency}"
        console.print(f"[bold]Held[/bold] {held.customer}, {amount}: {held.reasons}", soft_wrap=True)
    console.print(f"\nPDFs:  {report.pdf_folder}\nMails: {report.mail_folder}", soft_wrap=True)
    console.print("\nTry next:")
    for command, answers in TRY_NEXT:
        console.print(f"  {_typed(command):42} {answers}", soft_wrap=True)
    console.print(f"\nSign in (password {PASSWORD}):")
    for role, email, name, _customers in SIGN_INS:
        console.print(f"  {role.replace('_', ' '):15} {email:35} {name}")


def _typed(command: str) -> str:
    """The command as it can be typed here: by its path where the shell would not find it."""
    program = Path(sys.argv[0])
    if shutil.which("quarterday") or program.name != "quarterday":
        return f"quarterday {command}"
    here = program.absolute()
    return f"{here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here} {command}"


def _in_digits(amount: Decimal, currency: str) -> str:
    """1,002.00 for dollars, 109,200 for yen."""
    return f"{amount:,.{digits_of(currency)}f}"
