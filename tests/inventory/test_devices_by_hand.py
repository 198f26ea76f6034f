"""What a person does to one device, and that the next sync respects it."""

from __future__ import annotations

from datetime import date

import pytest

from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import (
    add_device,
    end_exception,
    except_device,
    follow_source,
    move_device,
    reinstate_device,
    retire_device,
    set_class,
)
from quarterday.inventory.queries import exceptions, exceptions_of, find_device
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from tests.inventory.ledger import JANE, days_later, everything, known_now, make_customer, stays_of, sync

pytestmark = pytest.mark.database

FLEET = "North 1 BOX computer\nNorth 2 DESK computer"


def test_a_class_that_a_person_set_survives_the_next_sync_until_it_is_released() -> None:
    with everything():
        make_customer("North")
        sync(FLEET, days_later(0))
        set_class(find_device("1"), device_class="server", now=days_later(2), by=JANE)
        sync(FLEET, days_later(3))
        sync("North 1 BOX mobile\nNorth 2 DESK computer", days_later(4))
        assert stays_of("1") == ["BOX North computer 04-01..04-03", "BOX North server 04-03.."]

        follow_source(find_device("1"), now=days_later(5), by=JANE)
        sync(FLEET, days_later(6))
        assert stays_of("1")[1:] == ["BOX North server 04-03..04-07", "BOX North computer 04-07.."]


def test_a_class_set_from_an_earlier_day_counts_from_it() -> None:
    with everything():
        make_customer("North")
        sync(FLEET, days_later(0))
        set_class(find_device("1"), device_class="server", on=date(2026, 4, 2), now=days_later(9), by=JANE)
        set_class(find_device("2"), device_class="mobile", on=date(2026, 4, 1), now=days_later(9), by=JANE)
        assert known_now() == [
            "1 BOX North computer 04-01..04-02",
            "1 BOX North server 04-02..",
            "2 DESK North mobile 04-01..",
        ]
        with pytest.raises(Refused, match="is there since 2026-04-02; what was before is corrected"):
            set_class(find_device("1"), device_class="mobile", on=date(2026, 3, 1), now=days_later(9), by=JANE)
        with pytest.raises(Refused, match="2026-06-01 is still to come"):
            set_class(find_device("1"), device_class="mobile", on=date(2026, 6, 1), now=days_later(9), by=JANE)
        with pytest.raises(Refused, match="There is no class “toaster”"):
            set_class(find_device("1"), device_class="toaster", now=days_later(9), by=JANE)


def test_a_device_that_a_person_moved_stays_there_whatever_its_source_says() -> None:
    with everything():
        make_customer("North")
        south = make_customer("South")
        sync(FLEET, days_later(0))
        move_device(find_device("1"), to=south, now=days_later(3), by=JANE)
        sync(FLEET, days_later(4))
        assert stays_of("1") == ["BOX North computer 04-01..04-04", "BOX South computer 04-04.."]
        with pytest.raises(Refused, match="already is at South"):
            move_device(find_device("1"), to=south, now=days_later(4), by=JANE)

        follow_source(find_device("1"), now=days_later(5), by=JANE)
        sync(FLEET, days_later(6))
        assert stays_of("1")[-1] == "BOX North computer 04-07.."


def test_a_move_by_hand_takes_effect_on_the_later_of_the_two_local_dates() -> None:
    with everything():
        make_customer("North", "Pacific/Pago_Pago")
        south = make_customer("South", "Pacific/Kiritimati")
        sync(FLEET, days_later(0))
        move_device(find_device("1"), to=south, now=days_later(3), by=JANE)
        assert stays_of("1") == ["BOX North computer 04-01..04-05", "BOX South computer 04-05.."]


def test_a_retired_device_stays_retired_although_its_source_reports_it() -> None:
    with everything():
        make_customer("North")
        sync(FLEET, days_later(0))
        retire_device(find_device("1"), now=days_later(5), by=JANE)
        result = sync(FLEET, days_later(6))

        assert (result.counts, result.changed_count) == ({"retired": 1}, 0)
        assert stays_of("1") == ["BOX North computer 04-01..04-06"]
        with pytest.raises(Refused, match="was retired on 2026-04-06 already"):
            retire_device(find_device("1"), now=days_later(6), by=JANE)
        with pytest.raises(Refused, match="reinstate it from then on"):
            reinstate_device(find_device("1"), on=date(2026, 4, 2), now=days_later(7), by=JANE)

        reinstate_device(find_device("1"), now=days_later(7), by=JANE)
        sync(FLEET, days_later(8))
        assert stays_of("1")[1:] == ["BOX North computer 04-08.."]
        with pytest.raises(Refused, match="is not retired"):
            reinstate_device(find_device("1"), now=days_later(8), by=JANE)


