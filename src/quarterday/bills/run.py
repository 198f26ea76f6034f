"""The billing run: what is due minus what is claimed, chunk by chunk, by any number of processes at once.

Each chunk is one transaction: lock its customers, read, calculate, write, have the constraints checked, number, commit.
A customer whom another process is billing is left to it, and looked at again at the end. Running it again changes
nothing, and a dry run is the same code without the writing.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import sleep

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, connection

from quarterday.bills import clock, late, reading
from quarterday.bills.collect import CustomerCase, Desk, collect, open_cases
from quarterday.bills.conservation.checking import faults_of_run
from quarterday.bills.drafting import Drafted, draft_bills
from quarterday.bills.locks import lock_customers
from quarterday.bills.models import BillingRun, Parking
from quarterday.bills.report import LeftToPerson, RunBill, RunReport
from quarterday.bills.settling import late_periods, write_drafts
from quarterday.bills.writing import NewBill, Reached, pass_by
from quarterday.customers.models import Customer
from quarterday.customers.queries import customers_by_id
from quarterday.inventory.lock import inventory_lock
from quarterday.provider.queries import get_provider, refuse_copy
from quarterday.shared import trail
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope

CHUNK = 200
TRIES = 8
PAUSE_SECONDS = 0.05

CONFLICTS = {"40001", "40P01", "23P01", "23505", "55P03"}
"""Serialization failure, deadlock, exclusion or unique violation, lock not available: somebody else was quicker."""

INCONSISTENT = (ValueError, LookupError, ArithmeticError, TypeError, Refused)
"""What facts that contradict themselves raise; here such that a whole chunk shares, like a plan's prices."""

LOST = {"08", "57"}
"""Classes of errors of a connection that broke, or that the server ended."""

Progress = Callable[[int, int], None]
"""Told how many customers are done, of how many."""


@dataclass(slots=True)
class _Run:
    """What all chunks of one run share. Its record is made with its first bill, unless it was opened before."""

    at: datetime
    by: Actor
    dry: bool
    confirmed: bool
    reached: Reached
    record_id: int | None


@dataclass(slots=True)
class _Outcome:
    """What became of one chunk. `busy` are the customers whom another process was billing."""

    done: list[tuple[Drafted, NewBill | None]] = field(default_factory=list)
    parked: list[LeftToPerson] = field(default_factory=list)
    waiting: list[LeftToPerson] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)


def run_billing(
    *,
    at: datetime,
    by: Actor,
    customers: Sequence[int] | None = None,
    dry: bool = False,
    confirmed: bool = False,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    reached: Reached = pass_by,
    run_id: int | None = None,
    conserve: bool = True,
) -> RunReport:
    """Bill everybody, or some customers, for what is due at an instant; returns what was done and what needs a person.

    `dry` writes nothing and lets others bill; only a sync waits for the chunk that is read. `confirmed` is a person's
    word that a strange clock and missed periods are meant. `run_id` is a record that was opened before, to be watched
    (running.py). At the end the device-days of the months billed are held against the ledger, unless `conserve` is off.
    Refused on a restored copy, unless dry. Call it outside `acting`: every chunk is a transaction of its own.
    """
    report = RunReport(at=at, dry=dry)
    with acting(Scope.all()):
        provider = get_provider()
        if not dry:
            refuse_copy()
        if not confirmed:
            report.stopped = clock.reason_to_wait(at, quiet_days=provider.quiet_days_limit)
        if report.stopped:
            return report
        if customers is None and not dry:
            clock.set_clock(at, confirmed=confirmed)
        ids = reading.customers_with_subscriptions(customers)
    run = _Run(at, by, dry, confirmed, reached, run_id)
    _bill_all(ids, run, report, chunk, progress)
    if conserve and not dry:
        report.faults = faults_of_run(report)
    if run.record_id is not None:
        with acting(Scope.all()):
            BillingRun.objects.filter(pk=run.record_id).update(finished=True, summary=report.summary())
    return report


def _bill_all(ids: Sequence[int], run: _Run, report: RunReport, chunk: int, progress: Progress | None) -> None:
    """Every chunk once without waiting for others, then what was busy, waiting for it."""
    busy: list[int] = []
    done = 0
    for wait, todo in ((False, ids), (True, busy)):
        for start in range(0, len(todo), chunk):
            part = list(todo[start : start + chunk])
            left = 0
            for outcome in _persistently(part, run, wait):
                _add(outcome, report)
                busy += outcome.busy
                left += len(outcome.busy)
            done += len(part) - left
            if progress is not None:
                progress(done, len(ids))


def _persistently(ids: list[int], run: _Run, wait: bool) -> list[_Outcome]:
    """Bill a chunk: again after a conflict; in halves if the database refuses it, until one customer is parked."""
    for attempt in range(1, TRIES + 1):
        try:
            with _collector_paused():
                return [_bill_chunk(ids, run, wait)]
        except INCONSISTENT as error:
            return _in_halves(ids, error, run, wait)
        except (DatabaseError, InterfaceError) as error:
            if not _may_pass(error):
                if not isinstance(error, IntegrityError | DataError):
                    raise
                return _in_halves(ids, error, run, wait)
            if attempt == TRIES:
                raise
        sleep(PAUSE_SECONDS * attempt)
    raise AssertionError(f"{TRIES} tries end by an answer or an error")


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Look for no garbage within a chunk: there is none, and looking through all its facts is a fifth of the run."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _in_halves(ids: list[int], error: Exception, run: _Run, wait: bool) -> list[_Outcome]:
    if len(ids) == 1:
        return [_park_alone(ids[0], error, run)]
    middle = len(ids) // 2
    return [
        *_persistently(ids[:middle], run, wait),
        *_persistently(ids[middle:], run, wait),
    ]


