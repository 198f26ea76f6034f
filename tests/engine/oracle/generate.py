"""Small hostile scenarios: `scenario(seed)` is always the same for the same seed.

Uniformly random dates almost never meet a month's end, so most dates here are drawn from those where billing goes
wrong: days 29 to 31, 29 February, the boundaries of the scenario's own cycles, and the day before and after each.
"""

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .days import boundary
from .figures import DIGITS, as_decimal

ZONES = ["UTC", "Europe/Berlin", "Africa/Cairo", "America/Santiago", "Pacific/Apia", "Asia/Beirut", "America/Havana"]
TAXES = [("S", "19"), ("S", "8.1"), ("S", "21.5"), ("S", "0.5"), ("Z", "0"), ("AE", "0"), ("E", "0"), ("G", "0")]
CLASSES = ["computer", "server", "mobile"]
RULES = ["at_end", "at_start", "peak", "any_day", "prorated"]
CYCLES = {"week": [1, 1, 2, 4, 5], "month": [1, 1, 1, 1, 2, 3, 5, 6, 12], "year": [1, 1, 2]}
LONGEST_DAYS = {"week": 70, "month": 250, "year": 800}


def scenario(seed: int) -> dict[str, Any]:
    """A valid scenario in the form of scenario.md."""
    return Story(random.Random(seed), seed).tell()


