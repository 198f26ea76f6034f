"""BillingFacts: all that one bill may depend on, and nothing else.

The bill desk collects them from the tables, a scenario builds them from a file, and both give them to
`calculate.calculate_bill`. Stored beside the bill (see `canonical.py`), they let anyone calculate it again offline and
get the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from quarterday.engine.counting import Rule
from quarterday.engine.periods import MONTHLY, Cycle, Period, ServicePeriod, Timing
from quarterday.engine.presence import Stay

Applies = Literal["on_day", "next_period"]
FinalPeriod = Literal["prorated", "full"]
TierMode = Literal["graduated", "volume"]
LineKind = Literal["usage", "minimum", "flat_fee", "true_up", "catch_up", "credit", "adjustment"]
LineUnit = Literal["device", "device-day", "period"]
TaxCategory = Literal["S", "Z", "E", "AE", "G", "O"]
"""EN 16931's (UNCL 5305): standard rate, zero rate, exempt, reverse charge, export, outside the scope of tax."""

FIRST_CHARGES: tuple[LineKind, ...] = ("usage", "minimum", "flat_fee")
"""The lines of a period that is due for the first time."""

CORRECTIONS: tuple[LineKind, ...] = ("true_up", "catch_up", "credit")
"""The lines of a difference to what was billed for a period."""

PERIOD_CHARGES = FIRST_CHARGES + CORRECTIONS
"""The lines that charge for a period; an adjustment charges for none."""

Occasion = Literal["first", "settlement", "late", "ended"]
"""Why a period is on a bill.

first: it is charged for the first time (in arrears at its end, in advance at its start). settlement: billed in advance,
it has ended, and the difference to the count by the rule is a `true_up`. late: something was learned after its bill,
and the difference is a `catch_up`. ended: the plan was disassociated in the past, and the days after the last day of
service are a `credit`.
"""


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of a price list by quantity: `unit_price` up to and including `bound` units; the last has no bound."""

    bound: int | None
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Tiers:
    """Graduated: each unit at the price of its own step. Volume: all units at the price of their total's step."""

    mode: TierMode
    steps: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class ClassPrice:
    """What a plan charges for the devices of one class: exactly one of a unit price and tiers.

    `included` units come off first; `minimum` charges what is lacking of what is left.
    """

    unit_price: Decimal | None = None
    tiers: Tiers | None = None
    minimum: int = 0
    included: int = 0
    tax_code: str | None = None

    def __post_init__(self) -> None:
        if (self.unit_price is None) == (self.tiers is None):
            raise ValueError("a class needs exactly one of unit_price and tiers")

    @property
    def unit_prices(self) -> tuple[Decimal, ...]:
        """Its unit price, or those of its steps from the lowest."""
        if self.tiers is not None:
            return tuple(step.unit_price for step in self.tiers.steps)
        return () if self.unit_price is None else (self.unit_price,)


@dataclass(frozen=True, slots=True)
class FlatFee:
    """A fee per period, whatever the devices; 0 charges nothing."""

    amount: Decimal = Decimal(0)
    tax_code: str | None = None


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A plan's terms from a day on, or (`next_period`) from the first period that starts on or after that day."""

    effective_on: date
    prices: Mapping[str, ClassPrice]
    flat_fee: FlatFee = FlatFee()
    applies: Applies = "on_day"


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """A subscription's own prices from a day on.

    They replace its plan's prices of the classes they name, and the flat fee if they give one, until a later override
    names the same class or the fee again.
    """

    effective_on: date
    prices: Mapping[str, ClassPrice] = field(default_factory=dict)
    flat_fee: FlatFee | None = None
    applies: Applies = "on_day"


