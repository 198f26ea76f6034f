"""The jobs: each reads the clock, opens its own `acting` and does one thing that may be repeated without harm.

Jobs that come round by themselves are enqueued once per tick, however many workers run. What they find to do is read
from the tables, so a lost job, a killed worker or a restored backup loses nothing: the next tick does it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from procrastinate.contrib.django import app

from quarterday.bills import printing, run
from quarterday.outbox import sending
from quarterday.payments import reminders
from quarterday.shared.database import acting
from quarterday.shared.scope import WORKER, Scope

EVERY_MINUTE = "* * * * *"
EVERY_TEN_SECONDS = "* * * * * */10"
EVERY_TWENTY_SECONDS = "* * * * * */20"
PRINT_BATCH = 25
SILENT_AFTER = timedelta(seconds=30)


def clock() -> datetime:
    """The worker's clock."""
    return datetime.now(UTC)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="bills.run", queueing_lock="bills.run")
def bill(timestamp: int) -> None:
    """Bill whatever has become due; printing and mailing follow from the rows."""
    run.run_billing(at=clock(), by=WORKER)


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="bills.print", queueing_lock="bills.print")
def print_bills(timestamp: int = 0) -> None:
    """Print what was issued and is not printed; bills that another worker prints at this moment are left to it."""
    while printing.print_some(now=clock(), limit=PRINT_BATCH) == PRINT_BATCH:
        pass


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="outbox.send", queueing_lock="outbox.send")
def send_mail(timestamp: int = 0) -> None:
    """Send the mail that is due."""
    sending.send_due(clock=clock, batches=50)


@app.periodic(cron="*/5 * * * *")
@app.task(name="payments.remind", queueing_lock="payments.remind")
def remind(timestamp: int = 0) -> None:
    """Post the reminders that are due in each customer's morning."""
    with acting(Scope.all()):
        reminders.remind(now=clock())


@app.periodic(cron=EVERY_TWENTY_SECONDS)
@app.task(name="worker.rescue", queueing_lock="worker.rescue", pass_context=False)
async def rescue(timestamp: int = 0) -> None:
    """Give back the jobs of workers that are silent, and the mails that their senders left in the middle."""
    from asgiref.sync import sync_to_async

    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER.total_seconds()):
        await manager.retry_job(job)
    await sync_to_async(sending.rescue)(now=clock())
