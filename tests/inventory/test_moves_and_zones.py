"""A move takes effect on the later of two local dates: no day is lost, doubled or reopened, wherever customers are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from quarterday.customers.models import Customer
from quarterday.inventory.models import Presence
from tests.inventory.ledger import days_later, everything, make_customer, stays_of, sync

pytestmark = pytest.mark.database

# Kiritimati is 25 hours ahead of Pago Pago: for an hour a day two dates lie between their local dates.
EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"
TWO_DATES_APART = datetime(2026, 4, 1, 10, 30, tzinfo=UTC)  # 2 April 00:30 in the east, 31 March 23:30 in the west


def days_of(device_ref: str) -> list[date]:
    """Every day of the device's ended stays, as often as the ledger has it."""
    rows = Presence.objects.filter(device__external_id=device_ref, recorded__upper_inf=True, valid__upper_inf=False)
    return sorted(
        row.valid.lower + timedelta(days=n) for row in rows for n in range((row.valid.upper - row.valid.lower).days)
    )


def test_a_move_to_the_west_takes_effect_on_the_date_in_the_east() -> None:
    with everything():
        make_customer("East", EAST)
        make_customer("West", WEST)
        sync("East 1 BOX computer", TWO_DATES_APART - timedelta(days=5))
        sync("West 1 BOX computer", TWO_DATES_APART)

        assert stays_of("1") == ["BOX East computer 03-28..04-02", "BOX West computer 04-02.."]


def test_a_move_to_the_east_takes_effect_on_the_date_in_the_east() -> None:
    with everything():
        make_customer("East", EAST)
        make_customer("West", WEST)
        sync("West 1 BOX computer", TWO_DATES_APART - timedelta(days=5))
        sync("East 1 BOX computer", TWO_DATES_APART)

        assert stays_of("1") == ["BOX West computer 03-26..04-02", "BOX East computer 04-02.."]


def test_to_and_fro_across_the_date_line_no_day_is_lost_or_doubled() -> None:
    with everything():
        make_customer("East", EAST)
        make_customer("West", WEST)
        sync("East 1 BOX computer", TWO_DATES_APART - timedelta(days=5))
        for step in range(1, 40):
            at = TWO_DATES_APART + timedelta(hours=7 * step)
            sync(f"{'West' if step % 2 else 'East'} 1 BOX computer", at)
        sync("East 1 BOX computer", TWO_DATES_APART + timedelta(days=20))
        sync("East 9 OTHER computer", TWO_DATES_APART + timedelta(days=25))

        days = days_of("1")
        assert days == [date(2026, 3, 28) + timedelta(days=n) for n in range(len(days))]
        assert days[-1] == date(2026, 4, 26)


def test_a_device_that_moves_on_the_day_it_came_belongs_to_the_receiver_that_day() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync("North 1 BOX computer", days_later(0))
        sync("South 1 BOX computer", days_later(0, hours=3))

        assert stays_of("1") == ["BOX South computer 04-01.."]


def test_a_move_forth_and_back_on_one_day_ends_where_the_device_is() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync("North 1 BOX computer", days_later(0))
        sync("South 1 BOX computer", days_later(4))
        sync("North 1 BOX computer", days_later(4, hours=3))

        assert stays_of("1") == ["BOX North computer 04-01..04-05", "BOX North computer 04-05.."]


def test_a_device_that_left_in_the_east_and_appears_in_the_west_counts_no_day_twice() -> None:
    with everything():
        make_customer("East", EAST)
        make_customer("West", WEST)
        sync("East 1 BOX computer\nEast 2 OTHER computer", TWO_DATES_APART - timedelta(days=5))
        sync("East 2 OTHER computer", TWO_DATES_APART)
        sync("West 1 BOX computer", TWO_DATES_APART + timedelta(minutes=5))

        assert stays_of("1") == ["BOX East computer 03-28..04-02", "BOX West computer 04-02.."]


def test_a_device_that_is_moved_into_the_future_of_its_receiver_and_goes_at_once_counts_one_day() -> None:
    with everything():
        make_customer("East", EAST)
        make_customer("West", WEST)
        sync("East 1 BOX computer", TWO_DATES_APART - timedelta(days=5))
        sync("West 1 BOX computer\nWest 2 OTHER computer", TWO_DATES_APART)
        sync("West 2 OTHER computer", TWO_DATES_APART + timedelta(minutes=5))

        assert stays_of("1") == ["BOX East computer 03-28..04-02", "BOX West computer 04-02..04-03"]


@pytest.mark.parametrize(
    ("zone", "midnight", "day"),
    [
        ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC), date(2026, 4, 24)),
        ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC), date(2026, 3, 8)),
        ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC), date(2026, 9, 6)),
        ("Asia/Beirut", datetime(2026, 3, 28, 22, tzinfo=UTC), date(2026, 3, 29)),
        ("Atlantic/Azores", datetime(2026, 3, 29, 1, tzinfo=UTC), date(2026, 3, 29)),
    ],
)
def test_where_midnight_does_not_exist_the_days_follow_each_other(zone: str, midnight: datetime, day: date) -> None:
    with everything():
        make_customer("Here", zone)
        moments = {
            "before": midnight - timedelta(minutes=1),
            "at": midnight,
            "after": midnight + timedelta(minutes=1),
        }
        for number, at in enumerate(moments.values(), start=1):
            known = "\n".join(f"Here {n} PC-{n} computer" for n in range(1, number + 1))
            sync(known, at)

        found = [Presence.objects.get(device__external_id=str(n)).valid.lower for n in (1, 2, 3)]
        assert found == [day - timedelta(days=1), day, day]


def test_the_date_that_samoa_left_out_is_no_days_beginning() -> None:
    with everything():
        make_customer("Apia", "Pacific/Apia")
        before = datetime(2011, 12, 30, 9, 59, tzinfo=UTC)
        sync("Apia 1 PC-1 computer", before, now=days_later(0))
        sync("Apia 1 PC-1 computer\nApia 2 PC-2 computer", before + timedelta(minutes=1), now=days_later(0, hours=1))

        found = {row.device.external_id: row.valid.lower for row in Presence.objects.select_related("device")}
        assert found == {"1": date(2011, 12, 29), "2": date(2011, 12, 31)}


def test_a_customer_whose_zone_changes_westwards_keeps_its_days_in_order() -> None:
    with everything():
        customer = make_customer("Nomad", EAST)
        sync("Nomad 1 BOX computer", TWO_DATES_APART)
        Customer.objects.filter(pk=customer.pk).update(time_zone=WEST)
        sync("Nomad 1 BOX server", TWO_DATES_APART + timedelta(minutes=1))
        sync("Nomad 2 OTHER computer", TWO_DATES_APART + timedelta(minutes=2))

        assert stays_of("1") == ["BOX Nomad server 04-02..04-03"]
