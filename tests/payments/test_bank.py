"""Lines of the bank: stored once, matched by number, amount and name, and confirmed by a person."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from quarterday.payments import actions, queries
from quarterday.payments.models import BankLine, Payment
from quarterday.payments.queries import suggestions
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from tests.payments.bank import CLERK, DAY, entry, imported
from tests.payments.conftest import NOON, customer, issued

LATER = NOON.replace(month=6)


@pytest.fixture
def dental(desk):
    return customer("North Dental GmbH", number="K-1")


@pytest.fixture
def law(desk):
    return customer("South Law LLP", number="K-2")


def lines(*entries):
    return imported(*entries, now=LATER)


def suggested(*entries):
    """Kind, customer, bills, what agrees, what is over, and whether it is sure: for each line."""
    return [
        (
            s.kind,
            s.customer,
            [bill.number for bill in s.bills],
            "+".join(s.because),
            f"{s.over:.2f}" if s.over else "",
            s.is_sure,
        )
        for s in suggestions(lines(*entries))
    ]


def status(*bills):
    found = queries.settlements([bill.pk for bill in bills], on=DAY)
    return [found[bill.pk].status for bill in bills]


def test_a_file_is_imported_once_and_a_line_once_whatever_file_it_is_in(desk):
    one, two = entry("10", "a"), entry("10", "a", on=DAY + timedelta(days=1))
    of_the_day, of_the_month = [one], [one, one, two]
    first = actions.import_bank_lines(of_the_day, content=b"day", name="d", now=LATER, by=CLERK)
    again = actions.import_bank_lines(of_the_day, content=b"day", name="d", now=LATER, by=CLERK)
    month = actions.import_bank_lines(of_the_month, content=b"month", name="m", now=LATER, by=CLERK)

    assert (first.new_count, first.is_known) == (1, False)
    assert (again.new_count, again.is_known, again.file.pk) == (0, True, first.file.pk)
    assert month.new_count == 2, "two transfers that are alike are two"
    assert BankLine.objects.count() == 3


def test_a_number_and_the_amount_are_sure(dental):
    bill = issued(dental, "119.00")

    assert suggested(entry("119", f"Rechnung {bill.issue.number}", "H. Brook")) == [
        ("payment", "North Dental GmbH", [bill.issue.number], "number+amount", "", True)
    ]


@pytest.mark.parametrize("spelt", ["{}", "bill {} thanks", "INV {}", "x/{}/y", "Rg.{}."])
def test_a_number_is_found_however_it_is_spelt(dental, spelt):
    bill = issued(dental, "119.00")
    said = bill.issue.number.lower().replace("-", " ")

    ((_, _, bills, because, _, sure),) = suggested(entry("119", spelt.format(said)))
    assert (bills, because, sure) == ([bill.issue.number], "number+amount", True)


def test_a_longer_number_is_not_a_shorter_one(dental):
    bill = issued(dental, "119.00")

    ((kind, *_, sure),) = suggested(entry("50", f"{bill.issue.number}7"))
    assert (kind, sure) == ("", False)


def test_one_line_for_many_bills(dental):
    march, april = issued(dental, "100.00"), issued(dental, "50.00", on=date(2026, 4, 1))
    text = f"{march.issue.number}, {april.issue.number}"

    assert suggested(entry("150", text)) == [
        ("payment", "North Dental GmbH", [march.issue.number, april.issue.number], "number+amount", "", True)
    ]


def test_too_little_and_too_much_are_suggested_and_not_sure(dental):
    bill = issued(dental, "100.00")
    found = suggested(entry("60", bill.issue.number), entry("130.5", bill.issue.number))

    assert [(over, sure) for *_, over, sure in found] == [("-40.00", False), ("30.50", False)]


def test_a_name_and_an_amount_are_sure_and_a_name_alone_is_not(dental, law):
    bill = issued(dental, "100.00")
    issued(law, "100.00")

    assert suggested(
        entry("100", "thank you", "NORTH DENTAL"), entry("33", "thank you", "North Dental GmbH & Co. KG")
    ) == [
        ("payment", "North Dental GmbH", [bill.issue.number], "payer+amount", "", True),
        ("payment", "North Dental GmbH", [], "payer", "", False),
    ]


def test_an_amount_alone_is_a_guess_and_two_alike_are_none(dental, law):
    bill = issued(dental, "100.00")
    assert suggested(entry("100")) == [("payment", "North Dental GmbH", [bill.issue.number], "amount", "", False)]

    issued(law, "100.00")
    assert suggested(entry("100", on=DAY + timedelta(days=1))) == [("", "", [], "", "", False)]


def test_an_account_that_paid_before_is_known_whatever_name_it_bears(dental):
    first = issued(dental, "100.00")
    (line,) = lines(entry("100", first.issue.number, "Brook", iban="DE77"))
    actions.confirm_suggestion(suggestions([line])[0], now=LATER, by=CLERK)
    second = issued(dental, "80.00", on=date(2026, 4, 1))

    assert suggested(entry("80", "", "Brook & Daughters", iban="DE77")) == [
        ("payment", "North Dental GmbH", [second.issue.number], "payer+amount", "", True)
    ]


def test_what_was_recorded_by_hand_is_found_and_not_recorded_again(dental):
    bill = issued(dental, "100.00")
    told: dict[str, Any] = {"currency": "EUR", "received_on": DAY - timedelta(days=1), "now": LATER, "by": CLERK}
    payment = actions.record_payment(dental, amount=Decimal(100), **told)
    (line,) = lines(entry("100", bill.issue.number, "North Dental"))
    (suggestion,) = suggestions([line])

    assert (suggestion.kind, suggestion.payment_id, suggestion.is_sure) == ("recorded", payment.pk, True)
    actions.confirm_suggestion(suggestion, now=LATER, by=CLERK)
    assert Payment.objects.count() == 1
    (other,) = lines(entry("100", "again"))
    with pytest.raises(Refused, match="is this payment already"):
        actions.confirm_line(other, kind="recorded", payment=payment, now=LATER, by=CLERK)


def test_what_may_be_recorded_already_or_settle_an_open_bill_waits_for_a_look(dental):
    halves = issued(dental, "200.00")
    told: dict[str, Any] = {"currency": "EUR", "received_on": DAY - timedelta(days=8), "now": LATER, "by": CLERK}
    first = actions.record_payment(dental, amount=Decimal(100), **told)
    by_number, by_amount = lines(
        entry("100", halves.issue.number, "North Dental"), entry("100", "the rest", "North Dental")
    )

    for suggestion in suggestions([by_number, by_amount]):
        assert (suggestion.kind, suggestion.payment_id, suggestion.is_sure) == ("recorded", first.pk, False)
    assert actions.confirm_sure_lines(now=LATER, by=CLERK) == []
    actions.confirm_line(by_number, kind="payment", customer=dental, bills=[halves.pk], now=LATER, by=CLERK)
    assert status(halves) == ["paid"]
    assert suggestions([by_amount])[0].is_sure, "nothing is open any more: it is the first half"


def test_a_returned_debit_bounces_its_payment(dental):
    bill = issued(dental, "100.00")
    (came,) = lines(entry("100", bill.issue.number, "North Dental"))
    actions.confirm_suggestion(suggestions([came])[0], now=LATER, by=CLERK)
    assert status(bill) == ["paid"]

    (went,) = lines(entry("-100", "Rücklastschrift", "North Dental", on=DAY + timedelta(days=3)))
    (suggestion,) = suggestions([went])
    assert (suggestion.kind, suggestion.is_sure) == ("bounce", True)
    actions.confirm_suggestion(suggestion, now=LATER, by=CLERK)
    assert status(bill) == ["overdue"]


def test_of_two_debits_alike_the_one_comes_back_whose_bill_is_named_and_else_a_person_looks(dental):
    may, june = issued(dental, "100.00"), issued(dental, "100.00")
    for bill, on in ((may, DAY - timedelta(days=30)), (june, DAY)):
        told: dict[str, Any] = {"currency": "EUR", "received_on": on, "now": LATER, "by": CLERK, "bills": [bill.pk]}
        actions.record_payment(dental, amount=Decimal(100), **told)
    first, second = Payment.objects.order_by("pk")
    on = DAY + timedelta(days=3)
    named, unnamed = lines(
        entry("-100", f"Rücklastschrift {may.issue.number}", "North Dental", on=on),
        entry("-100", "Rücklastschrift", "North Dental", on=on),
    )

    assert [(s.payment_id, s.is_sure) for s in suggestions([named, unnamed])] == [(first.pk, True), (second.pk, False)]


def test_money_that_went_to_a_customer_with_credit_is_a_refund(dental):
    told: dict[str, Any] = {"currency": "EUR", "received_on": DAY, "now": LATER, "by": CLERK}
    actions.record_payment(dental, amount=Decimal(30), **told)
    (went,) = lines(entry("-30", "paid twice", "North Dental"))
    (suggestion,) = suggestions([went])

    assert (suggestion.kind, suggestion.because, suggestion.is_sure) == ("refund", ("payer", "amount"), False)
    line = actions.confirm_suggestion(suggestion, now=LATER, by=CLERK)
    assert line.refund is not None
    assert line.refund.amount == Decimal(30)
    assert queries.open_balance(dental.pk, "EUR") == 0


def test_all_sure_ones_are_confirmed_and_the_second_of_two_alike_waits(dental, law):
    bill, other = issued(dental, "100.00"), issued(law, "50.00")
    rows = lines(
        entry("100", bill.issue.number), entry("100", f"again {bill.issue.number}"), entry("20", other.issue.number)
    )
    done = actions.confirm_sure_lines(now=LATER, by=CLERK)

    assert [line.pk for line in done] == [rows[0].pk]
    assert status(bill, other) == ["paid", "overdue"]
    assert actions.confirm_sure_lines(now=LATER, by=CLERK) == []
    assert AuditEntry.objects.filter(verb="confirmed as payment").count() == 1


def test_a_person_chooses_another_customer_and_its_oldest_bills(dental, law):
    issued(dental, "100.00")
    old, new = issued(law, "60.00"), issued(law, "60.00", on=date(2026, 4, 1))
    (line,) = lines(entry("100", "thanks"))
    actions.confirm_line(line, kind="payment", customer=law, now=LATER, by=CLERK)

    assert [row.open for row in queries.open_invoices([law.pk], on=DAY)] == [Decimal(20)]
    assert status(old, new) == ["paid", "overdue"]


def test_the_banks_fee_is_ignored_for_a_reason_and_may_wait_again(desk):
    (line,) = lines(entry("-4.90", "Kontoführung"))

    with pytest.raises(Refused, match="reason"):
        actions.ignore_line(line, reason=" ", now=LATER, by=CLERK)
    actions.ignore_line(line, reason="the bank's fee", now=LATER, by=CLERK)
    assert not queries.waiting_lines().exists()
    with pytest.raises(Refused, match="was ignored by Clara Clerk before"):
        actions.ignore_line(line, reason="again", now=LATER, by=CLERK)
    actions.reopen_line(line, now=LATER, by=CLERK)
    assert queries.waiting_lines().exists()


def test_what_does_not_fit_is_refused(dental):
    (came, went) = lines(entry("10"), entry("-10"))

    for line, told, words in [
        (came, {"kind": "payment"}, "say who paid"),
        (came, {"kind": "refund"}, "it is no refund"),
        (went, {"kind": "payment", "customer": dental}, "it is no payment"),
        (went, {"kind": "refund"}, "say which payment"),
    ]:
        with pytest.raises(Refused, match=words):
            actions.confirm_line(line, **told, now=LATER, by=CLERK)
    with pytest.raises(Refused, match="no booked movement"):
        actions.import_bank_lines([], content=b"", name="x", now=LATER, by=CLERK)
    with pytest.raises(Refused, match="far in the future"):
        lines(entry("10", on=date(2062, 6, 1)))
    assert not Payment.objects.exists()


def test_many_lines_ask_as_many_questions_as_one(dental, django_assert_max_num_queries):
    for number in range(30):
        issued(dental, "100.00", on=date(2026, 3, 1) + timedelta(days=number))
    rows = lines(*[entry("100", f"number {n}", "North Dental", on=DAY + timedelta(days=n)) for n in range(20)])

    with django_assert_max_num_queries(7):
        assert len(suggestions(rows)) == 20
