"""Snapshots become stays: the whole ledger, drawn as text, after what happens to an MSP's devices."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from quarterday.inventory.actions import preview_snapshot
from quarterday.inventory.models import CustomerMapping, Device, Presence, Replacement, Source, SyncRun
from quarterday.inventory.queries import freshness
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from tests.inventory.ledger import (
    days_later,
    everything,
    known_now,
    known_replacements,
    make_customer,
    snapshot,
    stays_of,
    sync,
    whole_ledger,
)

pytestmark = pytest.mark.database

FIRST = """
    North  1  FRONT   computer  S1
    North  2  BACK    computer  S2
    North  3  SRV     server    S3
    North  4  OLD-PC  computer  S4
    South  5  DESK    computer  S5
"""
SECOND = """
    North  1   RECEPTION  computer  S1
    North  44  NEW-PC     computer  S4
    North  6   TABLET     mobile
    South  5   DESK       computer  S5
    South  2   BACK       computer  S2
"""


def test_two_snapshots_with_devices_gone_new_renamed_moved_and_replaced() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        first = sync(FIRST, days_later(0))
        second = sync(SECOND, days_later(9))

        assert first.counts == {"new": 5}
        assert second.counts == {"gone": 2, "moved": 1, "new": 2, "renamed": 1}
        assert whole_ledger() == [
            "1 FRONT North computer 04-01..  known 04-01..04-10  new",
            "1 RECEPTION North computer 04-01..  known 04-10..  renamed",
            "2 BACK North computer 04-01..  known 04-01..04-10  new",
            "2 BACK North computer 04-01..04-10  known 04-10..  moved",
            "2 BACK South computer 04-10..  known 04-10..  moved",
            "3 SRV North server 04-01..  known 04-01..04-10  new",
            "3 SRV North server 04-01..04-10  known 04-10..  gone",
            "4 OLD-PC North computer 04-01..  known 04-01..04-10  new",
            "4 OLD-PC North computer 04-01..04-10  known 04-10..  gone",
            "44 NEW-PC North computer 04-10..  known 04-10..  new",
            "5 DESK South computer 04-01..  known 04-01..  new",
            "6 TABLET North mobile 04-10..  known 04-10..  new",
        ]
        assert known_replacements() == ["4 -> 44 04-10 serial confirmed"]


def test_the_same_snapshot_twice_changes_nothing() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync(FIRST, days_later(0))
        before = whole_ledger()
        again = sync(FIRST, days_later(1))

        assert (again.state, again.counts) == ("applied", {})
        assert whole_ledger() == before
        assert SyncRun.objects.count() == 2


def test_an_unchanged_sync_writes_one_run_and_the_freshness_and_nothing_else() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer S1", days_later(0))
        before = _everything_but_runs()
        sync("North 1 FRONT computer S1", days_later(1))

        assert _everything_but_runs() == before
        assert [fresh.complete_at for fresh in freshness([north.pk])] == [days_later(1)]


def test_a_device_that_goes_on_the_day_it_came_counts_that_day() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer\nNorth 2 BACK computer", days_later(0))
        sync("North 1 FRONT computer", days_later(0, hours=4))

        assert stays_of("2") == ["BACK North computer 04-01..04-02"]


def test_a_flapping_device_has_a_stay_for_each_time_and_no_day_twice() -> None:
    with everything():
        make_customer("North")
        both, one = "North 1 FRONT computer\nNorth 2 BACK computer", "North 1 FRONT computer"
        for day, table in [(0, both), (3, one), (5, both), (5.25, one), (5.3, both), (8, one), (9, both)]:
            sync(table, days_later(0, hours=int(day * 24)))

        assert stays_of("2") == [
            "BACK North computer 04-01..04-04",
            "BACK North computer 04-06..04-07",
            "BACK North computer 04-07..04-09",
            "BACK North computer 04-10..",
        ]


def test_a_partial_snapshot_adds_and_takes_nothing_away() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer", days_later(0))
        sync("North 2 BACK computer", days_later(3), complete=False)

        assert known_now() == ["1 FRONT North computer 04-01..", "2 BACK North computer 04-04.."]
        assert [fresh.complete_at for fresh in freshness([north.pk])] == [days_later(0)]


def test_a_file_says_nothing_of_customers_it_does_not_name() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync("North 1 FRONT computer\nSouth 2 DESK computer", days_later(0))
        sync("South 2 DESK computer", days_later(5))

        assert known_now() == ["1 FRONT North computer 04-01..", "2 DESK South computer 04-01.."]


def test_two_sources_do_not_touch_each_others_devices() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer", days_later(0), source="rmm")
        sync("North 1 PHONE mobile", days_later(1), source="mdm")
        sync("North 2 TABLET mobile", days_later(2), source="mdm")

        assert known_now() == [
            "1 FRONT North computer 04-01..",
            "1 PHONE North mobile 04-02..04-03",
            "2 TABLET North mobile 04-03..",
        ]


def test_a_change_of_class_ends_one_stay_and_begins_another_that_day() -> None:
    with everything():
        make_customer("North")
        sync("North 1 BOX computer", days_later(0))
        sync("North 1 BOX server", days_later(4))
        sync("North 1 BOX mobile", days_later(4, hours=3))

        assert known_now() == ["1 BOX North computer 04-01..04-05", "1 BOX North mobile 04-05.."]


def test_a_new_serial_number_is_noted_and_a_missing_one_is_not() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer S1", days_later(0))
        assert sync("North 1 FRONT computer S2", days_later(1)).counts == {"serial": 1}
        assert sync("North 1 FRONT computer", days_later(2)).counts == {}

        assert [device.serial for device in Device.objects.all()] == ["S2"]
        assert len(whole_ledger()) == 1


def test_an_older_snapshot_never_undoes_a_newer_one() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync("North 1 FRONT computer", days_later(5))
        before = known_now()
        late = sync("North 2 BACK computer\nSouth 3 DESK computer", days_later(4), now=days_later(6))

        assert (late.state, late.newer_known) == ("superseded", ("North",))
        assert known_now() == before


def test_a_file_as_of_a_day_holds_for_that_day_and_is_fresh_up_to_its_end() -> None:
    with everything():
        north = make_customer("North", "Europe/Berlin")
        sync("North 1 FRONT computer", days_later(20), as_of=date(2026, 4, 10))
        sync("North 2 BACK computer", days_later(20, hours=1), as_of=date(2026, 4, 20))
        back = sync("North 1 FRONT computer", days_later(20, hours=2), as_of=date(2026, 4, 15))

        assert known_now() == ["1 FRONT North computer 04-10..04-20", "2 BACK North computer 04-20.."]
        assert back.state == "superseded"
        assert [fresh.complete_at for fresh in freshness([north.pk])] == [datetime(2026, 4, 20, 22, tzinfo=UTC)]


def test_the_first_load_counts_from_the_day_that_a_person_says_and_later_loads_do_not() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        since = date(2026, 1, 15)
        sync("North 1 FRONT computer", days_later(0), present_since=since)
        sync("North 1 FRONT computer\nNorth 2 BACK computer\nSouth 3 DESK computer", days_later(2), present_since=since)

        assert known_now() == [
            "1 FRONT North computer 01-15..",
            "2 BACK North computer 04-03..",
            "3 DESK South computer 01-15..",
        ]


def test_impossible_snapshots_are_refused_with_all_that_is_wrong() -> None:
    with everything():
        make_customer("North")
        with pytest.raises(Refused) as refused:
            sync(
                "North 1 FRONT toaster\nNorth 1 BACK computer",
                days_later(0),
                as_of=date(2062, 4, 1),
                present_since=date(1962, 4, 1),
            )
        assert [str(problem) for problem in refused.value.problems] == [
            "device: The source names a device twice; each needs an id of its own.",
            "class: There is no class “toaster”. Add it, or use one of computer, mobile, server.",
            "as_of: 2062-04-01 is no day between 2000-01-01 and today.",
            "present_since: 1962-04-01 is no day between 2000-01-01 and today.",
        ]
        assert SyncRun.objects.count() == 0


def test_a_preview_says_what_the_sync_then_does_and_writes_nothing() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync(FIRST, days_later(0))
        before = (whole_ledger(), SyncRun.objects.count())
        shown = preview_snapshot(snapshot(SECOND, days_later(9)), now=days_later(9))

        assert (whole_ledger(), SyncRun.objects.count()) == before
        assert shown.state == "preview"
        done = sync(SECOND, days_later(9))
        assert (done.counts, done.changes, done.replacements) == (shown.counts, shown.changes, shown.replacements)
        assert [(change.kind, change.name, str(change.on)) for change in shown.changes] == [
            ("new", "NEW-PC", "2026-04-10"),
            ("new", "TABLET", "2026-04-10"),
            ("moved", "BACK", "2026-04-10"),
            ("renamed", "RECEPTION", "2026-04-10"),
            ("gone", "OLD-PC", "2026-04-10"),
            ("gone", "SRV", "2026-04-10"),
        ]
        assert [(pair.old_name, pair.new_name, pair.because, pair.state) for pair in shown.replacements] == [
            ("OLD-PC", "NEW-PC", "serial", "confirmed")
        ]


def test_stamps_rise_even_when_the_clock_goes_back() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer", days_later(0), now=days_later(3))
        sync("North 1 DESK computer", days_later(1), now=days_later(2))

        assert whole_ledger() == [
            "1 FRONT North computer 04-01..  known 04-04..04-04  new",
            "1 DESK North computer 04-01..  known 04-04..  renamed",
        ]


def _everything_but_runs() -> dict[str, list[object]]:
    tables = [Device, Presence, Replacement, CustomerMapping, Source, AuditEntry]
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}
