"""Hold one answer against another, and say in a few lines where they part."""

import json
from datetime import date, timedelta
from typing import Any

from .days import service_periods


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what scenario.md leaves open: `text`, the order of lines and of a line's devices.

    The order of adjustments and of the steps of a class is part of the rules and stays.
    """
    return answer | {"bills": [comparable_bill(bill) for bill in answer["bills"]]}


def comparable_bill(bill: dict[str, Any]) -> dict[str, Any]:
    lines = [comparable_line(line) for line in bill["lines"]]
    return bill | {"lines": sorted(lines, key=place)}


def comparable_line(line: dict[str, Any]) -> dict[str, Any]:
    line = {name: value for name, value in line.items() if name != "text"}
    if "devices" in line:
        line["devices"] = sorted(line["devices"], key=lambda device: device["id"])
    return line


def place(line: dict[str, Any]) -> tuple[Any, ...]:
    if line["kind"] == "adjustment":
        return (1,)
    return (0, line["subscription"], line.get("class", ""), line["start"], line["kind"])


def first_difference(ours: Any, theirs: Any, path: str = "") -> str | None:
    """`bills[1].lines[0].net: '1.00' expected, not '1.01'`, or None."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in [*ours, *(name for name in theirs if name not in ours)]:
            found = first_difference(ours.get(name), theirs.get(name), f"{path}.{name}" if path else name)
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list):
        for i, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            found = first_difference(one, other, f"{path}[{i}]")
            if found:
                return found
        if len(ours) > len(theirs):
            return f"{path}: {len(ours)} expected, not {len(theirs)}; missing is {json.dumps(ours[len(theirs)])}"
        if len(ours) < len(theirs):
            return f"{path}: {len(ours)} expected, not {len(theirs)}; not expected is {json.dumps(theirs[len(ours)])}"
        return None
    return None if ours == theirs else f"{path}: {ours!r} expected, not {theirs!r}"


def customer_days(scenario: dict[str, Any]) -> int:
    """Days on which the customer was served and that are billed to the end, for "customer-years compared"."""
    until = date.fromisoformat(scenario["bill_until"])
    served: set[date] = set()
    for subscription in scenario["subscriptions"]:
        for period in service_periods(subscription, until):
            if period.end <= until:
                served.update(period.start + timedelta(days=n) for n in range((period.end - period.start).days))
    return len(served)
