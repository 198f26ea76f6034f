"""The bills of a scenario, counted day by day in exact fractions: `answer(scenario) -> {"id": ..., "bills": [...]}`.

This is a second reading of the text of docs/scenario.md, in the plainest way we could write it: a literal loop over
days, over devices, over units. It shares no line with the engine, so that a mistake has to be made twice to go unseen.
It trusts its input: wrong scenarios are tried elsewhere (test_scenario_errors.py).

"Rule n" names the numbered paragraph of docs/scenario.md. Where that text can be read in two ways, a comment that
begins with "Reading:" says which way this folder took, and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .adjustments import Adjustments
from .days import Presences, service_periods
from .figures import DIGITS, as_decimal, round_half_up
from .period_lines import Line, PeriodLines


def answer(scenario: dict[str, Any]) -> dict[str, Any]:
    """Every bill that the scenario leads to, oldest first."""
    return {"id": scenario["id"], "bills": list(Customer(scenario).bills())}


@dataclass
class Due:
    """What comes together on one billing date, in the order of the subscriptions."""

    charged: list[PeriodLines] = field(default_factory=list)  # for the first time
    settled: list[PeriodLines] = field(default_factory=list)  # billed in advance, at the period's end

    def subscriptions(self) -> set[int]:
        return {each.index for each in self.charged + self.settled}


class Customer:
    """One scenario, and what its bills so far have used."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self.scenario = scenario
        self.currency = scenario["customer"]["currency"]
        self.digits = DIGITS[self.currency]
        self.adjustments = Adjustments(scenario.get("adjustments") or [], self.digits)
        self.billed: set[tuple[int, date]] = set()  # (subscription, start) of each period charged on an issued bill

    def bills(self) -> Iterable[dict[str, Any]]:
        for issued_on, due in sorted(self.calendar().items()):
            bill = self.bill(issued_on, due)
            if bill:
                yield bill

    def calendar(self) -> dict[date, Due]:
        """Every billing date up to `bill_until` with what is due on it (rules 1 and 10)."""
        bill_until = date.fromisoformat(self.scenario["bill_until"])
        presences = Presences(self.scenario.get("devices") or [])
        dates: dict[date, Due] = {}
        for index, subscription in enumerate(self.scenario["subscriptions"]):
            plan = self.scenario["plans"][subscription["plan"]]
            for period in service_periods(subscription, bill_until):
                lines = PeriodLines(index, subscription, plan, period, presences, self.digits)
                if lines.in_advance:
                    dates.setdefault(period.start, Due()).charged.append(lines)
                    if period.end <= bill_until:
                        dates.setdefault(period.end, Due()).settled.append(lines)
                elif period.end <= bill_until:
                    dates.setdefault(period.end, Due()).charged.append(lines)
        return dates

    def bill(self, issued_on: date, due: Due) -> dict[str, Any] | None:
        lines: list[Line] = []
        for each in due.settled:
            lines += each.true_ups(was_billed=(each.index, each.period.start) in self.billed)
        for each in due.charged:
            lines += each.charges()
        if all(line["net"] == 0 for line in lines):
            return None  # not issued, uses up nothing (rule 13); and adjustments alone make no bill (rule 12)
        self.billed |= {(each.index, each.period.start) for each in due.charged}
        lines += self.adjustments.lines(issued_on, due.subscriptions(), lines)

        net = sum((line["net"] for line in lines), Fraction(0))
        tax = self.tax(net)
        total = net + sum((group["amount"] for group in tax), Fraction(0))
        # Reading: "of all the customer's subscriptions due that day": also of one that only ends.
        due_days = max(self.due_days(index) for index in due.subscriptions())
        bill = {
            "issued_on": issued_on.isoformat(),
            "due_on": (issued_on + timedelta(days=due_days)).isoformat(),
            "currency": self.currency,
            # Reading: a period that is due on an issued bill is listed even when it led to no line ("a subscription is
            # due ... even without lines"); left out are those that the bill only trues up.
            "periods": [self.period_text(each) for each in due.charged],
            "lines": [self.line_text(line) for line in lines],
            "net": as_decimal(net, self.digits),
            "tax": [
                group | {name: as_decimal(group[name], self.digits) for name in ("base", "amount")} for group in tax
            ],
            "total": as_decimal(total, self.digits),
        }
        if total < 0:
            bill["type"] = "credit_note"
        return bill

    def due_days(self, index: int) -> int:
        days: int = self.scenario["subscriptions"][index].get("due_days", 14)
        return days

    def tax(self, net: Fraction) -> list[dict[str, Any]]:
        """One group, on the sum of its lines, rounded once (rules 2 and 14)."""
        tax = self.scenario["customer"].get("tax")
        if not tax:
            return []
        amount = round_half_up(net * Fraction(tax["rate"]) / 100, self.digits)
        return [{"category": tax["category"], "rate": tax["rate"], "base": net, "amount": amount}]

    def period_text(self, lines: PeriodLines) -> dict[str, Any]:
        period = lines.period
        return {
            "subscription": lines.index,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "days": (period.end - period.start).days,
            "full_start": period.full_start.isoformat(),
            "full_end": period.full_end.isoformat(),
            "full_days": period.full_days,
        }

    def line_text(self, line: Line) -> Line:
        text = line | {"fraction": str(line["fraction"])}  # "n" or "n/d" in lowest terms (rule 8)
        for name in ("start", "end"):
            if name in text:
                text[name] = text[name].isoformat()
        for name in ("quantity", "per"):
            text[name] = as_decimal(Fraction(text[name]), 0)
        for name in ("unit_price", "net"):
            if name in text:
                text[name] = as_decimal(text[name], self.digits)
        if "devices" in text:
            text["devices"] = [{"id": name, "days": days} for name, days in text["devices"]]
        return text
