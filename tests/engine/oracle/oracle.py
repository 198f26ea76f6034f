"""The bills of a scenario, counted day by day in exact fractions: `answer(scenario) -> {"id": ..., "bills": [...]}`.

This is a second reading of the text of `scenario.md`, in the plainest way we could write it: a literal loop over days,
over devices, over units. It shares no line with the engine, so that a mistake has to be made twice to go unseen.
It trusts its input: wrong scenarios are tried elsewhere (test_scenario_errors.py).

"Rule n" names the numbered paragraph of scenario.md. Where that text can be read in two ways, a comment that begins
with "Reading:" says which way this file took, and why.

A *subscription* is the scenario's own dict. A *day* is an ordinal number; one list of days is all there is to a period.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Scenario = dict[str, Any]
Line = dict[str, Any]

DIGITS = {"JPY": 0, "EUR": 2, "USD": 2, "CHF": 2, "KWD": 3}
ONE_DAY = timedelta(days=1)


def answer(scenario: Scenario) -> dict[str, Any]:
    """Every bill that the scenario leads to, oldest first."""
    return {"id": scenario["id"], "bills": list(Customer(scenario).bills())}


# --- Money and figures as text ------------------------------------------------------------------------------------


def round_half_up(value: Fraction, digits: int) -> Fraction:
    """Halves go away from zero (rule 14): 0.005 -> 0.01, -0.005 -> -0.01."""
    scale = 10**digits
    whole, rest = divmod(abs(value) * scale, 1)
    if rest >= Fraction(1, 2):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, scale)


def as_decimal(value: Fraction, digits: int) -> str:
    """Exact decimal text with at least `digits` digits: 30 -> "30.00", 1/8 -> "0.125".

    Reading: rule 14 gives amounts the currency's digits; a unit price may have up to six (rules.md), so it is printed
    with the currency's digits and as many more as it needs.
    """
    for more in range(digits, 19):
        scaled = value * 10**more
        if scaled.denominator == 1:
            text = str(abs(scaled.numerator)).rjust(more + 1, "0")
            sign = "-" if value < 0 else ""
            return sign + (f"{text[:-more]}.{text[-more:]}" if more else text)
    raise ValueError(f"{value} has no short decimal form")


def as_fraction(part: int, whole: int) -> str:
    """ "n" or "n/d" in lowest terms (rule 8)."""
    value = Fraction(part, whole)
    return str(value)


# --- The calendar -------------------------------------------------------------------------------------------------


def clamped(year: int, month: int, day: int) -> date:
    """The day, or the month's last one: 31 February is the 28th or 29th. `month` may be any integer."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def boundary(subscription: dict[str, Any], n: int) -> date:
    """The n-th boundary of the cycle, always from the anchor (rule 3)."""
    starts_on = date.fromisoformat(subscription["starts_on"])
    cycle = subscription.get("cycle") or {"every": 1, "unit": "month"}
    if cycle["unit"] == "week":
        return starts_on + timedelta(days=7 * cycle["every"] * n)
    months = n * cycle["every"] * (12 if cycle["unit"] == "year" else 1)
    day = subscription.get("billing_day") or starts_on.day
    return clamped(starts_on.year, starts_on.month + months, day)


@dataclass
class ServicePeriod:
    """[start, end) as served, inside the whole cycle [full_start, full_end)."""

    start: date
    end: date
    full_start: date
    full_end: date

    @property
    def full_days(self) -> int:
        return (self.full_end - self.full_start).days


def service_periods(subscription: dict[str, Any], until: date) -> Iterable[ServicePeriod]:
    """The subscription's periods that start on or before `until`, in order."""
    starts_on = date.fromisoformat(subscription["starts_on"])
    ends_on = date.fromisoformat(subscription["ends_on"]) if subscription.get("ends_on") else None
    n = -1  # a billing day later in the first month makes the cycle begin before the start
    while boundary(subscription, n + 1) <= starts_on:
        n += 1
    start = starts_on
    while start <= until and (ends_on is None or start < ends_on):
        full_start, full_end = boundary(subscription, n), boundary(subscription, n + 1)
        end = full_end if ends_on is None else min(full_end, ends_on)
        yield ServicePeriod(start, end, full_start, full_end)
        start, n = full_end, n + 1


