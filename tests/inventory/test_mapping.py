"""What a source calls a customer: recognised, mapped by a person, ignored, or waiting in the mapping list."""

from __future__ import annotations

from datetime import date

import pytest

from quarterday.inventory.actions import apply_snapshot, ignore_customer, map_customer
from quarterday.inventory.queries import mappings, unmapped_customers
from quarterday.inventory.snapshot import SeenCustomer, SeenDevice, Snapshot
from quarterday.shared.refusal import NotFound, Refused
from tests.inventory.ledger import JANE, days_later, everything, known_now, make_customer, stays_of, sync

pytestmark = pytest.mark.database


def test_an_unknown_customer_waits_in_the_mapping_list_and_stops_nobody_else() -> None:
    with everything():
        make_customer("North")
        result = sync("North 1 FRONT computer\nNorht 2 BACK computer\nNorht 3 DESK computer", days_later(0))

        assert [(unknown.ref, unknown.device_count) for unknown in result.unknown] == [("Norht", 2)]
        assert known_now() == ["1 FRONT North computer 04-01.."]
        (waiting,) = unmapped_customers()
        assert (waiting.external_name, waiting.device_count, waiting.first_seen_at) == ("Norht", 2, days_later(0))


def test_a_mapped_customer_is_taken_in_by_the_next_sync_from_the_day_that_a_person_said() -> None:
    with everything():
        north = make_customer("North")
        sync("Norht 2 BACK computer", days_later(0))
        (waiting,) = unmapped_customers()
        map_customer(waiting.pk, to=north, present_since=date(2026, 4, 1), now=days_later(3), by=JANE)
        assert known_now() == []
        sync("Norht 2 BACK computer", days_later(4))
        sync("Norht 2 BACK computer\nNorht 3 DESK computer", days_later(6))

        assert known_now() == ["2 BACK North computer 04-01..", "3 DESK North computer 04-07.."]
        assert list(unmapped_customers()) == []


def test_a_customer_is_recognised_by_its_number_or_by_a_name_that_only_one_has() -> None:
    with everything():
        make_customer("North")
        make_customer("Twin")
        make_customer("Twin")
        result = sync("c-1 1 FRONT computer\nNORTH 2 BACK computer\nTwin 3 DESK computer", days_later(0))

        assert result.matched == {"c-1": "North", "NORTH": "North"}
        assert [unknown.ref for unknown in result.unknown] == ["Twin"]
        assert [(row.external_id, str(row.customer or "")) for row in mappings()] == [
            ("NORTH", "North"),
            ("Twin", ""),
            ("c-1", "North"),
        ]


def test_an_archived_customer_is_not_recognised() -> None:
    with everything():
        old = make_customer("North")
        old.archived_on = date(2026, 3, 1)
        old.save()
        assert [unknown.ref for unknown in sync("North 1 FRONT computer", days_later(0)).unknown] == ["North"]
        make_customer("North")
        assert sync("North 1 FRONT computer", days_later(1)).matched == {"North": "North"}


def test_a_recognised_customer_stays_mapped_when_it_is_renamed() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer", days_later(0))
        north.name = "Boreal"
        north.save()
        sync("North 1 FRONT computer", days_later(1))
        assert known_now() == ["1 FRONT Boreal computer 04-01.."]


def test_an_ignored_customer_is_neither_billed_nor_asked_about_again() -> None:
    with everything():
        make_customer("North")
        sync("Ourselves 1 LAB computer", days_later(0))
        ignore_customer(unmapped_customers()[0].pk, now=days_later(0), by=JANE)
        result = sync("Ourselves 1 LAB computer\nNorth 2 FRONT computer", days_later(1))

        assert (result.unknown, result.counts) == ((), {"new": 1})
        assert list(unmapped_customers()) == []


def test_a_device_that_its_source_names_at_an_unknown_customer_is_gone_from_the_known_one() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer\nNorth 2 BACK computer", days_later(0))
        sync("Elsewhere 2 BACK computer", days_later(4))
        assert stays_of("2") == ["BACK North computer 04-01..04-05"]


def test_a_customer_with_several_sites_is_complete_only_when_all_are_named() -> None:
    with everything():
        north = make_customer("North")
        sync("North 1 FRONT computer\nNorth-Hamburg 2 BACK computer", days_later(0))
        map_customer(unmapped_customers()[0].pk, to=north, now=days_later(0), by=JANE)
        sync("North 1 FRONT computer\nNorth-Hamburg 2 BACK computer", days_later(1))
        sync("North 9 DESK computer", days_later(3))
        assert [line.split()[0] for line in known_now() if line.endswith("..")] == ["1", "2", "9"]

        sync("North 9 DESK computer\nNorth-Hamburg 2 BACK computer", days_later(4))
        assert stays_of("1") == ["FRONT North computer 04-01..04-05"]


def test_a_name_mapped_anew_moves_its_devices() -> None:
    with everything():
        make_customer("North")
        south = make_customer("South")
        sync("North 1 FRONT computer", days_later(0))
        map_customer(mappings()[0].pk, to=south, now=days_later(2), by=JANE)
        sync("North 1 FRONT computer", days_later(3))
        assert known_now() == ["1 FRONT North computer 04-01..04-04", "1 FRONT South computer 04-04.."]


def test_a_source_with_keys_of_its_own_is_recognised_by_the_name_and_shown_by_it() -> None:
    with everything():
        make_customer("North")
        seen = Snapshot(
            source="rmm",
            complete=True,
            taken_at=days_later(0),
            customers=(SeenCustomer("41", "North"), SeenCustomer("42", "Nobody knows")),
            devices=(SeenDevice("41", "a1", "FRONT", "computer"), SeenDevice("42", "a2", "BACK", "computer")),
        )
        result = apply_snapshot(seen, now=days_later(0), by=JANE, kind="tacticalrmm")
        assert (result.matched, [unknown.name for unknown in result.unknown]) == ({"41": "North"}, ["Nobody knows"])


def test_mistakes_are_told_in_words() -> None:
    with everything():
        north = make_customer("North")
        sync("Norht 2 BACK computer", days_later(0))
        waiting = unmapped_customers()[0]
        with pytest.raises(Refused, match="2026-05-01 is still to come"):
            map_customer(waiting.pk, to=north, present_since=date(2026, 5, 1), now=days_later(0), by=JANE)
        with pytest.raises(NotFound, match="There is no mapping 4711"):
            ignore_customer(4711, now=days_later(0), by=JANE)
