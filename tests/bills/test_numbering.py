"""Numbers: patterns, series, dates that never fall, and no gap however often it is tried in vain."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest

from quarterday.bills.models import BillIssue, NumberCounter
from quarterday.bills.numbering import chain_hash, next_numbers, number_given_twice
from quarterday.bills.queries.proving import faults_of_chain
from quarterday.bills.run import run_billing
from quarterday.customers.models import Customer
from quarterday.provider.actions import change_number_series
from quarterday.provider.models import NumberSeries
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from tests.bills.desk import bill_on, moment, numbers
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

NOVEMBER = date(2026, 11, 1)


class GaveUp(Exception):
    """The run was stopped here, on purpose."""


def customers(*zones: str) -> list[Customer]:
    made = [a_customer(f"Customer in {zone}", time_zone=zone) for zone in zones]
    plan = a_plan()
    for customer in made:
        a_subscription(customer, plan, starts_on=NOVEMBER, billed_from=NOVEMBER, review_first_bill=False)
        present(customer, "PC-1 #>", start=NOVEMBER)
    return made


@pytest.mark.parametrize("point", ["locked", "collected", "calculated", "serialised", "written", "checked", "numbered"])
def test_a_run_that_is_thrown_back_at_any_point_leaves_no_gap(point: str) -> None:
    customers("Europe/Berlin", "Europe/Paris")

    def give_up(reached: str) -> None:
        if reached == point:
            raise GaveUp

    for _ in range(3):
        with pytest.raises(GaveUp):
            run_billing(at=moment(date(2026, 12, 1)), by=BY, reached=give_up)
    bill_on(date(2026, 12, 1))

    assert numbers() == ["INV-2026-00001", "INV-2026-00002"]
    assert list(faults_of_chain()) == []


def test_a_series_that_does_not_restart_goes_on_over_the_year() -> None:
    customers("Europe/Berlin")
    NumberSeries.objects.filter(kind="invoice").update(pattern="R{number:06d}", restarts_yearly=False)

    bill_on(date(2026, 12, 1))
    assert next_numbers(on=date(2027, 1, 1))["invoice"] == "R000002"
    bill_on(date(2027, 1, 1))

    assert numbers() == ["R000001", "R000002"]
    first, second = BillIssue.objects.order_by("sequence")
    assert (first.previous_hash, bytes(second.previous_hash or b"")) == (None, bytes(first.hash))
    assert [(counter.year, counter.last_number) for counter in NumberCounter.objects.all()] == [(0, 2)]


def test_a_kind_whose_pattern_nobody_set_is_numbered_as_usual_and_anew_each_year() -> None:
    NumberSeries.objects.all().delete()
    customers("Europe/Berlin")
    bill_on(date(2026, 12, 1))
    bill_on(date(2027, 1, 1))

    assert numbers() == ["INV-2026-00001", "INV-2027-00001"]


def test_a_name_of_any_length_may_give_a_number() -> None:
    customers("Europe/Berlin")
    run_billing(at=moment(date(2026, 12, 1)), by=Actor("person", "A" * 300))

    assert BillIssue.objects.get().issued_by == "A" * 200


def test_at_the_turn_of_the_year_each_year_has_its_series_whatever_the_order_of_the_midnights() -> None:
    # It is the first of January in Kiritimati and still the 31st of December in Pago Pago.
    east, west = customers("Pacific/Kiritimati", "Pacific/Pago_Pago")
    run_billing(at=moment(date(2026, 12, 31), 18), by=BY, customers=[east.pk])
    run_billing(at=moment(date(2026, 12, 31), 19), by=BY, customers=[west.pk])

    issued = BillIssue.objects.order_by("customer_id", "sequence").values_list("customer__name", "number", "issued_on")
    assert list(issued) == [
        ("Customer in Pacific/Kiritimati", "INV-2027-00001", date(2027, 1, 1)),
        ("Customer in Pacific/Kiritimati", "INV-2027-00002", date(2027, 1, 1)),
        ("Customer in Pacific/Pago_Pago", "INV-2026-00001", date(2026, 12, 31)),
    ]
    assert list(faults_of_chain()) == []


def test_within_one_run_the_earlier_dates_get_the_earlier_numbers_so_that_none_is_lifted() -> None:
    customers("Pacific/Kiritimati", "Pacific/Pago_Pago")
    run_billing(at=moment(date(2026, 12, 1), 18), by=BY)

    # In Kiritimati, whose customer and bill come first in the tables, it is the second of December already.
    issued = BillIssue.objects.order_by("sequence").values_list("customer__name", "number", "issued_on")
    assert list(issued) == [
        ("Customer in Pacific/Pago_Pago", "INV-2026-00001", date(2026, 12, 1)),
        ("Customer in Pacific/Kiritimati", "INV-2026-00002", date(2026, 12, 2)),
    ]


def test_a_date_is_lifted_to_the_last_one_of_its_series() -> None:
    east, west = customers("Pacific/Kiritimati", "Pacific/Pago_Pago")
    NumberSeries.objects.filter(kind="invoice").update(pattern="R{number:06d}", restarts_yearly=False)
    run_billing(at=moment(date(2026, 12, 2), 18), by=BY, customers=[east.pk])
    run_billing(at=moment(date(2026, 12, 2), 19), by=BY, customers=[west.pk])

    # In Pago Pago it is the second of December, and the document before is dated the third.
    assert list(BillIssue.objects.order_by("sequence").values_list("number", "issued_on", "due_on")) == [
        ("R000001", date(2026, 12, 3), date(2026, 12, 17)),
        ("R000002", date(2026, 12, 3), date(2026, 12, 17)),
    ]


def test_of_one_day_each_customer_in_turn_gets_a_number_and_the_paper_says_who_gave_it_when() -> None:
    customers("Europe/Berlin", "Europe/Vienna")
    bill_on(date(2026, 12, 1))

    issued = BillIssue.objects.order_by("sequence")
    assert list(issued.values_list("customer__name", "number", "issued_on", "due_on")) == [
        ("Customer in Europe/Berlin", "INV-2026-00001", date(2026, 12, 1), date(2026, 12, 15)),
        ("Customer in Europe/Vienna", "INV-2026-00002", date(2026, 12, 1), date(2026, 12, 15)),
    ]
    assert set(issued.values_list("kind", "year", "issued_at", "issued_by")) == {
        ("invoice", 2026, moment(date(2026, 12, 1)), BY.name)
    }


def test_who_asks_for_the_next_numbers_takes_none() -> None:
    assert next_numbers(on=date(2026, 12, 1)) == {"invoice": "INV-2026-00001", "credit_note": "CN-2026-00001"}

    customers("Europe/Berlin")
    bill_on(date(2026, 12, 1))

    for _ in range(2):
        assert next_numbers(on=date(2026, 12, 2)) == {"invoice": "INV-2026-00002", "credit_note": "CN-2026-00001"}
    assert next_numbers(on=date(2027, 1, 1)) == {"invoice": "INV-2027-00001", "credit_note": "CN-2027-00001"}
    assert numbers() == ["INV-2026-00001"]


def test_the_chain_can_be_followed_with_any_tool_that_knows_sha256() -> None:
    days = date(2026, 12, 1), date(2026, 12, 15)

    first = chain_hash(None, "INV-2026-00001", *days, b"content")
    second = chain_hash(first, "INV-2026-00002", *days, b"content")

    assert first == hashlib.sha256(b"INV-2026-00001\n2026-12-01\n2026-12-15\ncontent").digest()
    assert second == hashlib.sha256(first + b"INV-2026-00002\n2026-12-01\n2026-12-15\ncontent").digest()


def renumber(pattern: str, *, restarts_yearly: bool, on: date) -> None:
    told: dict[str, Any] = {"kind": "invoice", "pattern": pattern, "restarts_yearly": restarts_yearly}
    change_number_series(**told, given_twice=number_given_twice(**told, on=on), by=BY, now=moment(on))


@pytest.mark.parametrize("pattern", ["INV-{year}-{number:05d}", "INV-{year}-0{number:04d}", "INV-2026-{number:05d}"])
def test_what_would_give_a_number_twice_is_refused(pattern: str) -> None:
    customers("Europe/Berlin")
    bill_on(date(2026, 12, 1))

    with pytest.raises(Refused, match=r"^pattern: would give INV-2026-00001 a second time"):
        renumber(pattern, restarts_yearly=False, on=date(2026, 12, 2))


def test_a_series_that_begins_anew_under_other_words_or_in_a_new_year_numbers_on() -> None:
    customers("Europe/Berlin")
    bill_on(date(2026, 12, 1))
    renumber("INV-{year}-{number:05d}", restarts_yearly=True, on=date(2026, 12, 2))
    renumber("R{year}-{number}", restarts_yearly=False, on=date(2026, 12, 2))
    bill_on(date(2027, 1, 1))
    renumber("INV-{year}-{number:05d}", restarts_yearly=True, on=date(2027, 1, 2))
    bill_on(date(2027, 2, 1))
    renumber("R{year}-{number}", restarts_yearly=False, on=date(2027, 2, 2))
    bill_on(date(2027, 3, 1))

    assert list(BillIssue.objects.order_by("issued_on").values_list("number", flat=True)) == [
        *("INV-2026-00001", "R2027-1", "INV-2027-00001", "R2027-2")
    ]
    assert list(faults_of_chain()) == []
    with pytest.raises(Refused, match="would give R2027-2 a second time"):
        renumber("R{year}-{number}", restarts_yearly=True, on=date(2027, 3, 2))