@dataclass(frozen=True, slots=True)
class TaxComponent:
    """A part of a tax that is rounded on its own, such as GST 5 % beside QST 9.975 %."""

    name: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxTreatment:
    """How a line is taxed: an EN 16931 category (S, Z, E, AE, G, O), its rate in percent, and the reason to print.

    `code` is the tax code that led to it, by which the line is booked.
    """

    category: str
    rate: Decimal
    reason: str = ""
    components: tuple[TaxComponent, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class TaxRule:
    """The treatment of a tax code for this customer, from a day on until the code's next rule."""

    code: str
    effective_on: date
    treatment: TaxTreatment


@dataclass(frozen=True, slots=True)
class BilledPart:
    """What an earlier bill charged for a period, line by line; a credit of it is a part with a negative quantity.

    `bill` is what the correction will name. `device_class` is None for the flat fee. `is_goodwill`: a person credited
    it of a bill that stands, so it is not charged again, but counts towards what the customer has to get back.
    """

    bill: str
    device_class: str | None
    days: Period
    quantity: Decimal
    unit: LineUnit
    unit_price: Decimal
    per: int
    fraction: Fraction
    tax: TaxTreatment | None = None
    is_goodwill: bool = False


@dataclass(frozen=True, slots=True)
class PeriodDue:
    """One service period of a subscription on this bill, and why it is there.

    `served` is None when an ended subscription no longer serves any day of a period that was billed. `billed` is all
    that was billed and credited for the period so far; empty on the first occasion. With `only_in_favour` a difference
    is billed only if it is the customer's (a policy of forgiving, or a question not answered yet).
    """

    served: Period | None
    full: Period
    occasion: Occasion = "first"
    billed: tuple[BilledPart, ...] = ()
    only_in_favour: bool = False

    @property
    def service_period(self) -> ServicePeriod:
        """The days served and the whole period; a period without a served day has none (ValueError)."""
        if self.served is None:
            raise ValueError(f"no day is served of the period {self.full}")
        return ServicePeriod(self.served, self.full)


@dataclass(frozen=True, slots=True)
class DeviceException:
    """Days on which a device is not charged: a person agreed so, or (see `paused`) nothing was heard of it."""

    device_id: str
    days: Period


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """One customer's association with one plan, and its periods on this bill.

    `paused` are the days on which it does not charge a device of which nothing was heard for so long.
    """

    id: str
    plan: str
    starts_on: date
    versions: tuple[PlanVersion, ...]
    periods: tuple[PeriodDue, ...]
    cycle: Cycle = MONTHLY
    billing_day: int | None = None
    counting: Rule = "at_end"
    timing: Timing = "arrears"
    final_period: FinalPeriod = "prorated"
    due_days: int = 14
    overrides: tuple[PriceOverride, ...] = ()
    paused: tuple[DeviceException, ...] = ()


@dataclass(frozen=True, slots=True)
class AdjustmentFacts:
    """Another charge or discount, waiting for its next bill.

    Exactly one of `amount`, `percent` and `unit_price` (x `quantity`). It goes on bills dated `starts_on` or later and
    before `until`, `times` of them at most (None: without end), `used` of which are behind it. `rest` is what earlier
    bills cut off its discount and this one still owes: 0 or below.
    """

    id: str
    text: str
    starts_on: date
    amount: Decimal | None = None
    percent: Decimal | None = None
    unit_price: Decimal | None = None
    quantity: Decimal = Decimal(1)
    subscription_id: str | None = None
    until: date | None = None
    times: int | None = 1
    used: int = 0
    rest: Decimal = Decimal(0)
    tax_code: str | None = None

    def __post_init__(self) -> None:
        if [self.amount, self.percent, self.unit_price].count(None) != 2:
            raise ValueError(f"adjustment {self.id} needs exactly one of amount, percent and unit_price")
        if self.rest > 0:
            raise ValueError(f"adjustment {self.id} owes a rest of {self.rest}: only a discount leaves one, below 0")


@dataclass(frozen=True, slots=True)
class BillingFacts:
    """All that one bill depends on: one customer, one currency, one billing date.

    A tax code of None means that no tax is calculated; any other needs a rule in `tax_rules`. `replaced_by` maps a
    replaced device to its successor; `names` gives the devices' names as people know them.
    """

    customer_id: str
    time_zone: str
    currency: str
    billing_on: date
    subscriptions: tuple[SubscriptionFacts, ...]
    stays: tuple[Stay, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    exceptions: tuple[DeviceException, ...] = ()
    replaced_by: Mapping[str, str] = field(default_factory=dict)
    adjustments: tuple[AdjustmentFacts, ...] = ()
    tax_rules: tuple[TaxRule, ...] = ()
