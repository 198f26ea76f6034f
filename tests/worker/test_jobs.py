"""Jobs by themselves: what they do on an empty installation, and what they say."""

from __future__ import annotations

import logging

import pytest

from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.worker import jobs
from tests.shop import NOW


@pytest.mark.parametrize("name", ["bill", "print_bills", "send_mail", "remind", "rescue_mail", "check_books"])
def test_a_worker_that_is_started_before_anything_is_set_up_is_quiet(
    database: None, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    getattr(jobs, name)(timestamp=0)

    assert caplog.records == []


def test_the_nightly_audit_logs_the_row_and_no_name(database: None, caplog: pytest.LogCaptureFixture) -> None:
    with acting(Scope.all()):
        customer = Customer.objects.create(
            number="C-1", name="North", country="DE", time_zone="Europe/Berlin", currency="EUR", created_at=NOW
        )

    jobs.check_books(timestamp=0)

    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (
            logging.ERROR,
            "The audit found that a promise is broken: Every change has an audit entry with its actor."
            f" customer {customer.pk}",
        )
    ]


def test_a_step_that_is_enqueued_already_is_not_enqueued_twice(fresh_database: None) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    jobs.call_all()
    jobs.call_all()

    assert sorted(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "bills.print",
        "bills.run",
        "outbox.rescue",
        "outbox.send",
        "payments.remind",
        "worker.rescue",
    ]
