"""Run a worker: it takes jobs from the queue in PostgreSQL until it is told to stop, and finishes what it began."""

from __future__ import annotations

import asyncio
import resource

from procrastinate.contrib.django import app

GRACE_SECONDS = 30
POLL_SECONDS = 0.5


def work(*, concurrency: int = 2, memory_limit_mb: int = 2048, until_idle: bool = False) -> None:
    """Take jobs until SIGTERM or Ctrl-C; with `until_idle`, stop when the queue is empty.

    The memory limit turns a monstrous bill into one failed job instead of a machine without memory.
    """
    from quarterday.worker import jobs  # noqa: F401  # its decorators name the jobs

    if memory_limit_mb:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit_mb * 1024 * 1024, hard))
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]  # Django's has it
        asyncio.run(_work(concurrency, until_idle))


async def _work(concurrency: int, until_idle: bool) -> None:
    async with app.open_async():
        await app.run_worker_async(
            concurrency=concurrency,
            wait=not until_idle,
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
        )