@dataclass
class Day:
    """A day to charge.

    `like` is the served day whose devices and terms it has: itself; or, for the days after `end` of a final period that
    is charged in full, the last served day (rule 5).
    """

    served: bool
    like: date


def days_to_charge(period: ServicePeriod, final_period: str) -> list[Day]:
    days = []
    day = period.start
    while day < period.end:
        days.append(Day(served=True, like=day))
        day += ONE_DAY
    if final_period == "full":
        while day < period.full_end:
            days.append(Day(served=False, like=period.end - ONE_DAY))
            day += ONE_DAY
    return days


# --- Devices ------------------------------------------------------------------------------------------------------


def is_present(device: dict[str, Any], day: date) -> bool:
    text = day.isoformat()  # ISO dates sort as text
    return any(first <= text and (gone is None or text < gone) for first, gone in device["present"])


class Presences:
    """Who is there on a day, by class; each day is looked up once."""

    def __init__(self, devices: list[dict[str, Any]]) -> None:
        self.devices = devices
        self.known: dict[tuple[str, date], set[str]] = {}

    def on(self, day: date, device_class: str) -> set[str]:
        if (device_class, day) not in self.known:
            self.known[device_class, day] = {
                d["id"] for d in self.devices if d["class"] == device_class and is_present(d, day)
            }
        return self.known[device_class, day]


def counted_devices(rule: str, device_class: str, period: ServicePeriod, presences: Presences) -> set[str]:
    """The devices that a rule which counts devices counts, once for the whole period (rule 5)."""
    served = [day.like for day in days_to_charge(period, "prorated")]
    if rule == "at_start":
        return presences.on(served[0], device_class)
    if rule == "at_end":
        return presences.on(served[-1], device_class)
    if rule == "any_day":
        return set().union(*(presences.on(day, device_class) for day in served))
    # Reading: "peak" is the fullest day of each class by itself, since each class has its own count and price.
    fullest = served[0]
    for day in served:
        if len(presences.on(day, device_class)) > len(presences.on(fullest, device_class)):
            fullest = day
    return presences.on(fullest, device_class)


# --- Terms --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """What a class costs. `steps` are (bound or None, price); a plain unit price is one step without a bound."""

    mode: str
    steps: tuple[tuple[int | None, Fraction], ...]
    minimum: int
    included: int

    @classmethod
    def read(cls, price: dict[str, Any]) -> "Terms":
        minimum, included = price.get("minimum") or 0, price.get("included") or 0
        if "unit_price" in price:
            # Reading: "equal when unit price or tiers ... are": by value ("30.0" is "30.00"), and a unit price never
            # equals tiers, although a single step costs the same.
            return cls("unit_price", ((None, Fraction(price["unit_price"])),), minimum, included)
        steps = tuple((bound, Fraction(each)) for bound, each in price["tiers"]["steps"])
        return cls(price["tiers"]["mode"], steps, minimum, included)

    def step_price(self, unit: int, scale: int) -> Fraction:
        """The price of the step that holds the unit with this number, counted from 1; a step includes its bound."""
        for bound, price in self.steps:
            if bound is None or unit <= bound * scale:
                return price
        raise AssertionError("the last bound is null")


@dataclass(frozen=True)
class Version:
    """A plan version, read once."""

    effective_on: date
    waits: bool  # "applies": "next_period"
    flat_fee: Fraction
    prices: dict[str, Terms]

    @classmethod
    def read(cls, version: dict[str, Any]) -> "Version":
        prices = {name: Terms.read(price) for name, price in (version.get("prices") or {}).items()}
        return cls(
            effective_on=date.fromisoformat(version["effective_on"]),
            waits=version.get("applies") == "next_period",
            flat_fee=Fraction(version.get("flat_fee") or 0),
            prices=prices,
        )


