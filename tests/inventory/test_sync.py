"""Snapshots become stays: the whole ledger, drawn as text, after what happens to an MSP's devices."""

from __future__ import annotations

import pytest

from quarterday.inventory.models import SyncRun
from tests.inventory.ledger import (
    days_later,
    everything,
    known_now,
    known_replacements,
    make_customer,
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
    North  3   SRV        server    S3
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
        second = sync(SECOND.replace("North  3   SRV        server    S3\n", ""), days_later(9))

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
