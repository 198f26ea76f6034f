"""A plugin of pytest's under which one defence is off.

DEFENCE="pages escape names" OUTCOMES=/tmp/outcomes.json pytest -p tests.prove.switched_off tests/web

What switches it off is SQL, which a superuser runs in every database that a test gets, or a change of our code in this
process. How each test ended is written to the file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psycopg

OUTCOMES: dict[str, str] = {}


def pytest_collection_finish(session: Any) -> None:
    """Switch it off once everything is imported, and before the first test asks for a database."""
    from tests.prove.defences import DEFENCES

    switch = DEFENCES[os.environ["DEFENCE"]].off
    if isinstance(switch, str):
        _in_every_database(switch)
    else:
        switch()


def _in_every_database(statements: str) -> None:
    from tests.databases import Database, Server

    clone = Server.clone

    def without_it(self: Server) -> Database:
        database = clone(self)
        with psycopg.connect(database.superuser) as superuser:
            superuser.execute(statements.encode())
        return database

    Server.clone = without_it  # type: ignore[method-assign]


def pytest_runtest_logreport(report: Any) -> None:
    """Red is a test that ran and failed; one whose preparations fail proves nothing, and is called broken."""
    if report.when == "call" or report.outcome != "passed":
        ended = {"passed": "green", "failed": "red", "skipped": "skipped"}[report.outcome]
        OUTCOMES[report.nodeid] = ended if report.when == "call" else f"broken in its {report.when}"


def pytest_sessionfinish(session: Any) -> None:
    """Tell the test that started this process."""
    Path(os.environ["OUTCOMES"]).write_text(json.dumps(OUTCOMES), encoding="utf-8")
