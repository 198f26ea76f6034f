"""Desks at which promises are asked side by side: processes of their own, because most of the work is calculation.

This file is imported before Django is set up, so it knows no tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from importlib import import_module
from multiprocessing import get_context
from typing import Any

AT_ONCE = 2

SLOWEST_FIRST = ("conservation", "contents", "prints")
"""They take most of the time, so nobody waits for them at the end."""


def ask_at_desks(ask: str, names: Sequence[str], *, now: datetime, database: dict[str, Any]) -> Iterator[Any]:
    """Ask promises by name on a database (Django's entry for it); the answers come in the order of the names.

    `ask` is the path of the function that is asked, "package.module:function": a new process imports it by itself.
    """
    first = [name for name in SLOWEST_FIRST if name in names]
    # A process that is forked would share its connection.
    with ProcessPoolExecutor(
        AT_ONCE, mp_context=get_context("spawn"), initializer=_open, initargs=(database,)
    ) as desks:
        begun = {name: desks.submit(_ask, ask, name, now) for name in dict.fromkeys([*first, *names])}
        for name in names:
            yield begun[name].result()


def _open(database: dict[str, Any]) -> None:
    import django

    django.setup()
    from django.db import connections

    connections.settings["default"].update(database)


def _ask(ask: str, name: str, now: datetime) -> Any:
    module, _, function = ask.partition(":")
    return getattr(import_module(module), function)(name, now)
