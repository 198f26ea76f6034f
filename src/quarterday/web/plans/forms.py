"""The forms of the tab Service Plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from quarterday.web.considered import Considered
from quarterday.web.figures import Amount, Whole, without_zeros
from quarterday.web.forms import Choices, Day, Form
from quarterday.web.plans.pictures import RULES

STEPS = 4
TIMINGS = [("arrears", _("In arrears: at the end of each period")), ("advance", _("In advance: at its start"))]
LATE = [
    ("ask", _("Ask a person each time")),
    ("catch_up", _("Charge it on the next bill")),
    ("forgive", _("Forgive it")),
]
MODES = [
    ("", _("One price for all")),
    ("graduated", _("Steps: each unit at the price of its own step")),
    ("volume", _("Volume: all units at the price of the step reached")),
]
APPLIES = [
    ("on_day", _("From this day: a period that has begun is split")),
    ("next_period", _("From each customer's next period that starts on or after this day")),
]


@dataclass(frozen=True, slots=True)
class ClassFields:
    """The fields of one device class, for the template."""

    key: str
    name: str
    unit_price: BoundField
    mode: BoundField
    steps: list[tuple[BoundField, BoundField]]
    others: list[BoundField]
    is_open: bool


class PricesForm(Considered):
    """A price per class, or price steps; minimum, included units; a flat fee. Fields are named what.class."""

    def __init__(
        self, *args: Any, classes: Sequence[tuple[str, str]], tax_codes: Sequence[tuple[str, str]], **options: Any
    ) -> None:
        self.classes = classes
        self.tax_codes = tax_codes
        # Room for all the steps there are, and for another one.
        stored = [int(name.split(".")[1]) + 2 for name in options.get("initial") or {} if name.startswith("price.")]
        self.step_count = max([STEPS, *stored])
        super().__init__(*args, **options)

    def add_fields(self) -> None:
        for key, _name in self.classes:
            self.fields[f"unit_price.{key}"] = price_field(_("Price per device and period"))
            self.fields[f"mode.{key}"] = forms.ChoiceField(label=_("Price steps"), choices=MODES, required=False)
            for step in range(self.step_count):
                self.fields[f"bound.{step}.{key}"] = units_field(_("up to unit"), lowest=1)
                self.fields[f"price.{step}.{key}"] = price_field(_("price each"))
            self.fields[f"included.{key}"] = units_field(_("Included units"))
            self.fields[f"minimum.{key}"] = units_field(_("Minimum units"))
            self.fields[f"tax_code.{key}"] = forms.ChoiceField(
                label=_("Tax code"), choices=self.tax_codes, required=False
            )
        self.fields["flat_fee"] = price_field(_("Flat fee per period"))
        self.fields["flat_fee_tax_code"] = forms.ChoiceField(
            label=_("Tax code of the flat fee"), choices=self.tax_codes, required=False
        )

    def rows(self) -> Iterator[ClassFields]:
        """The fields, class by class."""
        for key, name in self.classes:
            others = [self[f"{what}.{key}"] for what in ("minimum", "included", "tax_code")]
            steps = [(self[f"bound.{step}.{key}"], self[f"price.{step}.{key}"]) for step in range(self.step_count)]
            special = [self[f"mode.{key}"], *others[:2], *(field for step in steps for field in step)]
            yield ClassFields(
                key=key,
                name=name,
                unit_price=self[f"unit_price.{key}"],
                mode=self[f"mode.{key}"],
                steps=steps,
                others=others,
                is_open=any(field.value() or field.errors for field in special),
            )

    def fee_fields(self) -> list[BoundField]:
        """The flat fee and its tax code."""
        return [self["flat_fee"], self["flat_fee_tax_code"]]

    def clean(self) -> dict[str, Any] | None:
        """What was entered and would be left out without a word is refused."""
        data = super().clean() or self.cleaned_data
        for key, _name in self.classes:
            mode = data.get(f"mode.{key}")
            if not mode and any(data.get(f"price.{step}.{key}") is not None for step in range(self.step_count)):
                self.add_error(f"mode.{key}", _("Say how the steps count, or empty them."))
            elif not mode and data.get(f"unit_price.{key}") is None:
                for what in ("minimum", "included"):
                    if data.get(f"{what}.{key}"):
                        self.add_error(f"unit_price.{key}", _("Give the price that goes with it, 0 if it is free."))
                        break
        return data

    def terms(self) -> dict[str, Any]:
        """What was entered, as actions take it; classes without a price are left out."""
        return {
            "prices": {key: price for key, _name in self.classes if (price := self._price_of(key)) is not None},
            "flat_fee": self.cleaned_data["flat_fee"] or Decimal(0),
            "flat_fee_tax_code": self.cleaned_data["flat_fee_tax_code"] or self.tax_codes[0][0],
        }

    def _price_of(self, key: str) -> dict[str, Any] | None:
        data = self.cleaned_data
        if data[f"mode.{key}"]:
            steps = [
                [data[f"bound.{step}.{key}"], f"{data[f'price.{step}.{key}']:f}"]
                for step in range(self.step_count)
                if data[f"price.{step}.{key}"] is not None
            ]
            price: dict[str, Any] = {"tiers": {"mode": data[f"mode.{key}"], "steps": steps}}
        elif data[f"unit_price.{key}"] is not None:
            price = {"unit_price": f"{data[f'unit_price.{key}']:f}"}
        else:
            return None
        for name in ("minimum", "included", "tax_code"):
            if data[f"{name}.{key}"]:
                price[name] = data[f"{name}.{key}"]
        return price

    def field_of(self, refused: str) -> str:
        """A refusal names prices.computer.unit_price (or .tiers.steps[1]); the field is unit_price.computer."""
        parts = refused.split(".")
        if parts[0] != "prices" or len(parts) < 2:
            return super().field_of(refused)
        what = parts[2] if len(parts) > 2 else "unit_price"
        return f"{'mode' if what.startswith('tiers') else what}.{parts[1]}"


class PlanForm(PricesForm):
    """Add Service Plan."""

    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        help_text=_("Three letters, such as EUR or USD."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )
    effective_on = Day(label=_("Prices count from"), help_text=_("The first day that this plan can charge."))
    timing = forms.ChoiceField(label=_("Billed"), choices=TIMINGS, widget=Choices, initial="arrears")
    counting = forms.ChoiceField(
        label=_("Counting rule"),
        choices=[(rule, title) for rule, title, _explanation in RULES],
        widget=Choices,
        initial="at_end",
    )
    late_policy = forms.ChoiceField(
        label=_("Devices learned late"),
        choices=LATE,
        widget=Choices,
        initial="ask",
        help_text=_(
            "For a device found in May that was there in April. Issued bills never change; what is in the customer's"
            " favour is always credited."
        ),
    )

    pause_after_days = forms.IntegerField(
        label=_("Pause a silent device after so many days"),
        required=False,
        min_value=2,
        max_value=730,
        help_text=_(
            "For a laptop that is listed and was not heard of: it is not charged from then on, until it is heard again."
            " Empty: never."
        ),
    )

    def own_terms(self) -> dict[str, Any]:
        """Everything but the prices."""
        names = (
            *("name", "description", "currency", "effective_on"),
            *("timing", "counting", "late_policy", "pause_after_days"),
        )
        return {name: self.cleaned_data[name] for name in names}


class PlanChangeForm(Form):
    """A plan's name, description and policies, which may change at any time."""

    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    late_policy = PlanForm.base_fields["late_policy"]
    pause_after_days = PlanForm.base_fields["pause_after_days"]
    seen = forms.IntegerField(widget=forms.HiddenInput)


