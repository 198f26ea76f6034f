"""Promise 19: one corruption of each kind is planted with a superuser's rights, and the audit names the row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from quarterday.audit.queries import PROMISES, audit
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.upkeep import seals
from tests.audit.books import END, keep_books

if TYPE_CHECKING:
    from tests.databases import Server

ISSUED = "(SELECT bill_id FROM bills_billissue WHERE number = 'INV-2026-00005')"

PLANTED: dict[str, tuple[str, dict[str, str]]] = {
    "a line costs more": (
        f"UPDATE bills_billline SET net = net + 1 WHERE position = 1 AND bill_id = {ISSUED}",
        {
            "sums": "bill 6: net 120.000, tax 22.800, total 142.800; its lines add up to 121.000",
            "contents": "bill 6: its rows are not what was written",
        },
    ),
    "a total is lowered": (
        f"""ALTER TABLE bills_bill DROP CONSTRAINT a_bill_totals_its_net_and_tax;
        UPDATE bills_bill SET total = 100 WHERE id = {ISSUED}""",
        {
            "sums": "bill 6: net 120.000, tax 22.800, total 100.000",
            "balances": "bill 6: 142.800 was used of a total of 100.000",
            "ledger": "booking of bill 6: 142.800 EUR are booked on receivables on 2026-07-01",
            "contents": "bill 6: its rows are not what was written",
        },
    ),
    "a tax is on another sum": (
        f"UPDATE bills_billtax SET base = base + 10 WHERE bill_id = {ISSUED}",
        {
            "sums": "bill 6: tax of category S at 19.0000 % is on 130.000, its lines add up to 120.000",
            "contents": "bill 6: its rows are not what was written",
        },
    ),
    "a bill is credited twice": (
        """INSERT INTO bills_bill SELECT (bills_bill).* FROM (SELECT jsonb_populate_record(b, '{"id": 1000}') AS
        bills_bill FROM bills_bill b WHERE kind = 'credit_note') AS copy""",
        {
            "sums": "bill 2: 737.800 was credited by hand of a total of 368.900",
            "trail": "bill 1000: no audit entry “drafted or issued” is about it",
            "contents": "bill 1000: its rows are not what was written",
        },
    ),
    "a payment settles another customer's bill": (
        """UPDATE payments_allocation SET bill_id = (SELECT min(bill_id) FROM bills_billissue i JOIN bills_bill b
        ON b.id = i.bill_id WHERE b.customer_id <> payments_allocation.customer_id)
        WHERE id = (SELECT max(id) FROM payments_allocation)""",
        {
            "balances": "account of customer 1 in EUR: bills - credits - payments + refunds - write-offs =",
            "ledger": "account of customer 1 in EUR: receivables: the ledger holds 0.000, but 142.800 is left open",
            "owners": "its bill 2 is another customer's",
        },
    ),
    "a payment is used beyond its amount": (
        "UPDATE payments_payment SET amount = 50 WHERE amount = 100",
        {
            "balances": "payment 1: 80.000 of 50.000 EUR was used and 20.000 given back",
            "ledger": "booking of payment 1: 100.000 EUR are booked on bank on",
        },
    ),
    "a payment that was withdrawn settles a bill": (
        "UPDATE payments_payment SET withdrawn_at = now() WHERE amount = 100",
        {
            "balances": "80.000 of 100.000 EUR was used and 20.000 given back, and it was withdrawn",
            "trail": "payment 1: no audit entry “withdrew payment” is about it",
            "ledger": "booking of withdrawal 1: -100.000 EUR are not booked on bank",
        },
    ),
    "a posting is changed": (
        "UPDATE payments_posting SET amount = amount + 1 WHERE what = 'payment' AND document = 1 AND account = 'bank'",
        {"ledger": "booking of payment 1: 101.000 EUR are booked on bank on"},
    ),
    "a booking is gone": (
        f"DELETE FROM payments_posting WHERE what = 'bill' AND document = {ISSUED}",
        {"ledger": "booking of bill 6: 142.800 EUR are not booked on receivables"},
    ),
    "a booking is about nothing": (
        """INSERT INTO payments_posting SELECT (c).* FROM (SELECT jsonb_populate_record(p, jsonb_build_object(
        'id', 1000 + id, 'document', 1000)) AS c FROM payments_posting p WHERE what = 'bill' AND document = 6) AS c""",
        {"ledger": "booking of bill 1000: 142.800 EUR are booked on receivables, and no document says so"},
    ),
    "a booking is moved to another month": (
        f"UPDATE payments_posting SET booked_on = booked_on - 31 WHERE what = 'bill' AND document = {ISSUED}",
        {"ledger": "booking of bill 6: 142.800 EUR are booked on receivables on 2026-05-31"},
    ),
    "a write-off settles less than was given up": (
        "UPDATE payments_writeoff SET amount = amount + 1",
        {
            "balances": "was written off, and it settles",
            "ledger": "booking of write_off 1: ",
        },
    ),
    "a write-off has no entry": (
        "DELETE FROM shared_auditentry WHERE verb = 'wrote off'",
        {"trail": "no audit entry “wrote off” is about it"},
    ),
    "a period is claimed twice": (
        """ALTER TABLE bills_periodclaim DROP CONSTRAINT IF EXISTS a_period_is_claimed_once;
        INSERT INTO bills_periodclaim SELECT (c).* FROM (SELECT jsonb_populate_record(b, '{"id": 1000}') AS c
        FROM bills_periodclaim b WHERE released_at IS NULL ORDER BY id LIMIT 1) AS copy""",
        {
            "periods": "[2026-04-01,2026-05-01) is settled as period although the days before 2026-05-01 are settled",
            "conservation": "month 2026-04: South Law, Gold: 30 computer days in the ledger, 60 accounted for",
        },
    ),
    "a claim vanishes": (
        """DELETE FROM bills_periodclaim WHERE part = 'period' AND lower(period) = '2026-06-01'
        AND customer_id = (SELECT min(id) FROM customers_customer)""",
        {
            "periods": "subscription 1: nothing was ever settled from 2026-06-01 to 2026-07-01",
            "overdue": "subscription 1: Gold: 2026-06-01 to 2026-07-01 is due since 2026-07-01 and not settled",
        },
    ),
    "days before the start are claimed": (
        "UPDATE subscriptions_subscription SET billed_from = '2026-04-08' WHERE id = 1",
        {"periods": "subscription 1: [2026-04-01,2026-05-01) is settled, but charging begins on 2026-04-08"},
    ),
    "a period was billed before it was due": (
        "UPDATE bills_periodclaim SET claimed_at = '2026-06-30T20:00Z' WHERE lower(period) = '2026-06-01'"
        " AND subscription_id = 1 AND released_at IS NULL",
        {"periods": "subscription 1: settled on 2026-06-30, due on 2026-07-01"},
    ),
    "a device is at two customers": (
        """ALTER TABLE inventory_presence DROP CONSTRAINT IF EXISTS a_device_is_at_one_customer_at_a_time;
        INSERT INTO inventory_presence SELECT (c).* FROM (SELECT jsonb_populate_record(p,
        '{"id": 1000, "customer_id": 2}') AS c FROM inventory_presence p WHERE id = 1) AS copy""",
        {"conservation": "presence 1000: device 1: its stay [2026-04-01,) overlaps that of presence 1"},
    ),
    "an amount has a currency that is none": (
        "UPDATE payments_payment SET currency = 'XXQ' WHERE amount = 7",
        {
            "currencies": "payment 2: 'XXQ' is no currency",
            "ledger": "booking of payment 2: 7.000 EUR are booked on bank on",
        },
    ),
    "an amount is finer than its currency": (
        "UPDATE payments_payment SET amount = 7.005 WHERE amount = 7",
        {
            "currencies": "payment 2: 7.005 has more than the 2 decimals of EUR",
            "ledger": "booking of payment 2: 7.000 EUR are booked on bank on",
        },
    ),
    "a number is missing": (
        f"DELETE FROM bills_billissue WHERE bill_id = {ISSUED}",
        {
            "numbers": "bill 7: INV-2026-00006 is number 6 of its series, but the document before it is number 4",
            "chain": "bill 7: INV-2026-00006 is not chained to the document before it",
            "balances": "account of customer 1 in EUR",
            "prints": "bill 6: it is printed, but not issued",
            "ledger": "booking of bill 6: 142.800 EUR are booked on receivables, and no document says so",
        },
    ),
    "the last number is missing": (
        "DELETE FROM bills_billissue WHERE kind = 'credit_note'",
        {
            "numbers": "series credit_note 2026: its counter stands at 1 of 2026-08-01, the last document is",
            "balances": "account of customer 2 in EUR",
            "prints": "bill 10: it is printed, but not issued",
            "ledger": "are booked on customer_credit, and no document says so",
            "seals": "document 1 of the series credit_note 2026 was there when it was made, and is gone",
        },
    ),
    "a date falls": (
        f"UPDATE bills_billissue SET issued_on = '2026-05-31' WHERE bill_id = {ISSUED}",
        {
            "numbers": "bill 6: INV-2026-00005 is dated 2026-05-31, the document before it 2026-06-01",
            "chain": "bill 6: INV-2026-00005: number, dates or content were changed",
            "ledger": "booking of bill 6: 142.800 EUR are booked on receivables on 2026-07-01",
        },
    ),
    "a number is changed": (
        f"UPDATE bills_billissue SET number = 'INV-2026-99999' WHERE bill_id = {ISSUED}",
        {"chain": "bill 6: INV-2026-99999: number, dates or content were changed"},
    ),
    "a due date is changed": (
        f"UPDATE bills_billissue SET due_on = due_on + 30 WHERE bill_id = {ISSUED}",
        {"chain": "bill 6: INV-2026-00005: number, dates or content were changed"},
    ),
    "a hash is made to fit a changed due date": (
        f"""UPDATE bills_billissue i SET due_on = i.due_on + 30, hash = sha256(i.previous_hash || convert_to(
            format(E'%s\\n%s\\n%s\\n', i.number, i.issued_on, i.due_on + 30), 'UTF8') || b.content_digest)
        FROM bills_bill b WHERE b.id = i.bill_id AND i.bill_id = {ISSUED}""",
        {"chain": "bill 7: INV-2026-00006 is not chained to the document before it"},
    ),
    "a text is changed": (
        f"UPDATE bills_billline SET text = 'consulting' WHERE position = 1 AND bill_id = {ISSUED}",
        {"contents": "bill 6: its rows are not what was written"},
    ),
    "a recipient is changed": (
        f"UPDATE bills_bill SET recipients = ARRAY['thief@elsewhere.example'] WHERE id = {ISSUED}",
        {
            "contents": "bill 6: its rows are not what was written",
            "mails": "bill 6: INV-2026-00005 has no mail to thief@elsewhere.example",
        },
    ),
    "facts are changed": (
        f"""UPDATE bills_billfacts SET data = (SELECT data FROM bills_billfacts WHERE bill_id = 4)
        WHERE bill_id = {ISSUED}""",
        {"contents": "bill 6: its facts are not those that it was calculated from"},
    ),
    "facts are changed, and their digest with them": (
        f"""UPDATE bills_billfacts SET data = (SELECT data FROM bills_billfacts WHERE bill_id = 4)
        WHERE bill_id = {ISSUED};
        UPDATE bills_bill SET facts_digest = (SELECT facts_digest FROM bills_bill WHERE id = 4) WHERE id = {ISSUED}""",
        {"contents": "bill 6: calculated again from its facts it comes out differently"},
    ),
    "facts are noise": (
        f"UPDATE bills_billfacts SET data = 'noise' WHERE bill_id = {ISSUED}",
        {"contents": "bill 6: its facts are not those that it was calculated from"},
    ),
    "a PDF is exchanged": (
        f"UPDATE bills_billprint SET content = 'another' WHERE bill_id = {ISSUED}",
        {"prints": "bill 6: its PDF is not the one that was printed"},
    ),
    "a PDF is exchanged, and its digest with it": (
        f"""UPDATE bills_billprint SET content = 'another', sha256 = encode(sha256('another'), 'hex')
        WHERE bill_id = {ISSUED}""",
        {"prints": "bill 6: the PDF that was mailed is not the one that was printed"},
    ),
    "a mailed file is exchanged": (
        "UPDATE outbox_attachment SET content = 'another' WHERE id = (SELECT min(id) FROM outbox_attachment)",
        {"prints": "attachment 1: its file is not the one that was attached"},
    ),
    "a bill's mail is gone": (
        f"DELETE FROM bills_billmail WHERE bill_id = {ISSUED}",
        {"mails": "bill 6: INV-2026-00005 has no mail to it@north.example"},
    ),
    "one recipient was left out": (
        "DELETE FROM outbox_delivery WHERE address = 'ap@south.example' AND message_id ="
        " (SELECT message_id FROM bills_billmail WHERE bill_id = 7)",
        {"mails": "bill 7: INV-2026-00006 has no mail to ap@south.example"},
    ),
    "a bill is mailed twice": (
        f"""INSERT INTO outbox_message SELECT (c).* FROM (SELECT jsonb_populate_record(m, '{{"id": 1000, "key": "x"}}')
            AS c FROM outbox_message m WHERE id = (SELECT message_id FROM bills_billmail WHERE bill_id = {ISSUED})) AS
            copy;
        INSERT INTO outbox_delivery SELECT (c).* FROM (SELECT jsonb_populate_record(d,
            '{{"id": 1000, "message_id": 1000}}') AS c FROM outbox_delivery d
            WHERE message_id = (SELECT message_id FROM bills_billmail WHERE bill_id = {ISSUED})) AS copy;
        INSERT INTO bills_billmail (bill_id, customer_id, message_id)
            SELECT bill_id, customer_id, 1000 FROM bills_billissue WHERE bill_id = {ISSUED}""",
        {
            "mails": "bill 6: INV-2026-00005 is mailed 2 times to it@north.example by itself",
            "prints": "bill 6: the PDF that was mailed is not the one that was printed",
        },
    ),
    "a mail is called sent without a 250": (
        "UPDATE outbox_delivery SET response = '' WHERE message_id = 1",
        {"mails": "is called sent, but the server said: nothing"},
    ),
    "a mail is deferred for ever": (
        "UPDATE outbox_delivery SET state = 'deferred', next_at = NULL WHERE message_id = 1",
        {"mails": "is deferred and will never be taken up"},
    ),
    "a mail lies about": (
        "UPDATE outbox_delivery SET state = 'queued', next_at = '2026-09-30T10:00Z' WHERE message_id = 1",
        {"overdue": "is queued since 2026-09-30 10:00:00+00"},
    ),
    "a print is missing": (
        f"DELETE FROM bills_billprint WHERE bill_id = {ISSUED}",
        {"overdue": "bill 6: INV-2026-00005 is issued since 2026-07-01 07:00:00+00 and not printed"},
    ),
    "a reminder was forgotten": (
        """DELETE FROM payments_allocation WHERE payment_id IN (SELECT id FROM payments_payment WHERE amount = 10000);
        DELETE FROM payments_payment WHERE amount = 10000; DELETE FROM payments_reminder""",
        {"overdue": "a reminder of INV-2026-0000", "ledger": "are booked on customer_credit, and no document says so"},
    ),
    "a line is another customer's": (
        f"UPDATE bills_billline SET customer_id = 2 WHERE position = 1 AND bill_id = {ISSUED}",
        {"owners": "its bill 6 is another customer's"},
    ),
    "a bill is nobody's": (
        f"UPDATE bills_bill SET customer_id = 99 WHERE id = {ISSUED}",
        {
            "owners": "bill 6: its customer 99 does not exist",
            "contents": "bill 6: its rows are not what was written",
            "balances": "account of customer 99 in EUR",
        },
    ),
    "a counted device does not exist": (
        f"UPDATE bills_billline SET device_ids = ARRAY[4711]::bigint[] WHERE position = 1 AND bill_id = {ISSUED}",
        {
            "owners": "bill 6: line 1 counts device 4711, which does not exist",
            "contents": "bill 6: its rows are not what was written",
        },
    ),
    "an audit entry does not say who": (
        "UPDATE shared_auditentry SET actor_name = '' WHERE verb = 'refunded'",
        {"trail": "refunded payment 1: it does not say who did it"},
    ),
    "an entry was changed after it was sealed": (
        "UPDATE shared_auditentry SET details = '{\"forged\": true}' WHERE id = 2",
        {"seals": "seal 2: an entry after 0 up to 3 is not what was sealed"},
    ),
    "a refund has no entry": (
        "DELETE FROM shared_auditentry WHERE verb = 'refunded'",
        {"trail": "payment 1: 1 refunds, 0 entries about them"},
    ),
    "a bill has no entry": (
        "DELETE FROM shared_auditentry WHERE subject_kind = 'bills.Bill' AND subject_id = 6",
        {"trail": "bill 6: no audit entry “drafted or issued” is about it"},
    ),
    "a plan has a version that nobody made": (
        """INSERT INTO plans_planversion SELECT (c).* FROM (SELECT jsonb_populate_record(v,
        '{"id": 1000, "effective_on": "2027-01-01"}') AS c FROM plans_planversion v LIMIT 1) AS copy""",
        {"trail": "plan 1: 2 versions, 1 entries about them"},
    ),
}


@pytest.fixture(scope="module")
def books(database_server: Server, django_db_blocker: Any) -> Iterator[None]:
    """Half a year's books in a database of their own, with Django logged in as somebody who may do anything."""
    from tests.databases import pointing_django_at

    with django_db_blocker.unblock():
        copy = database_server.clone()
        with pointing_django_at(replace(copy, login=copy.superuser)):
            keep_books()
            _seal_the_first_entries()
            yield
        database_server.drop(copy)


