"""Scenarios told in few words, and their bills read like paper.

    [april] = bills(devices="PC-1  ##########....................", prices={"computer": {"unit_price": "30.00"}})
    assert april.lines == ["usage computer: 1 x 30.00 = 30.00"]

Pictures of devices are drawn from 1 April 2026 (see draw.py), and a story ends on 1 May unless it says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from quarterday.engine.scenario import run_scenario
from tests.engine.draw import draw

APRIL = "2026-04-01"
MAY = "2026-05-01"


@dataclass(frozen=True)
class Bill:
    """A bill of an answer, with its lines as sentences."""

    json: dict[str, Any]

    @property
    def lines(self) -> list[str]:
        """Each line as `kind class: quantity x price x fraction = net`; device-days as `/ per`."""
        return [sentence(line) for line in self.json["lines"]]

    @property
    def net(self) -> str:
        return str(self.json["net"])

    @property
    def issued_on(self) -> str:
        return str(self.json["issued_on"])

    def devices(self, line: int = 0) -> dict[str, int]:
        """The devices that a line names, with their days."""
        return {device["id"]: device["days"] for device in self.json["lines"][line]["devices"]}


def sentence(line: dict[str, Any]) -> str:
    """One line of a bill in words."""
    what = f"{line['kind']} {line.get('class') or line['text']}:"
    if "unit_price" not in line:
        return f"{what} {line['net']}"
    share = f" / {line['per']}" if line.get("unit") == "device-day" else ""
    if not share and line["fraction"] != "1":
        share = f" x {line['fraction']}"
    return f"{what} {line['quantity']} x {line['unit_price']}{share} = {line['net']}"


def bills(**told: Any) -> list[Bill]:
    """The bills that a story leads to."""
    answer = run_scenario(story(**told))
    assert "error" not in answer, answer["error"]
    return [Bill(bill) for bill in answer["bills"]]


def story(
    *,
    devices: str = "",
    start: str = APRIL,
    prices: dict[str, Any] | None = None,
    flat_fee: str = "0",
    later: list[dict[str, Any]] | None = None,
    counting: str | None = None,
    timing: str | None = None,
    subscriptions: list[dict[str, Any]] | None = None,
    adjustments: list[dict[str, Any]] | None = None,
    plans: dict[str, Any] | None = None,
    currency: str = "EUR",
    tax: dict[str, str] | None = None,
    until: str = MAY,
    **subscription: Any,
) -> dict[str, Any]:
    """A scenario of one customer; what is not told is left to the format's defaults.

    `later` are further versions of the plan, `subscription` fields of its one subscription, which starts on 1 April;
    `plans` and `subscriptions` replace them altogether.
    """
    plan: dict[str, Any] = {
        "versions": [{"effective_on": "2020-01-01", "flat_fee": flat_fee, "prices": prices or {}}, *(later or [])]
    }
    plan |= {name: value for name, value in (("counting", counting), ("timing", timing)) if value is not None}
    customer: dict[str, Any] = {"name": "North Dental", "timezone": "Europe/Berlin", "currency": currency}
    return {
        "id": "story",
        "customer": customer | ({"tax": tax} if tax else {}),
        "plans": {"gold": plan} | (plans or {}),
        "subscriptions": subscriptions or [{"plan": "gold", "starts_on": APRIL, **subscription}],
        "devices": drawn(devices, start),
        "adjustments": adjustments or [],
        "bill_until": until,
    }


def drawn(picture: str, start: str) -> list[dict[str, Any]]:
    """The devices of a picture, as a scenario tells them."""
    told: dict[str, dict[str, Any]] = {}
    for stay in draw(picture, start=date.fromisoformat(start)):
        device = told.setdefault(stay.device_id, {"id": stay.device_id, "class": stay.device_class, "present": []})
        end = None if stay.present.is_open else stay.present.end.isoformat()
        device["present"].append([stay.present.start.isoformat(), end])
    return list(told.values())
