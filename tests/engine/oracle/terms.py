"""What a class costs on a day, and what so many units cost."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any


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

    def step_of(self, unit: int, scale: int) -> int:
        """Which step holds the unit with this number, counted from 1; a step includes its bound."""
        for i, (bound, _) in enumerate(self.steps):
            if bound is None or unit <= bound * scale:
                return i
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
    """So many units of one kind in one step: a line. Steps that happen to cost the same stay apart."""

    kind: str
    step: int
    price: Fraction
    quantity: int


def charge(count: int, terms: Terms, scale: int) -> list[Piece]:
    """Unit by unit: the used units less the included ones, then those that the minimum lacks (rule 7).

    `scale` is 1, or the line's days for device-days.
    """
    used = max(0, count - terms.included * scale)
    total = max(used, terms.minimum * scale)
    pieces: list[Piece] = []
    if count > 0 and used == 0:
        # All included: a usage line of quantity 0 that names its devices (rule 9).
        # Reading: its price is that of the first unit, if there were one (volume: of the total).
        step = terms.step_of(total if terms.mode == "volume" else 1, scale)
        pieces.append(Piece("usage", step, terms.steps[step][1], 0))
    for unit in range(1, total + 1):
        kind = "usage" if unit <= used else "minimum"
        # Reading: volume prices "all units by the step of their total": those that the minimum adds are among them.
        step = terms.step_of(total if terms.mode == "volume" else unit, scale)
        if not pieces or (pieces[-1].kind, pieces[-1].step) != (kind, step):
            pieces.append(Piece(kind, step, terms.steps[step][1], 0))
        pieces[-1].quantity += 1
    return pieces
