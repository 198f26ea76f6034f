"""What a person saw is what is done: an import is refused once it would do something else."""

from __future__ import annotations

from datetime import date

import pytest

from quarterday.engine.periods import Period
from quarterday.inventory.actions import (
    ChangedSince,
    apply_snapshot,
    end_exception,
    except_device,
    map_customer,
    preview_snapshot,
    set_class,
)
from quarterday.inventory.models import CustomerMapping, Device, SyncRun
from quarterday.inventory.queries import exception_list
from tests.inventory.ledger import JANE, days_later, everything, known_now, make_customer, snapshot, sync

pytestmark = pytest.mark.database

FIRST = "North 1 FRONT computer"
SECOND = """
    North  2  BACK   computer
    West   9  OTHER  computer
"""


def offer(digest: str, *, day: int = 6) -> None:
    apply_snapshot(snapshot(SECOND, days_later(5)), now=days_later(day), by=JANE, as_previewed=digest)


def preview() -> str:
    return preview_snapshot(snapshot(SECOND, days_later(5)), now=days_later(5)).digest


def test_an_import_does_what_was_seen_also_on_the_day_after() -> None:
    with everything():
        make_customer("North")
        sync(FIRST, days_later(0))
        offer(preview())
        assert known_now() == ["1 FRONT North computer 04-01..04-06", "2 BACK North computer 04-06.."]


def test_an_import_is_refused_when_a_device_changed_since() -> None:
    with everything():
        make_customer("North")
        sync(FIRST, days_later(0))
        seen = preview()
        sync("North 1 FRONT server", days_later(4))
        with pytest.raises(ChangedSince, match="look at it again"):
            offer(seen)
        assert SyncRun.objects.count() == 2


def test_an_import_is_refused_when_a_customer_was_mapped_since() -> None:
    with everything():
        north = make_customer("North")
        sync(FIRST, days_later(0))
        sync(FIRST + SECOND, days_later(1))
        seen = preview()
        map_customer(CustomerMapping.objects.get(external_id="West").pk, to=north, now=days_later(5), by=JANE)
        with pytest.raises(ChangedSince):
            offer(seen)


def test_what_does_not_concern_the_file_does_not_refuse_it() -> None:
    with everything():
        make_customer("North")
        make_customer("South")
        sync(FIRST, days_later(0))
        sync("South 7 DESK computer", days_later(1), source="other")
        seen = preview()
        set_class(Device.objects.get(external_id="7"), device_class="server", now=days_later(5), by=JANE)
        offer(seen)
        assert "2 BACK North computer 04-06.." in known_now()


def test_exceptions_in_force_are_listed_by_customer_and_found_by_reason() -> None:
    with everything():
        make_customer("North")
        sync("North 1 FRONT computer\nNorth 2 BACK computer", days_later(0))
        front, back = Device.objects.order_by("external_id")
        for device, reason in ((front, "a spare"), (back, "a loan")):
            except_device(
                device, days=Period.since(date(2026, 4, 2)), reason=reason, agreed_by="Ada", now=days_later(2), by=JANE
            )
        end_exception(
            exception_list(from_day=date(2026, 4, 3), search="loan").get().pk,
            on=date(2026, 4, 5),
            now=days_later(5),
            by=JANE,
        )
        assert [row.device.name for row in exception_list(from_day=date(2026, 4, 4))] == ["BACK", "FRONT"]
        assert [row.device.name for row in exception_list(from_day=date(2026, 4, 5))] == ["FRONT"]
