"""Promise 26: each defence is switched off in turn; its own test turns red, and those of the defences behind it hold.

The defences, their switches and their tests are a table (defences.py). Each row is a run of pytest of its own, because
what is switched off must not leak into the next one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prove.defences import DEFENCES
from tests.settings import ROOT

QUICK = {"a form shows where it comes from"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.sweep if name in QUICK else pytest.mark.prove) for name in DEFENCES]
)
def test_without_a_defence_its_own_test_is_red_and_the_one_behind_it_holds(tmp_path: Path, name: str) -> None:
    defence = DEFENCES[name]

    outcomes = run_without(name, [*defence.own, *defence.behind], tmp_path)

    own = {test: ended for test, ended in outcomes.items() if test.startswith(defence.own)}
    behind = {test: ended for test, ended in outcomes.items() if test not in own}
    assert "red" in own.values(), f"nobody notices: {own}"
    assert set(own.values()) <= {"red", "green"}
    assert behind
    assert set(behind.values()) == {"green"}, f"what was to hold does not: {behind}"


def run_without(name: str, tests: list[str], folder: Path) -> dict[str, str]:
    """How tests end while a defence is off: by their ids, green or red."""
    told = folder / "outcomes.json"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.prove.switched_off", "-m", "", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env={**os.environ, "DEFENCE": name, "OUTCOMES": str(told), "PYTHONPATH": f"src:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode in (0, 1), ran.stdout[-3000:] + ran.stderr[-3000:]
    outcomes: dict[str, str] = json.loads(told.read_text(encoding="utf-8"))
    return outcomes
