"""A sudden drop is held for a person: a broken export must not end every stay of a customer."""

from __future__ import annotations

import pytest

from quarterday.inventory.actions import confirm_sync, reject_sync
from quarterday.inventory.models import SyncRun
from quarterday.inventory.queries import freshness, held_syncs, sync_rows
from quarterday.shared.refusal import NotFound, Refused
from tests.inventory.ledger import (
    JANE,
    days_later,
    everything,
    known_now,
    known_replacements,
    make_customer,
    sync,
)

pytestmark = pytest.mark.database


def fleet(customer: str, *numbers: int, prefix: str = "", serials: bool = False) -> str:
    return "\n".join(f"{customer} {prefix}{n} PC-{n} computer {f'SN-{n}' if serials else ''}".rstrip() for n in numbers)


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (10, 7, "applied"),  # 30 % is the bound, not beyond it
        (10, 6, "held"),
        (9, 6, "held"),
        (3, 1, "applied"),  # two of three: fewer than three devices
        (4, 1, "held"),
    ],
)
def test_a_drop_beyond_30_percent_and_3_devices_is_held(before: int, after: int, state: str) -> None:
    with everything():
        make_customer("North")
        sync(fleet("North", *range(before)), days_later(0))
        assert sync(fleet("North", *range(after)), days_later(1)).state == state
        assert len([line for line in known_now() if line.endswith("..")]) == (before if state == "held" else after)


def test_a_held_sync_changes_nothing_and_says_who_would_lose_how_much() -> None:
    with everything():
        north = make_customer("North")
        make_customer("South")
        sync(fleet("North", *range(10)), days_later(0))
        before = known_now()
        held = sync(f"{fleet('North', 1)}\nSouth 99 DESK computer", days_later(1))

        assert [(drop.customer, drop.before, drop.leaving) for drop in held.drops] == [("North", 10, 9)]
        assert known_now() == before
        assert [fresh.complete_at for fresh in freshness([north.pk])] == [days_later(0)]
        (row,) = sync_rows(held_syncs())
        assert (row.id, row.device_count, row.drops) == (
            held.run_id,
            2,
            [{"customer_id": north.pk, "customer": "North", "before": 10, "leaving": 9}],
        )


def test_a_confirmed_sync_takes_effect_on_the_day_for_which_it_was_taken() -> None:
    with everything():
        make_customer("North")
        sync(fleet("North", *range(4)), days_later(0))
        held = sync(fleet("North", 0), days_later(1))
        assert held.run_id is not None
        result = confirm_sync(held.run_id, now=days_later(6), by=JANE)

        assert (result.state, result.run_id, result.counts) == ("applied", held.run_id, {"gone": 3})
        assert known_now() == [
            "0 PC-0 North computer 04-01..",
            "1 PC-1 North computer 04-01..04-02",
            "2 PC-2 North computer 04-01..04-02",
            "3 PC-3 North computer 04-01..04-02",
        ]
        with pytest.raises(Refused, match="is applied, not held"):
            confirm_sync(held.run_id, now=days_later(6), by=JANE)


def test_a_rejected_sync_leaves_the_ledger_as_it_is() -> None:
    with everything():
        make_customer("North")
        sync(fleet("North", *range(4)), days_later(0))
        held = sync(fleet("North", 0), days_later(1))
        assert held.run_id is not None
        reject_sync(held.run_id, now=days_later(1), by=JANE)

        assert len(known_now()) == 4
        assert SyncRun.objects.get(pk=held.run_id).snapshot is None
        with pytest.raises(Refused, match="is rejected, not held"):
            confirm_sync(held.run_id, now=days_later(2), by=JANE)
        with pytest.raises(NotFound, match="There is no sync 4711"):
            reject_sync(4711, now=days_later(2), by=JANE)


def test_a_newer_snapshot_takes_the_place_of_a_held_one() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync(f"{fleet('North', *range(4))}\nSouth 99 DESK computer", days_later(0))
        held = sync(fleet("North", 0), days_later(1))
        sync("South 99 DESK computer", days_later(2))
        assert [run.pk for run in held_syncs()] == [held.run_id]
        again = sync(fleet("North", 0), days_later(3))
        assert [run.pk for run in held_syncs()] == [again.run_id]
        sync(fleet("North", *range(4)), days_later(4))
        assert list(held_syncs()) == []


def test_a_confirmed_file_is_applied_at_once() -> None:
    with everything():
        make_customer("North")
        sync(fleet("North", *range(10)), days_later(0))
        result = sync(fleet("North", 1), days_later(1), confirm_drop=True)
        assert (result.state, result.counts) == ("applied", {"gone": 9})


def test_many_moved_away_at_once_are_a_drop_too() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync(fleet("North", *range(5)), days_later(0))
        held = sync(fleet("South", *range(5)), days_later(1))
        assert (held.state, held.counts) == ("held", {"moved": 5})


def test_reinstalling_every_agent_is_no_drop_because_the_serial_numbers_stay() -> None:
    with everything():
        make_customer("North")
        sync(fleet("North", *range(4), serials=True), days_later(0))
        result = sync(fleet("North", *range(4), prefix="new-", serials=True), days_later(1))

        assert (result.state, result.counts) == ("applied", {"gone": 4, "new": 4})
        assert known_replacements() == [f"{n} -> new-{n} 04-02 serial confirmed" for n in range(4)]
