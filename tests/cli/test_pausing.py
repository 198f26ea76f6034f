"""`quarterday payments pause` and `resume`."""

from __future__ import annotations

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.cli.terminal import run
from tests.payments.conftest import customer, issued
from tests.shop import open_shop


def test_a_bill_is_paused_and_resumed_and_what_cannot_be_is_said(database: None) -> None:
    with acting(Scope.all()):
        open_shop()
        number = issued(customer("North Dental"), "119.00").issue.number

    assert run("payments", "pause", number, "--reason", "disputed").out.strip() == "The bill is left out of reminders."
    assert "1 ended" in run("payments", "resume", number).out
    assert "Its reminders are not paused." in run("payments", "resume", number).err
    assert f"{number} has no line 7" in run("payments", "pause", number, "--line", "7", "--reason", "x").err
    assert "is over" in run("payments", "pause", number, "--until", "2020-01-01", "--reason", "x").err
    assert run("payments", "pause", "INV-9", "--reason", "x").code != 0
