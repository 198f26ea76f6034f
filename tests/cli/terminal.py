"""A terminal for tests: `run("customers", "list")` in this process, `process(...)` in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from quarterday.cli.main import app

_RUNNER = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str, typed: str | bytes | None = None) -> Answer:
    """Run a command here, on the database of the test."""
    result = _RUNNER.invoke(app, list(arguments), input=typed)
    no_trace = result.exception is None or isinstance(result.exception, SystemExit)
    assert no_trace, f"a stack trace instead of words: {result.exception!r}"
    return Answer(result.exit_code, result.stdout, result.stderr)


def process(*arguments: str, typed: bytes = b"", **environment: str) -> Answer:
    """Run a command in a process of its own, whose environment is only what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QUARTERDAY_", "DATABASE_URL"))}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-c", "from quarterday.cli.main import main; main()", *arguments],
        input=typed,
        capture_output=True,
        env={**kept, "PYTHONPATH": "src", "COLUMNS": "200", **environment},
        timeout=60,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
