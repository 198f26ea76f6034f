"""`quarterday inventory` and `quarterday devices`, as a person types them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quarterday.cli import _shared
from quarterday.cli.main import app
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

pytestmark = pytest.mark.database

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HEADER = "Kunde;Geräte-ID;Name;Typ;Seriennummer\n"
FLEET = HEADER + "".join(f"North;{n};PC-{n};Workstation;SN-{n}\n" for n in range(1, 6))


@pytest.fixture(autouse=True)
def _customers(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_shared, "clock", lambda: NOW)
    with acting(Scope.all()):
        for number, name in (("C-1", "North"), ("C-2", "South")):
            Customer.objects.create(
                number=number, name=name, country="DE", time_zone="Europe/Berlin", currency="EUR", created_at=NOW
            )


def quarterday(*words: str, exit_code: int = 0, piped: str | None = None) -> str:
    result = CliRunner().invoke(app, words, input=piped, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == exit_code, result.output
    return result.output


def as_json(*words: str, exit_code: int = 0) -> Any:
    return json.loads(quarterday(*words, "--json", exit_code=exit_code))


def file_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "devices.csv"
    path.write_text(text, encoding="cp1252")
    return str(path)


def test_a_file_is_shown_first_and_then_taken_over(tmp_path: Path) -> None:
    file = file_of(tmp_path, FLEET)
    shown = quarterday("inventory", "import", file, "--dry-run")
    assert "5 devices: 5 new. Nothing was changed, this was a dry run." in shown
    assert as_json("devices", "list") == []

    taken = quarterday("inventory", "import", file, "--as-of", "2026-04-30", "--present-since", "2026-04-01")
    assert re.search(r"Sync \d+: 5 devices, 5 new\.", taken)
    rows = as_json("devices", "list", "--customer", "North")
    assert [(row["name"], row["device_class"], row["since"]) for row in rows][:2] == [
        ("PC-1", "computer", "2026-04-01"),
        ("PC-2", "computer", "2026-04-01"),
    ]
    assert "no changes" in quarterday("inventory", "import", file)
    assert [row["state"] for row in as_json("inventory", "syncs")] == ["applied", "applied"]
    assert as_json("inventory", "freshness")[0]["customer"] == "North"


def test_a_wrong_file_imports_nothing_and_names_each_bad_row(tmp_path: Path) -> None:
    file = file_of(tmp_path, FLEET + "North;6;PC-6;Toaster;\n;7;PC-7;Server;\n")
    told = quarterday("inventory", "import", file, exit_code=2)
    assert "Nothing was imported, because the file is wrong:" in told
    assert "line 7, Typ: “Toaster” is no class that we know; the classes are computer, server, mobile" in told
    assert "line 8, Kunde: the customer is missing" in told
    assert as_json("devices", "list") == []
    faults = as_json("inventory", "import", file, exit_code=2)["faults"]
    assert [(fault["line"], fault["column"]) for fault in faults] == [(7, "Typ"), (8, "Kunde")]

    quarterday("inventory", "import", file, "--class", "Toaster=mobile", exit_code=2)
    quarterday("inventory", "import", str(tmp_path / "missing.csv"), exit_code=2)
    assert "equals sign" in quarterday("inventory", "import", file, "--column", "customer", exit_code=2)


def test_columns_may_be_named_and_a_file_piped_in() -> None:
    text = "Wer|Nr|Was\nNorth|1|Kasse\n"
    quarterday(
        *("inventory", "import", "-", "--column", "customer=Wer", "--column", "device_id=Nr", "--column", "class=Was"),
        *("--class", "kasse=computer", "--delimiter", "|", "--encoding", "utf-8", "--source", "tills"),
        piped=text,
    )
    assert [row["source"] for row in as_json("devices", "list")] == ["tills"]


def test_a_sudden_drop_is_held_until_a_person_decides(tmp_path: Path) -> None:
    quarterday("inventory", "import", file_of(tmp_path, FLEET), "--as-of", "2026-04-30")
    one = file_of(tmp_path, HEADER + "North;1;PC-1;Workstation;SN-1\n")
    told = quarterday("inventory", "import", one, exit_code=1)
    assert "North loses 4 of 5 devices." in told
    (held,) = as_json("inventory", "syncs", "--held")
    assert held["would_lose"] == {"North": "4 of 5"}
    assert f"quarterday inventory confirm {held['id']}" in told

    assert "is rejected; nothing was changed" in quarterday("inventory", "reject", str(held["id"]))
    assert "is rejected, not held" in quarterday("inventory", "confirm", str(held["id"]), exit_code=1)
    again = as_json("inventory", "import", one, exit_code=1)
    assert again["state"] == "held"
    assert "4 gone" in quarterday("inventory", "confirm", str(again["sync"]))
    assert [row["name"] for row in as_json("devices", "list")] == ["PC-1"]
    assert len(as_json("devices", "list", "--gone")) == 4
    assert len(as_json("devices", "list", "--all")) == 5


def test_unknown_customers_are_mapped_or_ignored(tmp_path: Path) -> None:
    file = file_of(tmp_path, HEADER + "N. Dental;1;PC-1;PC;\nOurselves;2;PC-2;PC;\n")
    told = quarterday("inventory", "import", file, "--as-of", "2026-04-30")
    assert 'quarterday inventory map "N. Dental" NUMBER' in told
    assert [row["name"] for row in as_json("inventory", "mappings", "--unknown")] == ["N. Dental", "Ourselves"]

    quarterday("inventory", "map", "N. Dental", "C-1", "--present-since", "2026-04-10")
    quarterday("inventory", "ignore", "Ourselves", "--source", "csv")
    assert "see `quarterday inventory mappings`" in quarterday("inventory", "ignore", "Nobody", exit_code=1)
    quarterday("inventory", "import", file)
    assert [(row["customer"], row["since"]) for row in as_json("devices", "list")] == [("North", "2026-04-10")]
    assert [row["customer_name"] for row in as_json("inventory", "mappings")] == ["North", "ignored"]


def test_a_file_of_an_earlier_day_undoes_nothing(tmp_path: Path) -> None:
    file = file_of(tmp_path, FLEET)
    quarterday("inventory", "import", file)
    told = quarterday("inventory", "import", file, "--as-of", "2026-04-01", exit_code=1)
    assert "something newer is known already of North" in told


def test_what_a_person_says_of_a_device(tmp_path: Path) -> None:
    quarterday("inventory", "import", file_of(tmp_path, FLEET), "--as-of", "2026-04-01")
    quarterday("devices", "add", "C-2", "Router", "--class", "server", "--id", "R1", "--on", "2026-04-05")
    quarterday("devices", "classify", "PC-1", "server", "--on", "2026-04-10")
    quarterday("devices", "move", "PC-2", "South")
    quarterday("devices", "retire", "PC-3", "--on", "2026-04-20")
    quarterday("devices", "replace", "PC-4", "PC-5")
    quarterday(
        *("devices", "except", "PC-5", "--from", "2026-04-01", "--to", "2026-04-30"),
        *("--reason", "loan", "--agreed-by", "Ms Dent"),
    )
    quarterday(
        *("devices", "correct", "PC-4", "--absent", "--from", "2026-04-05", "--to", "2026-04-09", "--reason", "repair")
    )

    def stays(device: str) -> list[tuple[str, str, str, str | None]]:
        shown = as_json("devices", "show", device)["stays"]
        return [(stay["customer"], stay["device_class"], stay["start"], stay["end"]) for stay in shown]

    assert stays("R1") == [("South", "server", "2026-04-05", None)]
    assert stays("PC-1") == [
        ("North", "computer", "2026-04-01", "2026-04-10"),
        ("North", "server", "2026-04-10", None),
    ]
    assert stays("PC-2")[-1] == ("South", "computer", "2026-05-04", None)
    assert stays("PC-3") == [("North", "computer", "2026-04-01", "2026-04-20")]
    assert stays("PC-4") == [
        ("North", "computer", "2026-04-01", "2026-04-05"),
        ("North", "computer", "2026-04-10", None),
    ]
    shown = as_json("devices", "show", "PC-5")
    assert [(row["old"], row["new"], row["state"]) for row in shown["replacements"]] == [("PC-4", "PC-5", "confirmed")]
    (exception,) = shown["exceptions"]
    assert (exception["until"], exception["agreed_by"]) == ("2026-05-01", "Ms Dent")
    assert "Exception" in quarterday("devices", "show", "PC-5", "--corrected")

    quarterday("devices", "bill-again", str(exception["id"]), "--whole")
    assert as_json("devices", "show", "PC-5")["exceptions"] == []
    quarterday("devices", "reinstate", "PC-3")
    quarterday("devices", "follow", "PC-1")
    assert as_json("devices", "replacements") == []
    (replaced,) = shown["replacements"]
    assert "They count as two" in quarterday("devices", "decide", str(replaced["id"]), "--reject")


def test_wrong_usage_is_told_apart_from_a_refusal(tmp_path: Path) -> None:
    quarterday("inventory", "import", file_of(tmp_path, FLEET), "--as-of", "2026-04-01")
    correct = ("devices", "correct", "PC-1", "--reason", "x", "--from", "2026-04-05")
    quarterday(*correct, exit_code=2)
    quarterday(*correct, "--absent", "--at", "C-1", exit_code=2)
    quarterday(*correct, "--absent", "--to", "2026-04-01", exit_code=2)
    quarterday("devices", "move", "PC-1", "C-2", "--on", "yesterday", exit_code=2)
    assert "'PC-9' is not known" in quarterday("devices", "show", "PC-9", exit_code=1)
    assert "There is no class “toaster”" in quarterday("devices", "classify", "PC-1", "toaster", exit_code=1)
    assert "still to come" in quarterday("devices", "move", "PC-1", "C-2", "--on", "2030-01-01", exit_code=1)


@pytest.mark.parametrize("command", ["inventory import", "inventory map", "devices correct", "devices except"])
def test_help_teaches_by_an_example(command: str) -> None:
    assert f"quarterday {command} " in quarterday(*command.split(), "--help")
