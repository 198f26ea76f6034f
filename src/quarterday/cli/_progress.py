"""A bar on standard error that fills while a command works; it leaves nothing behind, and no screen has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[int, int], None]
"""Called after each chunk: customers done, customers in all."""


@contextmanager
def customers_bar(doing: str, *, hidden: bool) -> Iterator[Progress]:
    """A bar that fills with the customers who are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn("customers"), TimeElapsedColumn())
    with drawn(*columns, hidden=hidden) as update:
        yield lambda done, total: update(completed=done, total=total)


@contextmanager
def drawn(*columns: Any, hidden: bool) -> Iterator[Callable[..., None]]:
    """A bar of these columns, and what brings it up to date: `update(completed=, total=, description=)`."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda **now: bar.update(task, **now)