class VersionForm(PricesForm):
    """Modify: new prices from a day on, or from each customer's next period."""

    without_consequence = frozenset({"note", "seen"})

    effective_on = Day(label=_("New prices count from"))
    applies = forms.ChoiceField(label=_("For each customer"), choices=APPLIES, widget=Choices, initial="on_day")
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("Why; it stands in the plan's history.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def version(self) -> dict[str, Any]:
        """The version, as the action takes it."""
        return {**{name: self.cleaned_data[name] for name in ("effective_on", "applies", "note")}, **self.terms()}


def initial_prices(prices: Mapping[str, Any], flat_fee: Decimal | None, flat_fee_tax_code: str) -> dict[str, Any]:
    """Stored prices as a form's initial values."""
    initial: dict[str, Any] = {
        "flat_fee": without_zeros(flat_fee) if flat_fee else None,
        "flat_fee_tax_code": flat_fee_tax_code,
    }
    for key, price in prices.items():
        initial[f"unit_price.{key}"] = price.get("unit_price")
        for name in ("minimum", "included", "tax_code"):
            initial[f"{name}.{key}"] = price.get(name)
        tiers = price.get("tiers")
        if tiers:
            initial[f"mode.{key}"] = tiers["mode"]
            for step, (bound, unit_price) in enumerate(tiers["steps"]):
                initial[f"bound.{step}.{key}"] = bound
                initial[f"price.{step}.{key}"] = unit_price
    return initial


def price_field(label: Any, *, help_text: Any = "") -> Amount:
    """A price of at most six decimals, that may be left out."""
    return Amount(label=label, min_value=0, max_digits=18, decimal_places=6, required=False, help_text=help_text)


def units_field(label: Any, *, lowest: int = 0) -> Whole:
    """A number of units, that may be left out."""
    return Whole(label=label, min_value=lowest, max_value=10_000_000, required=False)
