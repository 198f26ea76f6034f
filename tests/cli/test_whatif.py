"""`quarterday whatif`, as typed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.shop import a_customer, a_plan, a_subscription, open_shop

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
IN_APRIL = ("--since", "2026-04-01", "--until", "2026-04-30")


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to(moment(date(2026, 5, 10)), tick=False)
    with acting(Scope.all()):
        open_shop()
        customer = a_customer("Alpha")
        a_subscription(customer, a_plan(), review_first_bill=False)
        present(customer, "PC-1 #>\nPC-2 #####.........................", start=APRIL)
    bill_on(MAY)


def test_what_peak_would_have_cost() -> None:
    [april] = run("whatif", "recount", "Alpha", *IN_APRIL, "--counting", "peak", "--json").json

    assert (april["billed"], april["recounted"], april["difference"]) == ("30.00", "60.00", "30.00")
    assert april["lines"][0]["devices"] == {"PC-1": 30, "PC-2": 5}
    assert "60.00" in run("whatif", "recount", "Alpha", *IN_APRIL, "--counting", "peak").out


def test_what_was_known_on_a_day() -> None:
    with acting(Scope.all()):
        present(a_customer("Beta"), "PC-3 #>", start=APRIL)

    [april] = run("whatif", "recount", "Alpha", *IN_APRIL, "--known-on", "2026-03-31", "--json").json

    assert (april["recounted"], april["difference"]) == ("0.00", "-30.00")


def test_a_new_price_before_it_is_told_to_anybody() -> None:
    [alpha] = run("whatif", "replay", "Gold", "--price", "computer=32", "--json").json

    assert (alpha["customer"], alpha["periods"]) == ("Alpha", 1)
    assert (alpha["before"], alpha["after"], alpha["difference"]) == ("30.00", "32.00", "2.00")
    told = run("whatif", "replay", "Gold", "--price", "computer=32").out
    assert told.endswith("1 together: 30.00 before, 32.00 after, +2.00 EUR\n")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("recount", "Nobody", *IN_APRIL), "Nobody"),
        (("recount", "Alpha", "--since", "2026-05-01", "--until", "2026-04-01"), "exchange them"),
        (("replay", "Gold"), "say what is to be tried out"),
        (("replay", "Gold", "--price", "computer=-1"), "prices.computer.unit_price"),
        (("replay", "Gold", "--price", "computer=32", "--months", "0"), "say 1 to 60"),
        (("replay", "Lead"), "Lead"),
    ],
)
def test_bad_input_is_refused_in_words(argv: tuple[str, ...], says: str) -> None:
    answer = run("whatif", *argv)

    assert answer.code != 0
    assert says in answer.err