def version_on(versions: list[Version], day: date, period_start: date) -> Version:
    """Of the versions that have begun the one with the latest `effective_on` (rule 6)."""
    begun = [each for each in versions if each.effective_on <= (period_start if each.waits else day)]
    return max(begun, key=lambda each: each.effective_on)


def runs_of_equal(values: list[Any]) -> list[tuple[int, int, Any]]:
    """[a, a, b, None, b] -> [(0, 2, a), (2, 3, b), (4, 5, b)]: days next to each other with equal terms (rule 6)."""
    runs: list[tuple[int, int, Any]] = []
    for i, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][1] == i and runs[-1][2] == value:
            runs[-1] = (runs[-1][0], i + 1, value)
        else:
            runs.append((i, i + 1, value))
    return runs


@dataclass
class Piece:
    """So many units of one kind at one price."""

    kind: str
    price: Fraction
    quantity: int


def charge(count: int, terms: Terms, scale: int) -> list[Piece]:
    """Unit by unit: the used units less the included ones, then those that the minimum lacks (rule 7).

    `scale` is 1, or the line's days for device-days.
    """
    used = max(0, count - terms.included * scale)
    total = max(used, terms.minimum * scale)
    pieces: list[Piece] = []
    for unit in range(1, total + 1):
        # Reading: volume prices "all units by the step of their total": those that the minimum adds are among them.
        price = terms.step_price(total if terms.mode == "volume" else unit, scale)
        kind = "usage" if unit <= used else "minimum"
        if pieces and pieces[-1].kind == kind and pieces[-1].price == price and not step_begins(terms, unit, scale):
            pieces[-1].quantity += 1
        else:
            pieces.append(Piece(kind, price, 1))
    if count > 0 and used == 0:
        # All included: a usage line of quantity 0 that names its devices (rule 9).
        # Reading: its price is that of the first unit (volume: of the total), the only one that can be meant.
        price = terms.step_price(total if terms.mode == "volume" else 1, scale)
        pieces.insert(0, Piece("usage", price, 0))
    return pieces


def step_begins(terms: Terms, unit: int, scale: int) -> bool:
    """Graduated gives a line per step, also where two steps happen to cost the same."""
    return terms.mode == "graduated" and any(
        bound is not None and unit == bound * scale + 1 for bound, _ in terms.steps
    )


# --- The customer -------------------------------------------------------------------------------------------------


@dataclass
class Due:
    """What comes together on one billing date."""

    charged: list[tuple[int, ServicePeriod]] = field(default_factory=list)  # charged for the first time
    settled: list[tuple[int, ServicePeriod]] = field(default_factory=list)  # in advance, at the period's end

    def subscriptions(self) -> set[int]:
        return {index for index, _ in self.charged + self.settled}


