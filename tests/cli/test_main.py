"""The command line itself: help, speed, and errors that are words."""

from __future__ import annotations

import errno
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
from django.db.utils import IntegrityError, OperationalError, ProgrammingError
from psycopg import errors

from quarterday.cli import _errors
from quarterday.cli._shared import CYCLES, cell, cycle, cycle_name, day, decimal, fields_of, instant, prices_of
from quarterday.cli.demo import _a_line_a_month
from quarterday.cli.main import COMMANDS
from quarterday.shared.refusal import Refused
from tests.cli.terminal import process, run


def leaves() -> list[list[str]]:
    """Every command that can be run, as its words."""
    found = []
    for name, (module, _) in COMMANDS.items():
        if find_spec(f"quarterday.cli.{module}") is None:
            continue  # told by test_every_command_has_its_module
        app: typer.Typer = import_module(f"quarterday.cli.{module}").app
        if len(app.registered_commands) == 1 and app.registered_callback is None:
            found.append([name])
        for command in app.registered_commands if app.registered_callback else []:
            assert command.callback is not None
            found.append([name, command.name or command.callback.__name__.replace("_", "-")])
    return found


def test_every_command_has_its_module() -> None:
    assert [name for name, (module, _) in COMMANDS.items() if find_spec(f"quarterday.cli.{module}") is None] == []


def test_help_names_every_command_with_its_purpose() -> None:
    answer = run("--help")

    assert answer.code == 0
    for name, (_, summary) in COMMANDS.items():
        assert name in answer.out
        assert summary[:30] in answer.out


@pytest.mark.parametrize("command", leaves(), ids=" ".join)
def test_every_help_teaches_by_an_example(command: list[str]) -> None:
    answer = run(*command, "--help")

    assert answer.code == 0
    assert f"quarterday {' '.join(command)}" in answer.out, answer.out


def test_help_needs_neither_settings_nor_django() -> None:
    # That is what makes it quick: 0.3 s on a machine that is not busy.
    assert process("--help", DATABASE_URL="nonsense").code == 0
    loaded = "import sys, quarterday.cli.main; print('django' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "False\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["custmers"], "Did you mean 'customers'"),
        (["customers", "lst"], "No such command 'lst'"),
        (["customers", "show"], "Missing argument"),
        (["customers", "list", "--colour"], "No such option"),
        (["associate", "Gold", "--customer", "X", "--starts", "2026-02-30"], "2026-02-30' is not a day"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], words: str) -> None:
    answer = run(*arguments)

    assert answer.code == 2
    assert words in answer.err


def test_wrong_settings_are_all_named(tmp_path: Path) -> None:
    answer = process(
        "customers",
        "list",
        DATABASE_URL="mysql://root@nowhere/x",
        QUARTERDAY_LOG_LEVEL="LOUD",
        QUARTERDAY_DATA_FOLDER=str(tmp_path),
    )

    assert answer.code == 1
    assert "DATABASE_URL is not a PostgreSQL address" in answer.err
    assert "QUARTERDAY_LOG_LEVEL must be" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("command", [["customers", "list"], ["doctor"], ["migrate"]], ids=" ".join)
def test_an_unreachable_database_is_told_in_words_without_its_password(command: list[str], tmp_path: Path) -> None:
    answer = process(
        *command,
        DATABASE_URL="postgresql://quarterday_login:hunter22@127.0.0.1:1/quarterday",
        QUARTERDAY_DATA_FOLDER=str(tmp_path),
        QUARTERDAY_SECRET_KEYS="a key of many words that only this test knows of",
        QUARTERDAY_ENCRYPTION_KEYS="A" * 43 + "=",
    )

    assert answer.code == 1
    assert "127.0.0.1" in answer.out + answer.err
    assert "hunter22" not in answer.out + answer.err
    assert "Traceback" not in answer.out + answer.err


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused("name", "is missing: write it."), "name: is missing: write it."),
        (OSError(errno.ENOSPC, "No space left on device", "/var/x.pdf"), "The disk is full (/var/x.pdf)"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x.csv"), "No such file or directory (x.csv)"),
        (caused(OperationalError("disk"), errors.DiskFull()), "The database server's disk is full"),
        (caused(ProgrammingError("relation"), errors.UndefinedTable()), "run `quarterday migrate`"),
        (caused(ProgrammingError("denied"), errors.InsufficientPrivilege()), "run `quarterday doctor`"),
        (caused(OperationalError("lock"), errors.DeadlockDetected()), "Somebody else is changing the same rows"),
        (OperationalError("server closed the connection"), "The database cannot be used: server closed"),
        (IntegrityError("dup"), "The database cannot be used: dup"),
        (RuntimeError("odd"), "This should not have happened"),
    ],
)
def test_errors_become_words(error: Exception, words: str, capsys: Any) -> None:
    with pytest.raises(typer.Exit) as stopped, _errors.in_words():
        raise error

    assert stopped.value.exit_code == 1
    assert words in capsys.readouterr().err


