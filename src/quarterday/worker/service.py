"""Run a worker: it takes jobs from the queue in PostgreSQL until it is told to stop, and finishes what it began.

A database that goes away stops no worker: it waits and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import signal

from procrastinate.contrib.django import app

GRACE_SECONDS = 30
POLL_SECONDS = 0.5
PAUSE_SECONDS = 2.0
"""Between two tries to reach a database that went away."""

log = logging.getLogger(__name__)


def work(*, concurrency: int = 2, memory_limit_mb: int = 2048, until_idle: bool = False) -> None:
    """Take jobs until SIGTERM or Ctrl-C; with `until_idle`, do what `jobs.call_all` names once, and stop.

    The memory limit turns a monstrous bill into one failed job instead of a machine without memory.
    """
    from quarterday.worker import jobs  # its decorators name the jobs

    if memory_limit_mb:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit_mb * 1024 * 1024, hard))
    if until_idle:
        jobs.call_all()
        # One after the other, because what is billed is printed, and what is printed is sent.
        asyncio.run(_take_jobs(1, asyncio.Event(), wait=False))
    else:
        asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    while not stopping.is_set():
        try:
            await _take_jobs(concurrency, stopping)
        # Whatever broke this connection, the work is in the tables and waits there.
        except Exception as error:
            log.error("The worker lost its database and tries again: %s", error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PAUSE_SECONDS)


async def _take_jobs(concurrency: int, stopping: asyncio.Event, *, wait: bool = True) -> None:
    """Take jobs until the worker is told to stop, or its connection to the queue breaks."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's has it
    with app.replace_connector(connector):
        async with app.open_async():
            running = asyncio.create_task(
                app.run_worker_async(
                    concurrency=concurrency,
                    wait=wait,
                    fetch_job_polling_interval=POLL_SECONDS,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                )
            )
            told = asyncio.create_task(stopping.wait())
            await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            # Cancelling it lets the jobs that have begun come to their end.
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
