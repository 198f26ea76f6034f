"""What the ledger answers, and that a scope sees its own customers only."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device, replace_device
from quarterday.inventory.models import BillingException, CustomerMapping, Device, Presence, Replacement, SyncRun
from quarterday.inventory.queries import (
    Stay,
    counts_on,
    device_by_id,
    device_list,
    device_rows,
    device_stays,
    exceptions,
    find_device,
    freshness,
    mappings,
    presences,
    present_on,
    replacements,
)
from quarterday.shared.database import acting
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Scope
from tests.inventory.ledger import JANE, days_later, everything, make_customer, sync

pytestmark = pytest.mark.database


def build() -> tuple[Customer, Customer]:
    """North with two devices of which BACK moves to South and is renamed there; South with one of its own."""
    north, south = make_customer("North"), make_customer("South")
    sync("North 1 FRONT computer S1\nNorth 2 BACK computer\nSouth 3 DESK server", days_later(0))
    sync("North 1 FRONT computer S1\nSouth 2 BACK computer\nSouth 3 DESK server", days_later(9))
    sync("North 1 FRONT computer S1\nSouth 2 SECRET computer\nSouth 3 DESK server", days_later(10))
    return north, south


def test_presences_touch_the_period_and_are_those_known_then() -> None:
    with everything():
        north, south = build()
        one, two, three = (find_device(ref).pk for ref in "123")
        first_of_april = date(2026, 4, 1)

        assert presences([south.pk, north.pk]) == [
            Stay(north.pk, one, "FRONT", "computer", first_of_april, None),
            Stay(north.pk, two, "BACK", "computer", first_of_april, date(2026, 4, 10)),
            Stay(south.pk, two, "SECRET", "computer", date(2026, 4, 10), None),
            Stay(south.pk, three, "DESK", "server", first_of_april, None),
        ]
        assert presences([north.pk, south.pk], known_at=days_later(5)) == [
            Stay(north.pk, one, "FRONT", "computer", first_of_april, None),
            Stay(north.pk, two, "BACK", "computer", first_of_april, None),
            Stay(south.pk, three, "DESK", "server", first_of_april, None),
        ]
        may = Period(date(2026, 5, 1), date(2026, 6, 1))
        assert [stay.device_id for stay in presences([north.pk], may)] == [one]
        assert [stay.device_id for stay in presences([north.pk], Period.since(may.start))] == [one]
        assert [stay.device_id for stay in present_on([south.pk], date(2026, 4, 9))] == [three]
        assert [stay.device_id for stay in present_on([south.pk], date(2026, 4, 10))] == [two, three]


def test_counts_over_time_are_the_devices_of_each_day() -> None:
    with everything():
        north, south = build()
        days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 9), date(2026, 4, 10), date(2026, 5, 1)]
        both = [north.pk, south.pk]
        for day in days:
            for known_at in (None, days_later(5)):
                expected = len(presences(both, Period(day, date.fromordinal(day.toordinal() + 1)), known_at=known_at))
                counted = counts_on(both, days, known_at=known_at)
                assert sum(count.device_count for count in counted if count.day == day) == expected
        assert [tuple(count)[1:] for count in counts_on([south.pk], days[2:4])] == [
            (date(2026, 4, 9), "server", 1),
            (date(2026, 4, 10), "computer", 1),
            (date(2026, 4, 10), "server", 1),
        ]
        assert counts_on(both, []) == []


def test_a_device_is_listed_with_what_a_clerk_asks_first() -> None:
    with everything():
        _, south = build()
        except_device(
            find_device("3"),
            days=Period.since(date(2026, 4, 1)),
            reason="ours",
            agreed_by="Ms Dent",
            now=days_later(11),
            by=JANE,
        )
        rows = device_rows(device_list(customer_id=south.pk), today=date(2026, 4, 12))
        assert [(row.name, row.device_class, str(row.since), row.last_seen_at, row.excepted) for row in rows] == [
            ("DESK", "server", "2026-04-01", days_later(10), True),
            ("SECRET", "computer", "2026-04-10", days_later(10), False),
        ]
        assert [row.name for row in device_list(search="s1 FRO")] == ["FRONT"]
        assert [row.name for row in device_list(device_class="server", present=None)] == ["DESK"]
        assert list(device_list(present=False)) == []


def test_devices_that_are_gone_are_listed_by_customer_and_name() -> None:
    with everything():
        make_customer("South")
        north = make_customer("North")
        sync("South 1 B computer\nNorth 2 C server\nNorth 3 A computer\nNorth 4 STAYS computer", days_later(0))
        sync("South 5 NEW computer\nNorth 4 STAYS computer", days_later(1))
        assert [row.name for row in device_list(present=False)] == ["A", "C", "B"]
        assert [row.name for row in device_list(present=False, customer_id=north.pk, search="c")] == ["C"]
        assert [row.name for row in device_list(present=False)[1:2]] == ["C"]
        assert device_rows(device_list(present=False), today=date(2026, 4, 12))[0].since is None


def test_a_device_is_found_by_id_then_by_a_name_that_is_the_only_one() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer\nNorth 2 1 computer\nNorth 3 DESK computer\nNorth 4 DESK computer", days_later(0))
        assert find_device("1").name == "FRONT"
        assert find_device("FRONT").external_id == "1"
        with pytest.raises(Refused, match="Several devices are called 'DESK'"):
            find_device("DESK")
        with pytest.raises(NotFound, match="'NOWHERE' is not known"):
            find_device("NOWHERE")
        with pytest.raises(NotFound, match="'1' is not known"):
            find_device("1", source="another")


def test_a_scope_sees_its_own_customers_stays_under_the_names_they_had_there() -> None:
    with everything():
        north, south = build()
        one, two, three = (find_device(ref).pk for ref in "123")
        replace_device(find_device("3"), new=find_device("2"), now=days_later(11), by=JANE)
        except_device(
            find_device("2"),
            days=Period.since(date(2026, 4, 1)),
            reason="x",
            agreed_by="y",
            now=days_later(11),
            by=JANE,
        )
    both = [north.pk, south.pk]
    with acting(Scope.of(north.pk)):
        assert [(stay.device_id, stay.device_name) for stay in presences(both)] == [(one, "FRONT"), (two, "BACK")]
        assert [count.customer_id for count in counts_on(both, [date(2026, 4, 20)])] == [north.pk]
        assert [fresh.customer_id for fresh in freshness(both)] == [north.pk]
        assert [row.name for row in device_rows(device_list(present=None), today=date(2026, 4, 12))] == ["FRONT"]
        assert [row.customer for row in mappings()] == [north]
        assert exceptions(both) == []
        assert replacements(both) == []
        (mine,) = device_list(present=None).filter(pk=one)
        assert [stay.customer for stay in device_stays(mine)] == ["North"]
        # A device that moved away and one that never existed are the same: none.
        for device_id in (two, three, 4711):
            assert device_by_id(device_id) is None
        for table in (Presence, Device, Replacement, BillingException, CustomerMapping):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                table.objects.update(customer_id=north.pk)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            SyncRun.objects.count()
    with acting(Scope.of()):
        assert presences(both) == []


def test_without_a_scope_the_ledger_is_refused() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        presences([1])