def _may_pass(error: Exception) -> bool:
    """Whether the next try may succeed: somebody else was quicker or in the way, or the connection was lost."""
    if connection.in_atomic_block:
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, OperationalError | InterfaceError) and (state is None or state[:2] in LOST):
        connection.close()
        return True
    return state in CONFLICTS


def _bill_chunk(ids: list[int], run: _Run, wait: bool) -> _Outcome:
    """One transaction: read, calculate, write."""
    record_id = run.record_id
    with acting(Scope.all()):
        mine = ids if run.dry else lock_customers(ids, wait=wait)
        inventory_lock(shared=True)
        run.reached("locked")
        outcome = _Outcome(busy=sorted(set(ids) - set(mine)))
        provider = get_provider()
        free = sorted(set(mine) - reading.parked(mine))
        cases = open_cases(free, at=run.at, provider=provider, confirmed=run.confirmed)
        late.watch(cases, at=run.at, periods_back=provider.late_periods_limit)
        outcome.waiting = list(_waiting(cases))
        cases = {key: case for key, case in cases.items() if case.dues or case.trouble}
        if not cases:
            return outcome
        desk = collect(cases, provider)
        run.reached("collected")
        drafts: list[Drafted] = []
        findings: list[late.Finding] = []
        for case in cases.values():
            try:
                found, drafted = _calculate(case, desk, run.at)
            # Whatever is wrong with one customer's facts must not keep the others from being billed.
            except Exception as error:
                outcome.parked.append(_reason(case, error))
            else:
                drafts += drafted
                findings += found
        run.reached("calculated")
        bills: Mapping[int, NewBill] = {}
        if not run.dry:
            for draft in drafts:
                draft.serialise()
            run.reached("serialised")
            if record_id is None and drafts:
                record_id = BillingRun.objects.create(at=run.at, by=run.by.name[:200]).pk
            _park(outcome.parked, run)
            bills = write_drafts(drafts, desk, at=run.at, by=run.by, run_id=record_id, reached=run.reached)
            late.note(findings, late_periods(drafts, bills), known_at=desk.known_at, at=run.at)
        outcome.done = [(drafted, bills.get(place)) for place, drafted in enumerate(drafts)]
        run.reached("finished")
    # Only now is it known to be there: a chunk that is thrown back takes its record along.
    run.record_id = record_id
    return outcome


def _calculate(case: CustomerCase, desk: Desk, at: datetime) -> tuple[list[late.Finding], list[Drafted]]:
    """One customer: what was learned late, and its bills."""
    case.raise_trouble()
    findings = late.find(case, desk)
    late.take_up(case, findings)
    return findings, list(draft_bills(case, desk, at=at))


def _waiting(cases: Mapping[int, CustomerCase]) -> Iterator[LeftToPerson]:
    for key, case in cases.items():
        for subscription, reason in case.waiting.items():
            yield LeftToPerson(key, case.customer.name, reason, subscription)


def _reason(case: CustomerCase, error: Exception) -> LeftToPerson:
    """Why a customer cannot be billed: in the error's own words, if it was made for people."""
    words = str(error) if isinstance(error, ValueError | Refused) else f"{type(error).__name__}: {error}"
    return LeftToPerson(case.customer.pk, case.customer.name, words[:500])


def _park_alone(customer_id: int, error: Exception, run: _Run) -> _Outcome:
    """One customer is what a chunk failed for: its facts cannot be read, or the database refuses its bill."""
    words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    reason = words if isinstance(error, INCONSISTENT) else f"the database refused its bill: {words}"
    with acting(Scope.all()):
        name = customers_by_id([customer_id])[customer_id].name
        parked = LeftToPerson(customer_id, name, reason[:500])
        if not run.dry:
            _park([parked], run)
    return _Outcome(parked=[parked])


def _park(left: Sequence[LeftToPerson], run: _Run) -> None:
    """Leave customers out of this and later runs, until somebody retries."""
    Parking.objects.bulk_create(
        [Parking(customer_id=each.customer_id, reason=each.reason, parked_at=run.at) for each in left],
        ignore_conflicts=True,
    )
    for each in left:
        details = {"reason": each.reason}
        trail.record(run.by, "parked", Customer(pk=each.customer_id, name=each.customer), at=run.at, details=details)


def _add(outcome: _Outcome, report: RunReport) -> None:
    report.parked += outcome.parked
    report.waiting += outcome.waiting
    for drafted, bill in outcome.done:
        if drafted.is_empty:
            report.empty += 1
        else:
            report.bills.append(_line(drafted, bill))


def _line(drafted: Drafted, bill: NewBill | None) -> RunBill:
    content = drafted.content
    issued = None if bill is None else bill.issued
    return RunBill(
        customer_id=content.customer_id,
        customer=drafted.case.customer.name,
        kind=content.kind,
        billing_on=content.billing_on,
        currency=content.currency,
        net=content.net,
        total=content.total,
        device_count=content.device_count,
        content_digest=drafted.digest.hex(),
        holds=drafted.holds,
        bill_id=None if bill is None else bill.bill_id,
        number=None if issued is None else issued.number,
        issued_on=None if issued is None else issued.issued_on,
        due_on=None if issued is None else issued.due_on,
    )
