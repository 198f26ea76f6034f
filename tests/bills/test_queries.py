"""Explanations, comparisons, proofs: what the bill desk answers, and to whom."""

from __future__ import annotations

from datetime import date

import pytest

from quarterday.bills.actions import credit_bill
from quarterday.bills.models import Bill
from quarterday.bills.queries import (
    Wanted,
    bill_page,
    count_bills,
    find_bill,
    get_bill,
)
from quarterday.bills.queries.comparing import revenue_by_month
from quarterday.bills.queries.proving import faults_of_bills, faults_of_chain, recompute
from quarterday.bills.queries.showing import history_of, shown_lines
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.refusal import NotFound
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.shop import BY, a_customer, a_plan, a_subscription

pytestmark = pytest.mark.usefixtures("shop")

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))


def customers(*names: str, review: bool = False) -> list[Customer]:
    plan = a_plan()
    made = [a_customer(name) for name in names]
    for customer in made:
        a_subscription(customer, plan, review_first_bill=review)
        present(customer, "PC-1 #>\nPC-2 #>\nSRV server #>", start=APRIL)
    return made


def test_a_scope_sees_its_customers_bills_and_nobody_elses() -> None:
    alpha, beta = customers("Alpha", "Beta")
    bill_on(MAY)
    foreign = Bill.objects.get(customer=beta)

    with acting(Scope.of(alpha.pk)):
        assert [row.customer for row in bill_page(Wanted()).rows] == ["Alpha"]
        assert count_bills(Wanted()) == 1
        assert find_bill(foreign.pk) is None
        with pytest.raises(NotFound):
            get_bill(f"draft {foreign.pk}")
        assert len(revenue_by_month(since=MAY, until=MAY)) == 1
        own = Bill.objects.get()
        assert {each.what for each in history_of(own)} == {"calculated", "issued", "numbered", "mail waiting"}
        assert [line.text for line in shown_lines(own)] == ["computer", "server"]
        assert recompute(own).holds
    with acting(Scope.of()):
        assert bill_page(Wanted()).rows == []


def test_a_line_opens_to_its_devices_its_terms_and_its_sum() -> None:
    customers("Alpha")
    bill_on(MAY)

    computers, servers = shown_lines(Bill.objects.get())

    assert [(device.name, device.days) for device in computers.devices] == [("PC-1", 30), ("PC-2", 30)]
    assert (computers.plan, computers.counting, computers.terms_since) == ("Gold", "at_end", date(2026, 1, 1))
    assert (computers.formula, servers.formula) == ("2 x 30", "1 x 90")


def test_a_peak_names_its_day() -> None:
    customer = a_customer("Alpha")
    a_subscription(customer, a_plan("Peak", counting="peak"), review_first_bill=False)
    present(customer, "PC-1 #>\nPC-2 .........#####................", start=APRIL)
    bill_on(MAY)

    [line] = shown_lines(Bill.objects.get())

    assert (line.quantity, line.counted_on) == (2, date(2026, 4, 10))


def test_a_bill_calculated_again_from_its_facts_has_the_same_bytes() -> None:
    customers("Alpha", "Beta")
    bill_on(MAY)
    bill_on(JUNE)
    note = credit_bill(Bill.objects.all()[0], reason="Wrong", now=moment(JUNE), by=BY)

    proof = recompute(Bill.objects.all()[1])

    assert proof.holds
    assert proof.content_digest == proof.recomputed_content_digest
    assert recompute(note).holds
    assert list(faults_of_bills([bill.pk for bill in Bill.objects.all()])) == []
    assert list(faults_of_chain()) == []


def test_revenue_by_month_tells_recurring_from_charges_and_credits() -> None:
    customers("Alpha", "Beta")
    bill_on(MAY)
    credit_bill(Bill.objects.all()[0], reason="Wrong", now=moment(MAY, 12), by=BY)
    bill_on(JUNE)

    may, june = revenue_by_month(since=APRIL, until=JULY)

    assert (may.month, may.recurring, may.credited, may.net, may.bill_count) == (MAY, 300, 150, 150, 3)
    assert (june.month, june.net) == (JUNE, 300)
