"""[25] Whatever is typed, uploaded or restored is read or refused in words: no parser ends in an error of its own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from django import forms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterday.cli import _shared as argv
from quarterday.connectors.bankfile import read_bank_file
from quarterday.connectors.csvfile import CsvOptions, describe_csv, read_csv
from quarterday.connectors.shape import SourceRefused
from quarterday.customers.csvimport import read_customer_file
from quarterday.customers.fields import CUSTOMER_FIELDS, checked_customer
from quarterday.engine.scenario import run_lines
from quarterday.provider.logo import logo_type
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from quarterday.upkeep.backup.manifest import FORMAT, MANIFEST, read_manifest
from quarterday.web.forms import Addresses, Day, Figure
from tests.connectors.test_bankfile import camt, details, ntry
from tests.engine.test_scenario_errors import RIGHT

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SHORT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(SHORT, max_examples=1_000)

TYPED = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["NaN", "-Infinity", "1e999999", "١٢", "0x10", "1_000", "2026-02-30", "10000-01-01", "a@b", "\0"]),
    st.from_regex(r"-?[0-9]{0,30}([.,][0-9]{0,30})?(e[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,5}-[0-9]{1,3}-[0-9]{1,3}(T[0-9:]{0,8}([+-][0-9:]{0,6}|Z)?)?", fullmatch=True),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TYPED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def damaged(*wholes: bytes) -> st.SearchStrategy[bytes]:
    """Any bytes, and right files with some bytes in the place of others."""

    def cut(whole: bytes, damage: bytes, share: float, length: int) -> bytes:
        place = int(len(whole) * share)
        return whole[:place] + damage + whole[place + length :]

    pieces = st.binary(max_size=40) | TYPED.map(lambda text: text.encode(errors="replace"))
    return st.binary(max_size=500) | st.builds(
        cut, st.sampled_from(wholes), pieces, st.floats(0, 1), st.integers(0, 60)
    )


@st.composite
def scenarios(draw: st.DrawFn) -> str:
    """A right scenario with something else in one place; or any JSON; or any text."""
    told = json.loads(json.dumps(RIGHT))
    place: Any = told
    while True:
        key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
            place = place[key]
            continue
        place[key] = draw(JSON)
        break
    return draw(st.sampled_from([json.dumps(told), json.dumps(draw(JSON)), draw(st.text(max_size=60))]))


def a_backup(content: bytes) -> bytes:
    """A zip file with something in the place of the manifest."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as backup:
        backup.writestr(MANIFEST, content)
    return file.getvalue()


def of_a_backup(told: Any) -> bytes:
    """A backup whose manifest is of our format and says something."""
    return a_backup(json.dumps({"format": FORMAT, **told} if isinstance(told, dict) else told).encode())


def in_a_file(read: Callable[[Path], object], folder: Path) -> Callable[[bytes], object]:
    def written(content: bytes) -> object:
        (folder / "file").write_bytes(content)
        return read(folder / "file")

    return written


def bank_lines(content: bytes) -> None:
    """What is read can be kept: the tables' amounts end at twelve digits before the point."""
    assert all(0 < abs(entry.amount) < 10**12 for entry in read_bank_file(content))


def refused_in_words(read: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """For a check whose action makes a refusal of its ValueError."""

    def checked(content: bytes) -> None:
        try:
            read(content)
        except ValueError as error:
            raise Refused("file", str(error)) from None

    return checked


def scenario_answered(line: str) -> None:
    answers = list(run_lines([line]))
    assert len(answers) == bool(line.strip())
    assert all(("error" in answer) != ("bills" in answer) for answer in answers)


DEVICES = 'Customer,Device ID,Name,Class,Last seen\nNorth,1,"A ""B""",pc,2026-04-01\nNorth,2,C,server,\n'
CUSTOMERS = "name;country;time zone;currency;emails\nNorth;DE;Europe/Berlin;EUR;a@b.example\n"
BANK = "Buchungstag;Betrag;Währung;Name;Verwendungszweck\n01.04.2026;1.234,56;EUR;North;INV-2026-00001\n"
IMAGE = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'

Reader = Callable[[Any], object]
READERS: dict[str, tuple[st.SearchStrategy[Any], Reader]] = {
    "an inventory": (
        damaged(DEVICES.encode(), DEVICES.encode("utf-16")),
        lambda content: read_csv(content, source="RMM", taken_at=NOW, options=CsvOptions(class_of_others="computer")),
    ),
    "a look at an inventory": (damaged(DEVICES.encode()), describe_csv),
    "a bank's camt": (damaged(camt(ntry(details=details("INV-2026-00001")))), bank_lines),
    "a bank's table": (damaged(BANK.encode(), BANK.encode("cp1252")), bank_lines),
    "a list of customers": (damaged(CUSTOMERS.encode()), lambda content: read_customer_file(content, defaults={})),
    "a logo": (damaged(IMAGE, b"\x89PNG\r\n\x1a\n" + bytes(40)), refused_in_words(logo_type)),
    "a scenario": (scenarios(), scenario_answered),
    "a customer's fields": (
        st.dictionaries(st.sampled_from(sorted(CUSTOMER_FIELDS)), TYPED, max_size=4),
        lambda told: checked_customer(told, current={}),
    ),
    "a day in a form": (TYPED, Day().clean),
    "an amount in a form": (TYPED, Figure().clean),
    "addresses in a form": (TYPED, Addresses().clean),
    "a day in a command": (TYPED, argv.day),
    "a moment in a command": (TYPED, argv.instant),
    "a number in a command": (TYPED, argv.decimal),
    "a cycle in a command": (TYPED, argv.cycle),
    "fields in a command": (TYPED, lambda text: argv.fields_of([text])),
    "prices in a command": (
        TYPED | JSON.map(lambda told: f"a={json.dumps(told)}"),
        lambda text: argv.prices_of([text]),
    ),
}
IN_WORDS = (Refused, SourceRefused, forms.ValidationError, typer.BadParameter)


def answers(reader: Reader, value: Any) -> None:
    try:
        reader(value)
    except IN_WORDS:
        return


@pytest.mark.parametrize(
    "length",
    [pytest.param(SHORT, marks=pytest.mark.sweep), pytest.param(LONG, marks=pytest.mark.prove)],
    ids=["short", "long"],
)
@pytest.mark.parametrize("what", READERS)
def test_what_people_give_us_is_read_or_refused_in_words(database: None, what: str, length: settings) -> None:
    values, reader = READERS[what]

    @length
    @given(values)
    def read(value: Any) -> None:
        with acting(Scope.all()):
            answers(reader, value)

    read()


@pytest.mark.parametrize(
    "length",
    [pytest.param(SHORT, marks=pytest.mark.sweep), pytest.param(LONG, marks=pytest.mark.prove)],
    ids=["short", "long"],
)
def test_a_file_that_is_given_as_a_backup_is_read_or_refused_in_words(tmp_path: Path, length: settings) -> None:
    table = {"name": "a", "columns": [], "rows": 0, "sha256": ""}
    tables = {"taken_at": "2026-04-01T00:00:00+00:00", "tables": [table]}
    contents = st.one_of(damaged(of_a_backup(tables)), JSON.map(of_a_backup), st.binary(max_size=200).map(a_backup))

    @length
    @given(contents)
    def read(content: bytes) -> None:
        answers(in_a_file(read_manifest, tmp_path), content)

    read()
