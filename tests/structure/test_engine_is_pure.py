"""The engine is values in, values out: the standard library, no clock, no binary fractions."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.structure.house import SOURCE, python_files

CLOCKS = {"now", "today", "utcnow", "localtime", "monotonic"}


def impurities(source: str) -> list[str]:
    """What makes a module depend on more than its arguments, or on binary fractions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                inside = name.startswith("quarterday.engine") or getattr(node, "level", 0) > 0
                if not inside and name.split(".")[0] not in sys.stdlib_module_names:
                    found.append(f"line {node.lineno} imports {name}")
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            found.append(f"line {node.lineno} reads the clock: .{node.attr}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"line {node.lineno} holds the binary fraction {node.value}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"float", "open"}:
            found.append(f"line {node.lineno} calls {node.func.id}")
    return found


def test_every_module_of_the_engine_is_pure() -> None:
    files = python_files("engine")
    assert len(files) > 5
    assert {path.name: found for path in files if (found := impurities(path.read_text(encoding="utf-8")))} == {}


def test_the_engine_runs_where_nothing_is_installed() -> None:
    """`-I -S` hides every installed package, Django among them."""
    modules = [f"quarterday.engine.{path.stem}" for path in python_files("engine") if path.stem != "__init__"]
    program = f"import sys; sys.path.insert(0, {str(SOURCE.parent)!r}); import {', '.join(modules)}"

    answer = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True)

    assert (answer.returncode, answer.stderr) == (0, "")


def test_planted_impurities_are_found(tmp_path: Path) -> None:
    source = (
        "from datetime import date\n"
        "import django.db\n"
        "from quarterday.shared import scope\n"
        "due = date.today()\n"
        "rate = 0.19\n"
        "total = float('1')\n"
    )

    assert sorted(impurities(source)) == [
        "line 2 imports django.db",
        "line 3 imports quarterday.shared",
        "line 4 reads the clock: .today",
        "line 5 holds the binary fraction 0.19",
        "line 6 calls float",
    ]
