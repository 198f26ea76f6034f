"""A device that takes another's place: certain by serial number, proposed by name within seven days, or by a person."""

from __future__ import annotations

import pytest

from quarterday.inventory.actions import decide_replacement, propose_doubles, replace_device
from quarterday.inventory.queries import (
    find_device,
    proposed_replacements,
    replaced_and_still_there,
    replacements,
)
from quarterday.shared.refusal import Refused
from tests.inventory.ledger import JANE, days_later, everything, known_now, known_replacements, make_customer, sync

pytestmark = pytest.mark.database

KEEP = "North 0 SRV server\n"


def test_a_new_id_with_the_serial_of_one_that_is_gone_is_its_replacement() -> None:
    with everything():
        make_customer("North")
        sync(KEEP + "North 1 FRONT computer S1", days_later(0))
        sync(KEEP, days_later(3))
        sync(KEEP + "North 2 DESK computer S1", days_later(30))
        assert known_replacements() == ["1 -> 2 05-01 serial confirmed"]


def test_while_both_are_reported_a_person_decides_unless_the_old_one_goes() -> None:
    with everything():
        north = make_customer("North")
        sync(KEEP + "North 1 FRONT computer S1", days_later(0))
        sync(KEEP + "North 1 FRONT computer S1\nNorth 2 DESK computer S1", days_later(3))
        assert known_replacements() == ["1 -> 2 04-04 serial proposed"]
        assert replacements([north.pk]) == []

        sync(KEEP + "North 2 DESK computer S1", days_later(5))
        assert known_replacements() == ["1 -> 2 04-04 serial confirmed"]
        assert len(replacements([north.pk])) == 1
        assert replacements([north.pk], known_at=days_later(4)) == []


def test_a_serial_number_at_another_customer_is_another_story() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync("North 1 FRONT computer S1", days_later(0))
        sync("South 2 DESK computer S1", days_later(3))
        assert known_replacements() == []


def test_devices_of_one_sync_do_not_replace_each_other() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer S1\nNorth 2 DESK computer S1\nNorth 3 DESK computer", days_later(0))
        assert known_replacements() == []


@pytest.mark.parametrize(("gone_days", "proposed"), [(0, True), (1, True), (7, True), (8, False)])
def test_a_new_device_with_an_old_ones_name_is_proposed_within_seven_days(gone_days: int, proposed: bool) -> None:
    with everything():
        make_customer("North")
        sync(KEEP + "North 1 front computer S1", days_later(0))
        if gone_days:
            sync(KEEP, days_later(5))
        sync(KEEP + "North 2 FRONT computer S2", days_later(5 + gone_days))
        expected = [f"1 -> 2 04-{6 + gone_days:02} name proposed"] if proposed else []
        assert known_replacements() == expected


@pytest.mark.parametrize(("both_days", "proposed"), [(7, True), (8, False)])
def test_the_new_computer_may_stand_beside_the_old_one_for_a_week(both_days: int, proposed: bool) -> None:
    with everything():
        make_customer("North")
        sync(KEEP + "North 1 FRONT computer S1", days_later(0))
        sync(KEEP + "North 1 FRONT computer S1\nNorth 2 FRONT computer S2", days_later(5))
        sync(KEEP + "North 2 FRONT computer S2", days_later(5 + both_days))
        assert known_replacements() == (["1 -> 2 04-06 name proposed"] if proposed else [])


def test_a_proposal_is_accepted_or_rejected_and_what_was_known_before_stays_known() -> None:
    with everything():
        north = make_customer("North")
        sync(KEEP + "North 1 FRONT computer", days_later(0))
        sync(KEEP + "North 2 FRONT computer", days_later(5))
        (proposal,) = proposed_replacements()

        decide_replacement(proposal.pk, accept=True, now=days_later(6), by=JANE)
        assert list(proposed_replacements()) == []
        assert len(replacements([north.pk])) == 1

        decide_replacement(proposal.pk, accept=False, now=days_later(8), by=JANE)
        assert replacements([north.pk]) == []
        assert len(replacements([north.pk], known_at=days_later(7))) == 1
        assert replacements([north.pk], known_at=days_later(5, hours=1)) == []
        with pytest.raises(Refused, match="It is rejected already"):
            decide_replacement(proposal.pk, accept=False, now=days_later(9), by=JANE)