def _seal_the_first_entries() -> None:
    """Seal a few entries, so that what is planted among the others breaks the promise it is planted against alone."""
    with pytest.MonkeyPatch.context() as patch, acting(Scope.all()):
        patch.setattr(seals, "MOST_ENTRIES", 3)
        for minutes in range(2):
            assert seals.seal_entries(now=END + timedelta(minutes=minutes)) is not None


def broken() -> dict[str, list[str]]:
    """The broken promises by name, each with its rows and what is wrong with them."""
    kept = audit(now=END)
    assert len(kept) == len(PROMISES)
    return {
        each.promise: [f"{breach.row}: {breach.words}" for breach in each.breaches] for each in kept if each.breaches
    }


def test_books_that_were_kept_by_the_rooms_actions_break_no_promise(books: None) -> None:
    assert broken() == {}


@pytest.mark.parametrize(
    "planted",
    [pytest.param(name, marks=pytest.mark.sweep if number % 5 else ()) for number, name in enumerate(PLANTED)],
)
def test_what_was_planted_is_found_and_named(books: None, planted: str) -> None:
    statements, expected = PLANTED[planted]
    with transaction.atomic():
        with connection.cursor() as cursor:
            # As a superuser who switches triggers and foreign keys off.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statements)
            cursor.execute("SET LOCAL session_replication_role = origin")
        found = broken()
        transaction.set_rollback(True)

    for promise, words in expected.items():
        assert any(words in row for row in found.get(promise, ())), f"{promise}: {words!r} is not in {found}"
    assert set(found) == set(expected)


def test_every_promise_has_something_planted_against_it() -> None:
    assert {name for _, expected in PLANTED.values() for name in expected} == {promise.name for promise in PROMISES}
