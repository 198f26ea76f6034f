"""A correction overwrites nothing: what was known stays the answer to "as known on day X"."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from quarterday.engine.periods import Period
from quarterday.inventory.actions import correct_presence
from quarterday.inventory.models import Device, Presence
from quarterday.inventory.queries import device_stays, find_device, presences
from quarterday.shared.refusal import Refused
from tests.inventory.ledger import JANE, days_later, everything, make_customer, stays_of, sync, whole_ledger

pytestmark = pytest.mark.database

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))


def test_a_device_learned_late_was_there_all_the_time() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer", days_later(39))
        earlier = Period(date(2026, 4, 3), date(2026, 5, 10))
        correct_presence(find_device("1"), days=earlier, at=north, reason="agent broken", now=days_later(40), by=JANE)

        assert whole_ledger() == [
            "1 FRONT North computer 05-10..  known 05-10..05-11  new",
            "1 FRONT North computer 04-03..  known 05-11..  corrected",
        ]
        assert [len(presences([north.pk], APRIL, known_at=days_later(at))) for at in (39, 40)] == [0, 1]
        assert len(presences([north.pk], APRIL)) == 1


def test_days_on_which_a_device_was_not_there_are_taken_out_of_its_stay() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer", days_later(0))
        away = Period(date(2026, 4, 5), date(2026, 4, 10))
        correct_presence(find_device("1"), days=away, at=None, reason="in repair", now=days_later(20), by=JANE)

        assert stays_of("1") == ["FRONT North computer 04-01..04-05", "FRONT North computer 04-10.."]


def test_days_at_another_customer_are_cut_out_and_given_to_it() -> None:
    with everything():
        make_customer("North")
        south = make_customer("South")
        sync("North 1 FRONT computer", days_later(0))
        lent = Period(date(2026, 4, 5), date(2026, 4, 10))
        correct_presence(
            find_device("1"), days=lent, at=south, device_class="server", reason="lent", now=days_later(20), by=JANE
        )

        assert stays_of("1") == [
            "FRONT North computer 04-01..04-05",
            "FRONT South server 04-05..04-10",
            "FRONT North computer 04-10..",
        ]
        assert find_device("1").customer.name == "North"


def test_a_stay_may_be_corrected_to_nothing_and_stays_readable() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer", days_later(0))
        correct_presence(
            find_device("1"), days=Period.since(APRIL.start), at=None, reason="never ours", now=days_later(3), by=JANE
        )

        assert stays_of("1") == []
        assert len(presences([north.pk], known_at=days_later(2))) == 1
        known = device_stays(find_device("1"), with_corrected=True)
        assert [(stay.start, stay.known_from, stay.known_until) for stay in known] == [
            (date(2026, 4, 1), days_later(0), days_later(3))
        ]


def test_a_correction_is_corrected_again() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer", days_later(0))
        days = [Period(date(2026, 3, 1), date(2026, 4, 1)), Period(date(2026, 3, 1), date(2026, 3, 15))]
        correct_presence(find_device("1"), days=days[0], at=north, reason="late", now=days_later(1), by=JANE)
        correct_presence(find_device("1"), days=days[1], at=None, reason="not so early", now=days_later(2), by=JANE)

        assert [[str(stay.start) for stay in presences([north.pk], known_at=days_later(n))] for n in range(3)] == [
            ["2026-04-01"],
            ["2026-03-01"],
            ["2026-03-15"],
        ]


def test_nonsense_is_refused_in_words() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer", days_later(0))
        device, now = find_device("1"), days_later(3)
        with pytest.raises(Refused, match="Say why"):
            correct_presence(device, days=APRIL, at=north, reason=" ", now=now, by=JANE)
        with pytest.raises(Refused, match="2026-04-30 is still to come; today is 2026-04-04 at North"):
            correct_presence(device, days=APRIL, at=north, reason="x", now=now, by=JANE)
        with pytest.raises(Refused, match="That is what is known of FRONT already"):
            correct_presence(device, days=Period(APRIL.start, date(2026, 4, 3)), at=north, reason="x", now=now, by=JANE)


def test_the_database_refuses_a_device_at_two_customers_at_once() -> None:
    with everything():
        make_customer("North")
        south = make_customer("South")
        sync("North 1 FRONT computer", days_later(0))
        row = Presence.objects.get()
        row.pk, row.customer_id = None, south.pk
        with pytest.raises(DatabaseError, match="a_device_is_at_one_customer_at_a_time"), transaction.atomic():
            row.save()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE inventory_presence SET valid = daterange('2026-01-01', NULL)",
        "UPDATE inventory_presence SET device_class = 'server'",
        "UPDATE inventory_presence SET recorded = tstzrange(lower(recorded) - interval '1 day', NULL)",
        "DELETE FROM inventory_presence",
    ],
)
def test_the_database_refuses_to_overwrite_the_ledger(change: str) -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer", days_later(0))
        with (
            pytest.raises(DatabaseError, match="never overwritten"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_what_was_closed_is_not_opened_again() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer\nNorth 2 BACK computer", days_later(0))
        sync("North 2 BACK computer", days_later(3))
        with (
            pytest.raises(DatabaseError, match="never overwritten"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "UPDATE inventory_presence SET recorded = tstzrange(lower(recorded), NULL)"
                " WHERE NOT upper_inf(recorded)"
            )
        assert Device.objects.count() == 2