class Customer:
    """One scenario, and what its adjustments have used so far."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.currency = scenario["customer"]["currency"]
        self.digits = DIGITS[self.currency]
        self.subscriptions = scenario["subscriptions"]
        self.adjustments = scenario.get("adjustments") or []
        self.plan_versions = {
            name: [Version.read(version) for version in plan["versions"]] for name, plan in scenario["plans"].items()
        }
        self.presences = Presences(scenario.get("devices") or [])
        self.known_days: dict[tuple[int, date], list[Day]] = {}
        self.billed: set[tuple[int, date]] = set()  # (subscription, start of a period charged on an issued bill)
        self.used = [0] * len(self.adjustments)
        self.waiting = [Fraction(0)] * len(self.adjustments)  # what was cut off, below 0

    def plan(self, index: int) -> dict[str, Any]:
        return self.scenario["plans"][self.subscriptions[index]["plan"]]

    def in_advance(self, index: int) -> bool:
        return self.plan(index).get("timing", "arrears") == "advance"

    def counting(self, index: int) -> str:
        default = "prorated" if self.in_advance(index) else "at_end"
        return self.plan(index).get("counting") or default

    def bills(self) -> Iterable[dict[str, Any]]:
        for issued_on, due in sorted(self.calendar().items()):
            bill = self.bill(issued_on, due)
            if bill:
                yield bill

    def calendar(self) -> dict[date, Due]:
        """Every billing date up to `bill_until` with what is due on it (rules 1 and 10)."""
        bill_until = date.fromisoformat(self.scenario["bill_until"])
        dates: dict[date, Due] = {}
        for index, subscription in enumerate(self.subscriptions):
            for period in service_periods(subscription, bill_until):
                if self.in_advance(index):
                    dates.setdefault(period.start, Due()).charged.append((index, period))
                    if period.end <= bill_until:
                        dates.setdefault(period.end, Due()).settled.append((index, period))
                elif period.end <= bill_until:
                    dates.setdefault(period.end, Due()).charged.append((index, period))
        return dates

    def bill(self, issued_on: date, due: Due) -> dict[str, Any] | None:
        lines: list[Line] = []
        for index in sorted(due.subscriptions()):
            for _, period in [pair for pair in due.settled if pair[0] == index]:
                lines += self.true_ups(index, period)
            for _, period in [pair for pair in due.charged if pair[0] == index]:
                lines += self.charges(index, period)
        if all(line["net"] == 0 for line in lines):
            return None  # rule 13: not issued, uses up nothing; and adjustments alone make no bill (rule 12)
        self.billed |= {(index, period.start) for index, period in due.charged}
        lines += self.adjust(issued_on, due, lines)

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
            "periods": [self.period_text(index, period) for index, period in due.charged],
            "lines": [self.line_text(line) for line in lines],
            "net": as_decimal(net, self.digits),
            "tax": [
                group | {"base": as_decimal(net, self.digits), "amount": as_decimal(group["amount"], self.digits)}
                for group in tax
            ],
            "total": as_decimal(total, self.digits),
        }
        if total < 0:
            bill["type"] = "credit_note"
        return bill

    def due_days(self, index: int) -> int:
        days = self.subscriptions[index].get("due_days")
        return 14 if days is None else days

    def tax(self, net: Fraction) -> list[dict[str, Any]]:
        """One group, on the sum of its lines, rounded once (rules 2 and 14)."""
        tax = self.scenario["customer"].get("tax")
        if not tax:
            return []
        amount = round_half_up(net * Fraction(tax["rate"]) / 100, self.digits)
        return [{"category": tax["category"], "rate": tax["rate"], "amount": amount}]

    # --- The lines of one period ----------------------------------------------------------------------------------

    def charges(self, index: int, period: ServicePeriod) -> list[Line]:
        """The lines that charge a period for the first time."""
        return [
            *self.flat_fees(index, period),
            *self.class_lines(index, period, first_day_only=self.in_advance(index)),
        ]

    def versions(self, index: int, period: ServicePeriod) -> list[Version]:
        """For each day to charge, the plan version whose terms it has."""
        versions = self.plan_versions[self.subscriptions[index]["plan"]]
        return [version_on(versions, day.like, period.start) for day in self.days(index, period)]

    def days(self, index: int, period: ServicePeriod) -> list[Day]:
        if (index, period.start) not in self.known_days:
            final_period = self.subscriptions[index].get("final_period") or "prorated"
            self.known_days[index, period.start] = days_to_charge(period, final_period)
        return self.known_days[index, period.start]

    def flat_fees(self, index: int, period: ServicePeriod) -> list[Line]:
        fees = [version.flat_fee or None for version in self.versions(index, period)]
        lines = []
        for first, after, fee in runs_of_equal(fees):
            line = self.line("flat_fee", index, period, first, after)
            line |= {"quantity": 1, "unit": "period", "unit_price": fee, "per": 1}
            line["net"] = round_half_up(fee * Fraction(after - first, period.full_days), self.digits)
            lines.append(line)
        return lines

    def class_lines(self, index: int, period: ServicePeriod, *, first_day_only: bool) -> list[Line]:
        """Usage and minimum lines. `first_day_only`: as billed in advance, else by the rule (rules 7, 8 and 11)."""
        lines = []
        for device_class, first, after, terms in self.class_runs(index, period):
            devices = self.devices(index, period, device_class, first, after, first_day_only=first_day_only)
            prorated = self.counting(index) == "prorated"
            count = sum(days for _, days in devices) if prorated else len(devices)
            named = False
            for piece in charge(count, terms, after - first if prorated else 1):
                line = self.line(piece.kind, index, period, first, after)
                line |= {"class": device_class, "quantity": piece.quantity, "unit_price": piece.price}
                self.price_line(line, index, period, first, after)
                if piece.kind == "usage" and not named:
                    line["devices"] = devices
                    named = True
                lines.append(line)
        return lines

    def class_runs(self, index: int, period: ServicePeriod) -> list[tuple[str, int, int, Terms]]:
        """(class, first day, day after, terms) for each run of days on which a class is priced alike."""
        versions = self.versions(index, period)
        classes = dict.fromkeys(name for version in versions for name in version.prices)
        runs = []
        for name in classes:
            terms = [version.prices.get(name) for version in versions]
            runs += [(name, first, after, equal) for first, after, equal in runs_of_equal(terms)]
        return runs

    def devices(
        self, index: int, period: ServicePeriod, device_class: str, first: int, after: int, *, first_day_only: bool
    ) -> list[tuple[str, int]]:
        """The counted devices and each one's days within the line."""
        if first_day_only:
            # Reading: billed in advance "for all the line's days", so that is what each device's days are.
            return [(name, after - first) for name in sorted(self.presences.on(period.start, device_class))]
        days = dict.fromkeys(sorted(d["id"] for d in self.presences.devices if d["class"] == device_class), 0)
        for day in self.days(index, period)[first:after]:
            for name in self.presences.on(day.like, device_class):
                days[name] += 1
        rule = self.counting(index)
        if rule == "prorated":
            return [(name, count) for name, count in days.items() if count > 0]
        counted = counted_devices(rule, device_class, period, self.presences)
        return [(name, count) for name, count in days.items() if name in counted]

    def true_ups(self, index: int, period: ServicePeriod) -> list[Line]:
        """By the rule, less what was billed in advance: a line per class, run of days and unit price (rule 11)."""
        by_rule = self.class_lines(index, period, first_day_only=False)
        # A bill of zeros at the period's start was not issued (rule 13), so nothing was billed by it.
        was_billed = (index, period.start) in self.billed
        billed = self.class_lines(index, period, first_day_only=True) if was_billed else []
        lines = []
        for device_class, first, after, terms in self.class_runs(index, period):
            start = self.line("true_up", index, period, first, after)["start"]
            of_run = [
                (sign, line)
                for sign, billing in ((1, by_rule), (-1, billed))
                for line in billing
                if (line["class"], line["start"]) == (device_class, start)
            ]
            named = False
            # Reading: where several prices differ, "the first" line is that of the lowest step.
            for price in dict.fromkeys(price for _, price in terms.steps):
                quantity = sum(sign * line["quantity"] for sign, line in of_run if line["unit_price"] == price)
                if quantity == 0:
                    continue
                line = self.line("true_up", index, period, first, after)
                line |= {"class": device_class, "quantity": quantity, "unit_price": price}
                self.price_line(line, index, period, first, after)
                if not named:
                    line["devices"] = self.devices(index, period, device_class, first, after, first_day_only=False)
                    named = True
                lines.append(line)
        return lines

    def line(self, kind: str, index: int, period: ServicePeriod, first: int, after: int) -> Line:
        """A line's dates: of its served days only, while its fraction runs on over those charged (rule 5)."""
        served = [day.like for day in self.days(index, period)[first:after] if day.served]
        return {
            "kind": kind,
            "subscription": index,
            "start": served[0],
            "end": served[-1] + ONE_DAY,
            "fraction": as_fraction(after - first, period.full_days),
        }

    def price_line(self, line: Line, index: int, period: ServicePeriod, first: int, after: int) -> None:
        """Rounded once per line (rule 8)."""
        if self.counting(index) == "prorated":
            line |= {"unit": "device-day", "per": period.full_days}
            exact = line["quantity"] * line["unit_price"] / period.full_days
        else:
            line |= {"unit": "device", "per": 1}
            exact = line["quantity"] * line["unit_price"] * Fraction(after - first, period.full_days)
        line["net"] = round_half_up(exact, self.digits)

    # --- Adjustments ----------------------------------------------------------------------------------------------

    def adjust(self, issued_on: date, due: Due, others: list[Line]) -> list[Line]:
        """Charges as they stand; discounts in the file's order, cut at a net of 0; the rests wait (rule 12)."""
        wanted: list[tuple[int, Line]] = []  # (which adjustment, its line)
        for which, adjustment in enumerate(self.adjustments):
            if self.waiting[which] < 0:
                wanted.append((which, self.adjustment_line(adjustment, self.waiting[which])))
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
                    taken = self.adjustment_line(self.adjustments[which], net)
                    if "percent" not in self.adjustments[which]:
                        self.waiting[which] += line["net"] - net
            if taken["quantity"] != 0:  # "lines of quantity 0 are left out" (rule 9)
                lines.append(taken)
        return lines

    def takes_part(self, which: int, issued_on: date, due: Due) -> bool:
        adjustment = self.adjustments[which]
        times = adjustment.get("times", 1)
        subscription = adjustment.get("subscription")
        return (
            adjustment["on"] <= issued_on.isoformat()
            and (adjustment.get("until") is None or issued_on.isoformat() < adjustment["until"])
            and (subscription is None or subscription in due.subscriptions())
            and (times is None or self.used[which] < times)
        )

    def own_line(self, adjustment: dict[str, Any], others: list[Line]) -> Line:
        if "amount" in adjustment:
            return self.adjustment_line(adjustment, round_half_up(Fraction(adjustment["amount"]), self.digits))
        if "percent" in adjustment:
            scope = adjustment.get("subscription")
            base = sum((line["net"] for line in others if scope in (None, line["subscription"])), Fraction(0))
            net = round_half_up(base * Fraction(adjustment["percent"]) / 100, self.digits)
            return self.adjustment_line(adjustment, net)
        quantity, price = Fraction(adjustment.get("quantity", "1")), Fraction(adjustment["unit_price"])
        line = self.adjustment_line(adjustment, round_half_up(quantity * price, self.digits))
        return line | {"quantity": quantity, "unit_price": price}

    def adjustment_line(self, adjustment: dict[str, Any], net: Fraction) -> Line:
        line: Line = {"kind": "adjustment", "quantity": 1, "per": 1, "fraction": "1", "net": net}
        if adjustment.get("subscription") is not None:
            line["subscription"] = adjustment["subscription"]
        return line

    # --- As text --------------------------------------------------------------------------------------------------

    def period_text(self, index: int, period: ServicePeriod) -> dict[str, Any]:
        return {
            "subscription": index,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "days": (period.end - period.start).days,
            "full_start": period.full_start.isoformat(),
            "full_end": period.full_end.isoformat(),
            "full_days": period.full_days,
        }

    def line_text(self, line: Line) -> Line:
        text = dict(line)
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
