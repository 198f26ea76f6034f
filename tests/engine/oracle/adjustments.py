"""Other charges and discounts, and what each has used and still has to give (rule 12)."""

from datetime import date
from fractions import Fraction
from typing import Any

from .figures import round_half_up
from .period_lines import Line


class Adjustments:
    """A customer's adjustments in the file's order; each issued bill asks once for its lines."""

    def __init__(self, adjustments: list[dict[str, Any]], digits: int) -> None:
        self.adjustments = adjustments
        self.digits = digits
        self.used = [0] * len(adjustments)
        self.waiting = [Fraction(0)] * len(adjustments)  # what was cut off, below 0

    def lines(self, issued_on: date, due: set[int], others: list[Line]) -> list[Line]:
        """Charges as they stand; discounts in the file's order, cut at a net of 0; the rests wait.

        `due` are the subscriptions due on this bill, `others` its lines without adjustments.
        """
        wanted: list[tuple[int, Line]] = []  # (which adjustment, its line)
        for which, adjustment in enumerate(self.adjustments):
            if self.waiting[which] < 0:
                wanted.append((which, self.line(adjustment, self.waiting[which])))
                self.waiting[which] = Fraction(0)
            if self.takes_part(which, issued_on, due):
                wanted.append((which, self.own_line(adjustment, others)))
                self.used[which] += 1

        room = sum((line["net"] for line in others), Fraction(0))
        room += sum((line["net"] for _, line in wanted if line["net"] >= 0), Fraction(0))
        lines = []
        for which, line in wanted:
            taken = line
            if line["net"] < 0:
                net = max(line["net"], min(Fraction(0), -room))
                room += net
                if net != line["net"]:
                    # Reading: a discount cut to nothing stays as a line of 0 ("a net of 0 stays", rule 9).
                    taken = self.line(self.adjustments[which], net)
                    if "percent" not in self.adjustments[which]:
                        self.waiting[which] += line["net"] - net
            if taken["quantity"] != 0:  # "lines of quantity 0 are left out" (rule 9)
                lines.append(taken)
        return lines

    def takes_part(self, which: int, issued_on: date, due: set[int]) -> bool:
        adjustment = self.adjustments[which]
        until, times, subscription = adjustment.get("until"), adjustment.get("times", 1), adjustment.get("subscription")
        if issued_on < date.fromisoformat(adjustment["on"]):
            return False
        if until is not None and issued_on >= date.fromisoformat(until):
            return False
        if times is not None and self.used[which] >= times:
            return False
        return subscription is None or subscription in due

    def own_line(self, adjustment: dict[str, Any], others: list[Line]) -> Line:
        if "amount" in adjustment:
            return self.line(adjustment, round_half_up(Fraction(adjustment["amount"]), self.digits))
        if "percent" in adjustment:
            scope = adjustment.get("subscription")
            base = sum((line["net"] for line in others if scope in (None, line["subscription"])), Fraction(0))
            return self.line(adjustment, round_half_up(base * Fraction(adjustment["percent"]) / 100, self.digits))
        quantity, price = Fraction(adjustment.get("quantity", "1")), Fraction(adjustment["unit_price"])
        line = self.line(adjustment, round_half_up(quantity * price, self.digits))
        return line | {"quantity": quantity, "unit_price": price}

    def line(self, adjustment: dict[str, Any], net: Fraction) -> Line:
        line: Line = {"kind": "adjustment", "quantity": 1, "per": 1, "fraction": Fraction(1), "net": net}
        # Reading: a rest keeps its adjustment's subscription, on whichever subscription's bill it goes.
        if adjustment.get("subscription") is not None:
            line["subscription"] = adjustment["subscription"]
        return line
