"""Half a year of money: the bank's statements, a bounce, a dispute, a bad debt, and the ledger at each month's end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from quarterday.audit.books import balances
from quarterday.audit.ledger import ledger
from quarterday.engine.periods import Period
from quarterday.payments import actions
from quarterday.payments.queries import ages_by_customer, ledger_sums, settlements, suggestions, waiting_lines
from quarterday.payments.reminders import due_reminders
from tests.payments.bank import CLERK, entry, imported
from tests.payments.conftest import customer, desk, issued

__all__ = ["desk"]


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def held(month: int) -> dict[str, str]:
    """What the accounts hold at the end of a month, without those that hold nothing."""
    return {
        row.account: f"{row.after:.2f}"
        for row in ledger_sums(Period(date(2026, 1, 1), date(2026, month + 1, 1)))
        if row.after
    }


@pytest.mark.usefixtures("desk")
def test_half_a_year_of_a_customer_that_goes_under():
    dental = customer("North Dental GmbH")
    march = issued(dental, "119.00", on=date(2026, 3, 1))
    april = issued(dental, "119.00", on=date(2026, 4, 1))

    # March: the bank's statement has the payment of one bill.
    imported(entry("119.00", f"Rechnung {march.issue.number}", "North Dental", on=date(2026, 3, 12)), now=at(3, 13))
    actions.confirm_sure_lines(now=at(3, 13), by=CLERK)
    assert held(3) == {"bank": "119.00", "revenue": "-119.00"}

    # April: the debit for the second one bounces three days later.
    came = entry("119.00", april.issue.number, "North Dental", on=date(2026, 4, 10))
    went = entry("-119.00", "Rücklastschrift", "North Dental", on=date(2026, 4, 13))
    imported(came, now=at(4, 10), name="10 April")
    actions.confirm_sure_lines(now=at(4, 10), by=CLERK)
    imported(went, now=at(4, 14), name="14 April")
    # Of two payments alike the bank does not say which: the newest is proposed, and a person confirms it.
    (bounced,) = suggestions(list(waiting_lines()))
    assert (bounced.kind, bounced.is_sure) == ("bounce", False)
    actions.confirm_suggestion(bounced, now=at(4, 14), by=CLERK)
    assert held(4) == {"receivables": "119.00", "bank": "119.00", "revenue": "-238.00"}

    # May: they dispute it, and are not reminded until they give in.
    assert [mail.customer.pk for mail in due_reminders(now=at(5, 4))] == [dental.pk]
    actions.pause_reminders(april, reason="too many computers", until=date(2026, 5, 20), now=at(5, 4), by=CLERK)
    assert due_reminders(now=at(5, 20)) == []
    assert [row.asked for mail in due_reminders(now=at(5, 21)) for row in mail.invoices] == [Decimal(119)]

    # June: a part comes, the rest is given up.
    imported(
        entry("19.00", f"Rate {april.issue.number}", "North Dental", on=date(2026, 6, 2)), now=at(6, 3), name="June"
    )
    (part,) = suggestions(list(waiting_lines()))
    assert (part.is_sure, part.over) == (False, Decimal(-100))
    actions.confirm_suggestion(part, now=at(6, 3), by=CLERK)
    lost = actions.write_off(april, reason="insolvent", now=at(6, 30), by=CLERK)
    assert held(6) == {"bank": "138.00", "bad_debts": "100.00", "revenue": "-238.00"}
    assert settlements([april.pk], on=date(2026, 6, 30))[april.pk].status == "written off"

    # July: the administrator pays after all. June keeps its figures, and so does what was owed at its end.
    actions.undo_write_off(lost, reason="the administrator paid", now=at(7, 8), by=CLERK)
    paid: dict[str, Any] = {"amount": Decimal(100), "currency": "EUR", "received_on": date(2026, 7, 8)}
    actions.record_payment(dental, **paid, bills=[april.pk], now=at(7, 8), by=CLERK)
    assert held(6) == {"bank": "138.00", "bad_debts": "100.00", "revenue": "-238.00"}
    assert held(7) == {"bank": "238.00", "revenue": "-238.00"}
    assert [age.open for age in ages_by_customer(on=date(2026, 5, 31))] == [Decimal(119)]
    assert ages_by_customer(on=date(2026, 7, 8)) == []
    assert [*balances(at(7, 9)), *ledger(at(7, 9))] == []