def test_ctrl_c_is_not_an_error_to_report(capsys: Any) -> None:
    with pytest.raises(typer.Exit) as stopped, _errors.in_words():
        raise KeyboardInterrupt

    assert stopped.value.exit_code == 130
    assert capsys.readouterr().err.startswith("Stopped.")


def test_a_developer_can_see_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDAY_TRACE", "1")

    with pytest.raises(RuntimeError, match="odd"), _errors.in_words():
        raise RuntimeError("odd")


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (day, "2026-02-30"),
        (day, "20260430"),
        (day, "tomorrow"),
        (day, ""),
        (instant, "2026-04-30T06:00"),
        (instant, "noon"),
        (decimal, "thirty"),
        (decimal, "NaN"),
        (decimal, "Infinity"),
        (cycle, "often"),
        (cycle, "0 months"),
        (cycle, "2 fortnights"),
        (lambda text: fields_of([text]), "city"),
        (lambda text: fields_of([text]), "by=me"),
        (lambda text: prices_of([text]), "computer"),
        (lambda text: prices_of([text]), "computer={"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(read: Any, text: str) -> None:
    with pytest.raises(typer.BadParameter):
        read(text)


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_said_as_it_is_read(name: str) -> None:
    assert cycle_name(cycle(name)) == name


def test_a_cycle_of_two_weeks_has_no_word_of_its_own() -> None:
    assert cycle_name(cycle("2 weeks")) == "every 2 weeks"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (["a", "b"], "a, b"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("two\nlines", "two�lines"),
        ("\u202egnp.exe", "�gnp.exe"),
        ("x" * 10_000, "x" * 119 + "…"),
    ],
)
def test_a_cell_is_one_legible_line(value: Any, shown: str) -> None:
    assert cell(value) == shown


SCENARIO = (
    b'{"id": "one", "customer": {"timezone": "Europe/Berlin", "currency": "EUR"}, "plans": {"gold": {"versions": '
    b'[{"effective_on": "2026-01-01", "flat_fee": "10"}]}}, "subscriptions": [{"plan": "gold", "starts_on": '
    b'"2026-01-01"}], "bill_until": "2026-02-01"}\n'
)


def test_scenarios_are_answered_a_line_each_without_any_settings(tmp_path: Path) -> None:
    answer = process("scenario", "-", typed=SCENARIO * 2, DATABASE_URL="nonsense")

    assert answer.code == 0
    assert [line.count('"total": "10.00"') for line in answer.out.splitlines()] == [1, 1]


def test_a_wrong_scenario_is_exit_code_2_and_the_others_are_answered(tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    file.write_bytes(b'{"id": "bad"}\n\xff\xfe\n' + SCENARIO)

    answer = run("scenario", str(file))

    assert answer.code == 2
    assert ["error" in line for line in answer.out.splitlines()] == [True, True, False]
    assert run("scenario", str(tmp_path / "none.jsonl")).code == 1


def test_where_no_bar_can_be_drawn_the_demo_tells_its_months_a_line_each(capsys: Any) -> None:
    with _a_line_a_month() as advance:
        for done, month in enumerate(("April 2026", "April 2026", "May 2026"), start=1):
            advance(done, 3, month)

    assert capsys.readouterr().out == (
        "Living the story: April 2026, day 1 of 3\nLiving the story: May 2026, day 3 of 3\n"
    )