class Story:
    """Draws subscriptions first; everything else is aimed at their dates."""

    def __init__(self, rng: random.Random, seed: int) -> None:
        self.rng = rng
        self.seed = seed
        self.currency = rng.choice(["EUR", "EUR", "JPY", "KWD"])
        self.digits = DIGITS[self.currency]

    def tell(self) -> dict[str, Any]:
        rng = self.rng
        self.plan_names = ["gold", "silver", "bronze"][: rng.choice([1, 1, 2, 3])]
        self.subscriptions = [self.subscription() for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
        self.share_dates()
        self.first = min(date.fromisoformat(each["starts_on"]) for each in self.subscriptions)
        longest = max(LONGEST_DAYS[each["cycle"]["unit"]] for each in self.subscriptions)
        self.last = self.first + timedelta(days=rng.randint(longest // 2, longest))
        self.aims = self.own_boundaries()
        for each in self.subscriptions:
            self.end(each)
        told: dict[str, Any] = {
            "id": f"seed {self.seed}",
            "customer": {"name": "North Dental", "timezone": rng.choice(ZONES), "currency": self.currency},
            "plans": {name: self.plan() for name in self.plan_names},
            "subscriptions": [self.without_some_defaults(each) for each in self.subscriptions],
            "devices": [self.device(number) for number in range(rng.choice([0, 1, 2, 3, 4, 5, 6, 8]))],
            "adjustments": [self.adjustment() for _ in range(rng.choice([0, 0, 1, 2, 3, 5]))],
            "bill_until": self.day().isoformat() if rng.random() < 0.15 else self.last.isoformat(),
        }
        if rng.random() < 0.7:
            category, rate = rng.choice(TAXES)
            told["customer"]["tax"] = {"category": category, "rate": rate}
        return told

    # --- Dates ----------------------------------------------------------------------------------------------------

    def start(self) -> date:
        rng = self.rng
        year = rng.randint(2023, 2028)
        kind = rng.random()
        if kind < 0.5:
            month = rng.choice([1, 3, 5, 7, 8, 10, 12])
            return date(year, month, rng.randint(29, 31))
        if kind < 0.6:
            return date(rng.choice([2024, 2028]), 2, 29)
        if kind < 0.8:
            return date(year, rng.randint(1, 12), rng.choice([1, 28]))
        return date(year, 1, 1) + timedelta(days=rng.randint(0, 364))

    def share_dates(self) -> None:
        """Often several subscriptions meet on one billing date."""
        one, *others = self.subscriptions
        for each in others:
            if self.rng.random() < 0.7:
                shift = self.rng.choice([0, 0, 0, 1, -1, 17])
                each["starts_on"] = (date.fromisoformat(one["starts_on"]) + timedelta(days=shift)).isoformat()
            else:
                each["starts_on"] = boundary(one, self.rng.randint(1, 3)).isoformat()
            if self.rng.random() < 0.6:
                each["cycle"], each["billing_day"] = one["cycle"], one["billing_day"]

    def own_boundaries(self) -> list[date]:
        aims = [date.fromisoformat(each["starts_on"]) for each in self.subscriptions]
        for each in self.subscriptions:
            n = 0
            while boundary(each, n) <= self.last:
                aims.append(boundary(each, n))
                n += 1
            aims.append(boundary(each, n))
        return aims

    def day(self) -> date:
        """A day of the story; mostly one on which something could go wrong."""
        rng = self.rng
        if rng.random() < 0.6:
            day = rng.choice(self.aims) + timedelta(days=rng.choice([-1, 0, 0, 0, 1]))
        else:
            day = self.first + timedelta(days=rng.randint(0, (self.last - self.first).days))
        return max(day, self.first)

    # --- Parts ----------------------------------------------------------------------------------------------------

    def subscription(self) -> dict[str, Any]:
        rng = self.rng
        unit = rng.choice(["week", "month", "month", "month", "month", "year"])
        return {
            "plan": rng.choice(self.plan_names),
            "starts_on": self.start().isoformat(),
            "ends_on": None,
            "final_period": rng.choice(["prorated", "full"]),
            "cycle": {"every": rng.choice(CYCLES[unit]), "unit": unit},
            "billing_day": rng.choice([None, None, 1, 15, 28, 29, 30, 31]) if unit != "week" else None,
            "due_days": rng.choice([0, 7, 14, 30, 45]),
        }

    def end(self, subscription: dict[str, Any]) -> None:
        if self.rng.random() < 0.5:
            ends_on = max(self.day(), date.fromisoformat(subscription["starts_on"]))
            subscription["ends_on"] = ends_on.isoformat()

    def without_some_defaults(self, subscription: dict[str, Any]) -> dict[str, Any]:
        defaults = {
            "ends_on": None,
            "final_period": "prorated",
            "billing_day": None,
            "due_days": 14,
            "cycle": {"every": 1, "unit": "month"},
        }
        return {
            name: value
            for name, value in subscription.items()
            if name not in defaults or value != defaults[name] or self.rng.random() < 0.5
        }

    def plan(self) -> dict[str, Any]:
        rng = self.rng
        plan: dict[str, Any] = {"timing": rng.choice(["arrears", "advance"])}
        if plan["timing"] == "arrears" and rng.random() < 0.3:
            del plan["timing"]
        if rng.random() < 0.85:
            plan["counting"] = rng.choice(RULES)
        effective_on = self.first - timedelta(days=rng.choice([0, 0, 1, 40]))
        version: dict[str, Any] = {
            "effective_on": effective_on.isoformat(),
            "flat_fee": rng.choice(["0", "0", self.price()]),
            "prices": {name: self.class_price() for name in rng.sample(CLASSES, rng.choice([0, 1, 2, 2, 3, 3]))},
        }
        if rng.random() < 0.2:
            version["applies"] = rng.choice(["on_day", "next_period"])
        versions = [version]
        taken = {effective_on}
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            day = self.day()
            if day in taken:
                continue
            taken.add(day)
            version = self.next_version(versions[-1])
            version["effective_on"] = day.isoformat()
            versions.append(version)
        if rng.random() < 0.1:
            rng.shuffle(versions)  # the latest day counts, not the last place
        plan["versions"] = versions
        return plan

    def next_version(self, before: dict[str, Any]) -> dict[str, Any]:
        """The terms before with one to three changes; some of them change nothing."""
        rng = self.rng
        version = {"flat_fee": before.get("flat_fee", "0"), "prices": dict(before["prices"])}
        prices = version["prices"]
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            change = rng.choice(["fee", "price", "add", "remove", "rewrite", "minimum", "included"])
            name = rng.choice(CLASSES)
            if change == "fee":
                version["flat_fee"] = rng.choice(["0", self.price()])
            elif change == "add":
                prices[name] = self.class_price()
            elif name not in prices:
                continue
            elif change == "price":
                prices[name] = self.class_price()
            elif change == "remove":
                del prices[name]
            elif change == "rewrite" and "unit_price" in prices[name]:
                rewritten = as_decimal(Fraction(prices[name]["unit_price"]), 6)
                prices[name] = prices[name] | {"unit_price": rewritten, "minimum": prices[name].get("minimum", 0)}
            elif change in ("minimum", "included"):
                prices[name] = prices[name] | {change: rng.randint(0, 3)}
        if rng.random() < 0.7:
            version["applies"] = rng.choice(["on_day", "on_day", "next_period"])
        return version

    def class_price(self) -> dict[str, Any]:
        rng = self.rng
        price: dict[str, Any] = {}
        if rng.random() < 0.5:
            price["unit_price"] = self.price()
        else:
            bounds = sorted(rng.sample([1, 2, 3, 4, 6], rng.choice([0, 1, 1, 2])))
            few_prices = [self.price(), self.price(), self.price()]
            steps = [[bound, rng.choice(few_prices)] for bound in [*bounds, None]]
            price["tiers"] = {"mode": rng.choice(["graduated", "volume"]), "steps": steps}
        if rng.random() < 0.4:
            price["minimum"] = rng.choice([0, 1, 2, 5])
        if rng.random() < 0.4:
            price["included"] = rng.choice([0, 1, 2, 3])
        return price

    def price(self) -> str:
        rng = self.rng
        fine = rng.choice(["30", "9.5", "0.333333", "12.345", "0", "0.01", "99.99", "7.005", "0.5"])
        return rng.choice([fine, as_decimal(Fraction(rng.randint(1, 20000), 10**self.digits), self.digits)])

    def device(self, number: int) -> dict[str, Any]:
        rng = self.rng
        stays: list[list[str | None]] = []
        kind = rng.random()
        if kind < 0.3:
            stays = [[(self.first - timedelta(days=rng.choice([0, 1, 100]))).isoformat(), None]]
        else:
            flaps = rng.choice([1, 1, 2, 3, 6])
            days = sorted({self.day() for _ in range(2 * flaps)})
            if kind > 0.8:
                days = [days[0] + timedelta(days=n) for n in (0, 1, 2, 3, 5, 6)]
            while len(days) >= 2:
                arrived, gone, *days = days
                stays.append([arrived.isoformat(), gone.isoformat()])
            if days:
                stays.append([days[0].isoformat(), None])
        return {"id": f"PC-{number}", "class": rng.choice([*CLASSES, "computer", "printer"]), "present": stays}

    def adjustment(self) -> dict[str, Any]:
        rng = self.rng
        adjustment: dict[str, Any] = {"on": self.day().isoformat(), "text": "Other"}
        if rng.random() < 0.6:
            adjustment["subscription"] = rng.randrange(len(self.subscriptions))
        sign = rng.choice(["", "-", "-"])
        form = rng.choice(["amount", "percent", "unit_price"])
        if form == "amount":
            size = rng.choice([1, 50, 3000, 20000, 100000])
            adjustment["amount"] = sign + as_decimal(Fraction(rng.randint(1, size), 10**self.digits), self.digits)
        elif form == "percent":
            adjustment["percent"] = sign + rng.choice(["5", "10", "33.333", "100", "50", "0.5"])
        else:
            adjustment["unit_price"] = sign + self.price()
            if rng.random() < 0.7:
                adjustment["quantity"] = rng.choice(["1", "4", "2.5", "0.125", "100", "-2", "0"])
        if rng.random() < 0.7:
            adjustment["times"] = rng.choice([1, 2, 3, None, None])
        if rng.random() < 0.4:
            adjustment["until"] = rng.choice([None, self.day().isoformat(), self.day().isoformat()])
        return adjustment