def test_a_device_may_be_retired_from_an_earlier_day_but_counts_the_day_it_came() -> None:
    with everything():
        make_customer("North")
        sync(FLEET, days_later(0))
        with pytest.raises(Refused, match="is there since 2026-04-01, so it counts that day"):
            retire_device(find_device("1"), on=date(2026, 4, 1), now=days_later(5), by=JANE)
        retire_device(find_device("1"), on=date(2026, 4, 2), now=days_later(5), by=JANE)
        assert stays_of("1") == ["BOX North computer 04-01..04-02"]


def test_a_device_added_by_hand_is_touched_by_no_sync() -> None:
    with everything():
        north = make_customer("North")
        add_device(north, name="Router\x07 1", device_class="server", now=days_later(0), by=JANE)
        sync(FLEET, days_later(1))
        sync(FLEET, days_later(2))
        assert known_now()[-1] == "C-1/Router 1 Router 1 North server 04-01.."
        with pytest.raises(Refused, match="There already is a device"):
            add_device(north, name="Router 1", device_class="server", now=days_later(0), by=JANE)
        with pytest.raises(Refused) as refused:
            add_device(north, name=" ", device_class="toaster", on=date(2030, 1, 1), now=days_later(0), by=JANE)
        assert [problem.field for problem in refused.value.problems] == ["name", "class", "on"]


def test_an_exception_says_why_who_agreed_and_until_when() -> None:
    with everything():
        north = make_customer("North")
        sync(FLEET, days_later(0))
        device = find_device("1")
        april = Period(date(2026, 4, 1), date(2026, 5, 1))
        except_device(device, days=april, reason="Loan", agreed_by="Ms Dent", now=days_later(1), by=JANE)
        sync(FLEET, days_later(2))

        (exempt,) = exceptions([north.pk], april)
        assert (exempt.start, exempt.end, exempt.reason, exempt.agreed_by) == (
            date(2026, 4, 1),
            date(2026, 5, 1),
            "Loan",
            "Ms Dent",
        )
        assert stays_of("1") == ["BOX North computer 04-01.."]
        with pytest.raises(Refused, match="is excepted from 2026-04-01 on already"):
            except_device(device, days=april, reason="Again", agreed_by="Ms Dent", now=days_later(1), by=JANE)
        with pytest.raises(Refused) as refused:
            except_device(device, days=april, reason="", agreed_by=" ", now=days_later(1), by=JANE)
        assert [problem.field for problem in refused.value.problems] == ["reason", "agreed_by"]


def test_an_exception_ended_early_stays_readable_as_it_was_agreed() -> None:
    with everything():
        north = make_customer("North")
        sync(FLEET, days_later(0))
        whole = Period.since(date(2026, 4, 1))
        except_device(find_device("1"), days=whole, reason="Loan", agreed_by="Ms Dent", now=days_later(1), by=JANE)
        (agreed,) = exceptions_of(find_device("1"))
        end_exception(agreed.pk, on=date(2026, 4, 10), now=days_later(9), by=JANE)

        assert [(row.start, row.end) for row in exceptions([north.pk])] == [(date(2026, 4, 1), date(2026, 4, 10))]
        known_then = exceptions([north.pk], known_at=days_later(5))
        assert [(row.start, row.end) for row in known_then] == [(date(2026, 4, 1), None)]

        (shorter,) = exceptions_of(find_device("1"))
        with pytest.raises(Refused, match="ends on 2026-04-10 already"):
            end_exception(shorter.pk, on=date(2026, 5, 10), now=days_later(9), by=JANE)
        assert end_exception(shorter.pk, on=None, now=days_later(10), by=JANE) is None
        assert exceptions([north.pk]) == []


def test_every_act_of_a_person_is_in_the_audit_trail() -> None:
    with everything():
        make_customer("North")
        south = make_customer("South")
        sync(FLEET, days_later(0))
        device = find_device("1")
        set_class(device, device_class="server", now=days_later(1), by=JANE)
        move_device(device, to=south, now=days_later(2), by=JANE)
        retire_device(device, now=days_later(4), by=JANE)
        names = dict(Customer.objects.values_list("pk", "name"))
        assert [
            (entry.actor_name, entry.verb, names.get(entry.customer_id or 0))
            for entry in AuditEntry.objects.order_by("pk")
        ] == [
            ("Jane", "synced", None),
            ("Jane", "reclassified", "North"),
            ("Jane", "moved", "North"),
            ("Jane", "moved", "South"),
            ("Jane", "retired", "South"),
        ]
