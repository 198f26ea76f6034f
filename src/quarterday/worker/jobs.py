"""The jobs: each reads the clock, opens its own `acting` and does one thing that may be repeated without harm.

Jobs that come round by themselves are enqueued once per tick, however many workers run; one that has made work for the
next calls it at once. What they find to do is read from the tables, so a lost job, a killed worker or a restored backup
loses nothing: the next tick does it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from quarterday.audit.queries import audit
from quarterday.bills import printing, run
from quarterday.bills.actions import late
from quarterday.inventory.actions import replacements
from quarterday.outbox import sending
from quarterday.payments import late_fees, reminders
from quarterday.provider.queries import find_provider, restored_copy
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import WORKER, Scope
from quarterday.subscriptions.actions import announcing, pausing
from quarterday.upkeep.seals import seal_entries
from quarterday.web.sign_in.alarms import post_alarms

EVERY_MINUTE = "* * * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_TEN_SECONDS = "* * * * * */10"
EVERY_NIGHT = "17 2 * * *"
SILENT_AFTER = timedelta(seconds=30)

log = logging.getLogger(__name__)


def clock() -> datetime:
    """The worker's clock."""
    return datetime.now(UTC)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="bills.run", queueing_lock="bills.run")
def bill(timestamp: int) -> None:
    """Bill whatever has become due; printing and mailing follow from the rows."""
    if not _may_work():
        return
    report = run.run_billing(at=clock(), by=WORKER)
    if report.stopped:
        log.error("Nothing was billed: %s", report.stopped)
    if any(made.number for made in report.bills):
        _call(print_bills)


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="bills.print", queueing_lock="bills.print")
def print_bills(timestamp: int) -> None:
    """Print what was issued and is not printed; bills that another worker prints at this moment are left to it."""
    printed = printing.print_waiting(clock=clock)
    for bill_id, reason in printed.failures.items():
        log.error("Bill %s cannot be printed: %s", bill_id, reason)
    if printed.count:
        _call(send_mail)


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="outbox.send", queueing_lock="outbox.send")
def send_mail(timestamp: int) -> None:
    """Send the mail that is due."""
    sending.send_due(clock=clock, batches=50)


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(name="payments.remind", queueing_lock="payments.remind")
def remind(timestamp: int) -> None:
    """Charge the late fees that are due, and post the reminders of each customer's morning, which name them."""
    if not _may_work():
        return
    try:
        with acting(Scope.all()):
            late_fees.charge_late_fees(now=clock(), by=WORKER)
    except Refused as refused:
        # Somebody has to mend a setting, such as a tax code that is gone; nobody's reminder waits for that.
        log.error("No late fee can be charged: %s", refused)
    with acting(Scope.all()):
        reminders.remind(now=clock())


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="accounts.alarms", queueing_lock="accounts.alarms")
def tell_admins(timestamp: int) -> None:
    """Tell admins at once of sign-ins from new browsers, of other bank details and of another mail server."""
    with acting(Scope.all()):
        post_alarms(now=clock())


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="outbox.rescue", queueing_lock="outbox.rescue")
def rescue_mail(timestamp: int) -> None:
    """Take up the mails that their senders left in the middle."""
    if sending.rescue(now=clock()):
        _call(send_mail)


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="worker.rescue", queueing_lock="worker.rescue")
async def rescue_jobs(timestamp: int) -> None:
    """Give back the jobs of workers that are silent."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER.total_seconds()):
        try:
            await manager.retry_job(job)
        except ConnectorException:
            # Its next turn is enqueued already, and does the same.
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(name="upkeep.seal", queueing_lock="upkeep.seal")
def seal_trail(timestamp: int) -> None:
    """Seal the audit entries that were written since the last seal."""
    with acting(Scope.all()):
        seal_entries(now=clock())


@app.periodic(cron=EVERY_NIGHT)
@app.task(name="subscriptions.pause", queueing_lock="subscriptions.pause")
def pause_ghosts(timestamp: int) -> None:
    """Pause what has been silent for its plan's days, charge what was heard again, and mail us what will surprise."""
    if not _may_work():
        return
    with acting(Scope.all()):
        done = pausing.pause_silent_devices(now=clock(), by=WORKER)
    if done.begun or done.ended:
        log.info("Silent devices: %s paused, %s heard again", done.begun, done.ended)
    with acting(Scope.all()):
        replacements.propose_doubles(now=clock(), by=WORKER)
        announcing.announce(now=clock())


@app.periodic(cron=EVERY_NIGHT)
@app.task(name="bills.late", queueing_lock="bills.late")
def look_back(timestamp: int) -> None:
    """Look whether the months that are billed would cost something else, as known now."""
    if _may_work() and (found := late.look_back(now=clock())):
        log.info("Learned late: %s billed periods would cost something else", found)


@app.periodic(cron=EVERY_NIGHT)
@app.task(name="audit.run", queueing_lock="audit.run")
def check_books(timestamp: int) -> None:
    """Ask every promise of the books, and say which row breaks one."""
    for kept in audit(now=clock()):
        for breach in kept.breaches:
            # Whose row it is stays out of the log; `quarterday audit` says it.
            log.error("The audit found that a promise is broken: %s %s", kept.sentence, breach.row)


def _may_work() -> bool:
    """Whether somebody sends bills here: a worker may be started before anything else, and beside a restored copy."""
    with acting(Scope.all()):
        return find_provider() is not None and restored_copy() is None


def call_all() -> None:
    """Have what is due billed, printed, reminded of and mailed, once and in this order, unless it is asked for already.

    Seals, alarms and what a night brings (pauses, what is learned late, the audit) come by their clocks alone.
    """
    for job in (rescue_jobs, rescue_mail, bill, print_bills, remind, send_mail):
        _call(job)


def _call(job: Any) -> None:
    """Have a job done now instead of at its next tick; if it is enqueued already, that is now."""
    try:
        job.defer(timestamp=0)
    except AlreadyEnqueued:
        log.debug("%s is enqueued already", job.name)
