"""Put work into the queue, by name, in the transaction of the rows it concerns: a rollback leaves neither."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app


def enqueue(name: str, **arguments: Any) -> None:
    """Enqueue a job for any worker. It may run twice, or find that another job has done its work: repeat safely."""
    app.configure_task(name).defer(**arguments)
