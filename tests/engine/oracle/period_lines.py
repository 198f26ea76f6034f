"""The lines of one service period of one subscription."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .days import Presences, ServicePeriod, counted_devices, days_to_charge
from .figures import round_half_up
from .terms import Terms, Version, charge, runs_of_equal, version_on

Line = dict[str, Any]
"""A line as scenario.md prints it, but with dates and fractions in place of text, and without `text`."""


@dataclass(frozen=True)
class Run:
    """Days next to each other on which a class is priced alike: the numbers of the first day and of the day after."""

    device_class: str
    first: int
    after: int
    terms: Terms

    @property
    def days(self) -> int:
        return self.after - self.first


class PeriodLines:
    """What a period is charged; each method answers for the whole period."""

    def __init__(
        self,
        index: int,
        subscription: dict[str, Any],
        plan: dict[str, Any],
        period: ServicePeriod,
        presences: Presences,
        digits: int,
    ) -> None:
        self.index = index
        self.period = period
        self.presences = presences
        self.digits = digits
        self.in_advance = plan.get("timing") == "advance"
        self.rule = plan.get("counting") or ("prorated" if self.in_advance else "at_end")
        self.days = days_to_charge(period, subscription.get("final_period") or "prorated")
        versions = [Version.read(version) for version in plan["versions"]]
        self.versions = [version_on(versions, day, period.start) for day in self.days]

    def charges(self) -> list[Line]:
        """The lines that charge the period for the first time; in advance they know no devices but the first day's."""
        return [*self.flat_fees(), *self.class_lines(first_day_only=self.in_advance)]

    def flat_fees(self) -> list[Line]:
        """A line per run of days with one fee; a fee of 0 has none (rule 8)."""
        fees = [version.flat_fee or None for version in self.versions]
        lines = []
        for first, after, fee in runs_of_equal(fees):
            line = self.line("flat_fee", first, after)
            line |= {"quantity": 1, "unit": "period", "unit_price": fee, "per": 1}
            line["net"] = round_half_up(fee * line["fraction"], self.digits)
            lines.append(line)
        return lines

    def class_lines(self, *, first_day_only: bool) -> list[Line]:
        """Usage and minimum lines. `first_day_only`: as billed in advance, else by the rule (rules 7, 8 and 11)."""
        lines = []
        for run in self.class_runs():
            devices = self.devices(run, first_day_only=first_day_only)
            if self.rule == "prorated":
                pieces = charge(sum(days for _, days in devices), run.terms, scale=run.days)
            else:
                pieces = charge(len(devices), run.terms, scale=1)
            named = False
            for piece in pieces:
                line = self.class_line(piece.kind, run, piece.quantity, piece.price)
                if piece.kind == "usage" and not named:
                    line["devices"] = devices
                    named = True
                lines.append(line)
        return lines

    def true_ups(self, *, was_billed: bool) -> list[Line]:
        """By the rule, less what was billed in advance: a line per class, run of days and unit price (rule 11).

        A bill of zeros at the period's start was not issued (rule 13): then nothing was billed by it.
        """
        by_rule = self.class_lines(first_day_only=False)
        billed = self.class_lines(first_day_only=True) if was_billed else []
        lines = []
        for run in self.class_runs():
            named = False
            # Reading: where several prices differ, "the first" line is that of the lowest step.
            for price in dict.fromkeys(price for _, price in run.terms.steps):
                quantity = self.quantity(by_rule, run, price) - self.quantity(billed, run, price)
                if quantity == 0:
                    continue
                line = self.class_line("true_up", run, quantity, price)
                if not named:
                    # Reading: "the rule's devices" may be none; then the list is there and empty.
                    line["devices"] = self.devices(run, first_day_only=False)
                    named = True
                lines.append(line)
        return lines

    def quantity(self, lines: list[Line], run: Run, price: Fraction) -> int:
        """Usage plus minimum of a run at a price."""
        of_run = [line for line in lines if (line["class"], line["start"]) == (run.device_class, self.date(run.first))]
        return sum(line["quantity"] for line in of_run if line["unit_price"] == price)

    def class_runs(self) -> list[Run]:
        classes = dict.fromkeys(name for version in self.versions for name in version.prices)
        runs = []
        for name in classes:
            terms = [version.prices.get(name) for version in self.versions]
            runs += [Run(name, first, after, equal) for first, after, equal in runs_of_equal(terms)]
        return runs

    def devices(self, run: Run, *, first_day_only: bool) -> list[tuple[str, int]]:
        """The counted devices by name, and each one's days within the line."""
        if first_day_only:
            # Reading: billed in advance "for all the line's days", so that is what each device's days are.
            return [(name, run.days) for name in sorted(self.presences.on(self.period.start, run.device_class))]
        days = dict.fromkeys(self.presences.of_class(run.device_class), 0)
        for day in self.days[run.first : run.after]:
            for name in self.presences.on(day, run.device_class):
                days[name] += 1
        if self.rule == "prorated":
            return [(name, count) for name, count in days.items() if count > 0]
        counted = counted_devices(self.rule, run.device_class, self.period, self.presences)
        return [(name, count) for name, count in days.items() if name in counted]

    def class_line(self, kind: str, run: Run, quantity: int, price: Fraction) -> Line:
        """Rounded once per line (rule 8)."""
        line = self.line(kind, run.first, run.after)
        line |= {"class": run.device_class, "quantity": quantity, "unit_price": price}
        if self.rule == "prorated":
            line |= {"unit": "device-day", "per": self.period.full_days}
            line["net"] = round_half_up(quantity * price / self.period.full_days, self.digits)
        else:
            line |= {"unit": "device", "per": 1}
            line["net"] = round_half_up(quantity * price * line["fraction"], self.digits)
        return line

    def line(self, kind: str, first: int, after: int) -> Line:
        """A line's dates end with its served days, while its fraction runs on over all days charged (rule 5)."""
        return {
            "kind": kind,
            "subscription": self.index,
            "start": self.date(first),
            "end": min(self.date(after), self.period.end),
            "fraction": Fraction(after - first, self.period.full_days),
        }

    def date(self, number: int) -> date:
        return self.period.start + timedelta(days=number)