def test_a_person_marks_a_replacement() -> None:
    with everything():
        north = make_customer("North")
        sync(KEEP + "North 1 FRONT computer", days_later(0))
        sync(KEEP + "North 2 DESK computer", days_later(20))
        replace_device(find_device("1"), new=find_device("2"), now=days_later(21), by=JANE)

        (succession,) = replacements([north.pk])
        assert (str(succession.replaced_on), succession.because) == ("2026-04-21", "person")


def test_a_device_has_one_successor_and_a_chain_no_circle() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync("North 1 A computer\nNorth 2 B computer\nNorth 3 C computer\nSouth 4 D computer", days_later(0))
        a, b, c, d = (find_device(ref) for ref in "1234")
        replace_device(a, new=b, now=days_later(1), by=JANE)
        replace_device(b, new=c, now=days_later(1), by=JANE)
        with pytest.raises(Refused, match="A was replaced by B already"):
            replace_device(a, new=c, now=days_later(1), by=JANE)
        with pytest.raises(Refused, match="the two cannot replace each other"):
            replace_device(c, new=a, now=days_later(1), by=JANE)
        with pytest.raises(Refused, match="are at two customers"):
            replace_device(c, new=d, now=days_later(1), by=JANE)
        with pytest.raises(Refused, match="cannot replace itself"):
            replace_device(c, new=c, now=days_later(1), by=JANE)


def test_an_old_device_that_comes_back_beside_its_successor_is_shown_to_a_person() -> None:
    with everything():
        make_customer("North")
        sync(KEEP + "North 1 FRONT computer S1", days_later(0))
        sync(KEEP + "North 2 FRONT computer S1", days_later(3))
        assert list(replaced_and_still_there()) == []
        sync(KEEP + "North 1 FRONT computer S1\nNorth 2 FRONT computer S1", days_later(9))
        assert [str(row.old_device.external_id) for row in replaced_and_still_there()] == ["1"]


def test_a_merge_that_is_undone_and_done_again_leaves_the_ledger_and_what_was_known_on_each_day_as_it_was() -> None:
    with everything():
        north = make_customer("North")
        sync(KEEP + "North 1 FRONT computer", days_later(0))
        sync(KEEP + "North 2 FRONT computer", days_later(5))
        before = known_now()
        (proposal,) = proposed_replacements()

        decide_replacement(proposal.pk, accept=True, now=days_later(6), by=JANE)
        decide_replacement(proposal.pk, accept=False, now=days_later(8), by=JANE)
        again = decide_replacement(proposal.pk, accept=True, now=days_later(10), by=JANE)

        known = [len(replacements([north.pk], known_at=days_later(day))) for day in (5, 7, 9, 11)]
        assert known == [0, 1, 0, 1]
        assert known_now() == before
        decide_replacement(again.pk, accept=False, now=days_later(12), by=JANE)
        replace_device(find_device("1"), new=find_device("2"), now=days_later(14), by=JANE)
        assert [len(replacements([north.pk], known_at=days_later(day))) for day in (11, 13, 15)] == [1, 0, 1]


def test_a_device_that_is_there_twice_is_proposed_by_number_or_by_name_at_two_sources_and_only_once() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync(
            "North 1 FRONT computer S1\nNorth 2 front computer S1\nNorth 3 DESK computer\nSouth 9 DESK computer S1",
            days_later(0),
        )
        sync("North a DESK computer S7\nNorth b SRV server", days_later(1), source="other")

        assert propose_doubles(now=days_later(2), by=JANE) == 2
        found = [
            (row.old_device.external_id, row.new_device.external_id, row.because) for row in proposed_replacements()
        ]
        assert found == [("1", "2", "serial"), ("3", "a", "name")]

        for row in proposed_replacements():
            decide_replacement(row.pk, accept=row.because == "serial", now=days_later(3), by=JANE)
        assert propose_doubles(now=days_later(4), by=JANE) == 0
