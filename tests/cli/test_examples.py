"""Help teaches by examples: each line of each help is typed here as it stands, and does what it says."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.cli.examples import Example, every_command, every_example, has_json
from tests.cli.office import files_to_try, open_office
from tests.cli.terminal import Answer, run
from tests.outbox.post import scripted_post
from tests.shop import open_shop

SERVICES = {"assets", "backup", "demo", "drill", "migrate", "restore", "serve", "worker"}
"""Commands that work outside a transaction, or for ever: their tests run them; here their examples are only read."""

LATE_FEES = "--set late_fee_days=1 --set late_fee_amount=5.00 --set late_fee_since=2026-01-01"
BEFORE = {
    "users change ada@shop.example": "users add ada@shop.example --role admin",
    "users password ada@shop.example": "users add ada@shop.example --role admin",
    "customers restore C-0001": "customers archive C-0001",
    "customers erase C-0001": "customers archive C-0001",
    "plans withdraw Gold": "plans modify Gold --from 2026-06-01 --price computer=32.00",
    "plans restore Gold": "plans archive Gold",
    "subscriptions waive 17": "bills discard 17",
    "subscriptions undo 17": 'disassociate Gold --customer "East Works" --last-day 2026-05-31',
    "disassociate Gold": "associate Gold --customer C-0001 --starts 2026-05-01",
    "devices reinstate OLD-PC": "devices retire OLD-PC",
    "devices correct FRONT-PC --at": 'devices correct FRONT-PC --absent --from 2026-04-03 --to 2026-05-09 --reason "x"',
    "payments reopen 21": 'payments ignore 21 --reason "the bank"',
    "payments resume INV-2026-00017": 'payments pause INV-2026-00017 --reason "they count fewer"',
    "payments charge-late-fees": f"provider change {LATE_FEES}",
    "payments late-fees": f"provider change {LATE_FEES}\npayments charge-late-fees",
    "payments let-late-fee-go": f"provider change {LATE_FEES}\npayments charge-late-fees",
}
"""What was done before an example that takes it back."""

DOCUMENTED = {
    "inventory import devices.csv --as-of 2026-03-31 --present-since 2026-01-01": "something newer is known already",
    "status": "worker, backup",
    "status --json": "worker",
}
"""Examples that end with exit code 1 here, as their help says, because something needs a person; and what they say."""

SPEAKING_JSON = {
    name: command for name, command in every_command().items() if has_json(command) and name not in SERVICES
}

PASSWORD = "quiet evening 7\n"

NONSENSE = (
    *("", " ", "-1", "9" * 30, "1E30", "NaN", "0001-01-01", "9999-12-31", "2026-02-30"),
    *("'; DROP TABLE bills_bill; --", "x" * 10_000, "\u202egnp.exe", "a\nb", "=", "x=y", "/", "\ud800"),
)

NOBODY_CHOSE = ("This should not have happened", "The database cannot be used", "The database refused")
"""What a command says when no room and no door has thought of it."""


class Office:
    """Types examples, with the numbers that things have here."""

    def __init__(self, numbers: dict[str, dict[str, str]]) -> None:
        self._numbers = numbers

    def type(self, *words: str, piped: str = "") -> Answer:
        here = self._numbers.get(" ".join(words[:2]), self._numbers.get(words[0], {}))
        typed = Path(piped).read_text() if piped else PASSWORD * 2
        return run(*(here.get(word, word) for word in words), typed=typed)

    def prepare(self, example: Example) -> None:
        for line, before in BEFORE.items():
            if example.line.startswith(line):
                for command in before.strip().splitlines():
                    assert self.type(*shlex.split(command)).code in (0, 1), command


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def asked_as_json(name: str) -> Example:
    """A command's first example, answered as JSON."""
    example = next(each for each in every_example() if each.taught_by == name and each.line.startswith(name))
    return Example(name, (*(word for word in example.words if word != "--json"), "--json"), example.piped)


def spoiled(example: Example) -> Iterator[tuple[str, ...]]:
    """The example with nonsense in the place of each of its values in turn, or behind its equals sign."""
    command = len(example.taught_by.split())
    for place, word in enumerate(example.words):
        if place < command or word.startswith("--"):
            continue
        before, after = example.words[:place], example.words[place + 1 :]
        name, equals, _ = word.partition("=")
        for nonsense in NONSENSE:
            yield (*before, nonsense, *after)
            if equals:
                yield (*before, f"{name}={nonsense}", *after)


@pytest.fixture
def office(database: None, time_machine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    files_to_try(tmp_path)
    monkeypatch.chdir(tmp_path)
    with scripted_post() as post:
        yield Office(open_office(post, time_machine, tmp_path))


def test_every_example_in_every_help_does_what_it_says(office: Office) -> None:
    wrong = []
    for example in every_example():
        if example.words[0] in SERVICES:
            every_command()[example.words[0]].make_context("quarterday", list(example.words[1:]))
            continue
        with undone():
            office.prepare(example)
            answer = office.type(*example.words, piped=example.piped)
        told = answer.out + answer.err
        if answer.code != 0 and not (answer.code == 1 and DOCUMENTED.get(example.line, "\0") in told):
            wrong.append(f"{example.taught_by}: {example.line} -> {answer.code}: {told[-300:]}")
    assert wrong == [], "\n".join(wrong)


def test_every_command_that_lists_answers_as_json(office: Office) -> None:
    empty = []
    for name in SPEAKING_JSON:
        example = asked_as_json(name)
        with undone():
            office.prepare(example)
            answer = office.type(*example.words)
        assert answer.code in (0, 1), (example.line, answer.err)
        if not answer.json:
            empty.append(name)
    assert empty == ["payments remind", "mail list"], "everybody is reminded, and no mail failed"


def test_where_there_are_no_rows_the_json_is_empty(database: None) -> None:
    with acting(Scope.all()):
        open_shop()
    for name, command in SPEAKING_JSON.items():
        if any(parameter.required for parameter in command.params):
            continue
        answer = run(*name.split(), "--json")
        assert answer.code in (0, 1), (name, answer.err)
        assert answer.json is not None, name


@pytest.mark.sweep
def test_nonsense_in_the_place_of_any_value_is_answered_in_words(office: Office) -> None:
    wrong = []
    for example in every_example():
        for words in spoiled(example) if example.words[0] not in SERVICES else ():
            with undone():
                office.prepare(example)
                answer = office.type(*words, piped=example.piped)
            told = answer.out + answer.err
            if answer.code not in (0, 1, 2) or any(each in told for each in NOBODY_CHOSE):
                wrong.append(f"{ascii(words)[:200]} -> {answer.code}: {told[-300:]}")
    assert wrong == [], "\n".join(wrong)
