"""The forms of the tab Service Plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterday.web.forms import Choices, Day, Form

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


class PricesForm(Form):
    """A price per class, or price steps; minimum, included units; a flat fee. Fields are named class by class."""

    def __init__(self, *args: Any, classes: Sequence[tuple[str, str]], tax_codes: Sequence[tuple[str, str]], **options: Any):
        self.classes = classes
        self.tax_codes = tax_codes
        super().__init__(*args, **options)
        for key, name in classes:
            self._add_class(key, name)
        self.fields["flat_fee"] = _price(_("Flat fee per period"), help_text=_("0 if there is none."))
        self.fields["flat_fee_tax_code"] = forms.ChoiceField(label=_("Tax code of the flat fee"), choices=tax_codes)
        for field in self.fields.values():
            css = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs.setdefault("class", css)

    def _add_class(self, key: str, name: str) -> None:
        self.fields[f"unit_price.{key}"] = _price(_("Price"), help_text=_("Per device and period; empty: not priced."))
        self.fields[f"mode.{key}"] = forms.ChoiceField(label=_("Price steps"), choices=MODES, required=False)
        for step in range(STEPS):
            self.fields[f"bound.{step}.{key}"] = forms.IntegerField(label=_("up to unit"), min_value=1, required=False)
            self.fields[f"price.{step}.{key}"] = _price(_("price"))
        self.fields[f"included.{key}"] = forms.IntegerField(label=_("Included units"), min_value=0, required=False)
        self.fields[f"minimum.{key}"] = forms.IntegerField(label=_("Minimum units"), min_value=0, required=False)
        self.fields[f"tax_code.{key}"] = forms.ChoiceField(
            label=_("Tax code"), choices=self.tax_codes, required=False
        )

    def rows(self) -> Iterable[dict[str, Any]]:
        """The fields, class by class, for the template."""
        for key, name in self.classes:
            yield {
                "key": key,
                "name": name,
                "unit_price": self[f"unit_price.{key}"],
                "mode": self[f"mode.{key}"],
                "steps": [(self[f"bound.{step}.{key}"], self[f"price.{step}.{key}"]) for step in range(STEPS)],
                "included": self[f"included.{key}"],
                "minimum": self[f"minimum.{key}"],
                "tax_code": self[f"tax_code.{key}"],
                "is_open": bool(self[f"mode.{key}"].value() or self[f"included.{key}"].value())
                or bool(self[f"minimum.{key}"].value()),
            }

    def prices(self) -> dict[str, Any]:
        """What was entered, in the form that plans take; classes without a price are left out."""
        told = {}
        for key, _name in self.classes:
            price = self._price_of(key)
            if price is not None:
                told[key] = price
        return told

    def flat_fee(self) -> dict[str, Any]:
        """The flat fee and its tax code."""
        return {
            "flat_fee": self.cleaned_data["flat_fee"] or Decimal(0),
            "flat_fee_tax_code": self.cleaned_data["flat_fee_tax_code"],
        }

    def _price_of(self, key: str) -> dict[str, Any] | None:
        data = self.cleaned_data
        steps = [
            [data[f"bound.{step}.{key}"], f"{data[f'price.{step}.{key}']:f}"]
            for step in range(STEPS)
            if data[f"price.{step}.{key}"] is not None
        ]
        if data[f"mode.{key}"]:
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
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters, such as EUR or USD."))
    effective_on = Day(label=_("Prices count from"), help_text=_("The first day that this plan can charge."))
    timing = forms.ChoiceField(label=_("Billed"), choices=TIMINGS, widget=Choices, initial="arrears")
    counting = forms.ChoiceField(label=_("Counting rule"), widget=Choices, initial="at_end")
    late_policy = forms.ChoiceField(
        label=_("Devices learned late"),
        choices=LATE,
        widget=Choices,
        initial="ask",
        help_text=_("A device found in May that was there in April: issued bills never change."),
    )

    field_order = ["name", "description", "currency", "effective_on", "timing", "counting", "late_policy"]

    def __init__(self, *args: Any, counting: Sequence[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["counting"].choices = counting  # type: ignore[attr-defined]  # a ChoiceField


class VersionForm(PricesForm):
    """Modify: new prices from a day on, or from each customer's next period."""

    effective_on = Day(label=_("New prices count from"))
    applies = forms.ChoiceField(
        label=_("For each customer"),
        choices=[
            ("on_day", _("from this day, also within a period")),
            ("next_period", _("from its next period on or after this day")),
        ],
        widget=Choices,
        initial="on_day",
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    field_order = ["effective_on", "applies", "note"]


def initial_prices(prices: Mapping[str, Any], flat_fee: Decimal, flat_fee_tax_code: str) -> dict[str, Any]:
    """Stored prices as a form's initial values."""
    initial: dict[str, Any] = {"flat_fee": flat_fee, "flat_fee_tax_code": flat_fee_tax_code}
    for key, price in prices.items():
        initial[f"unit_price.{key}"] = price.get("unit_price")
        for name in ("minimum", "included", "tax_code"):
            initial[f"{name}.{key}"] = price.get(name)
        tiers = price.get("tiers")
        if tiers:
            initial[f"mode.{key}"] = tiers["mode"]
            for step, (bound, unit_price) in enumerate(tiers["steps"][:STEPS]):
                initial[f"bound.{step}.{key}"] = bound
                initial[f"price.{step}.{key}"] = unit_price
    return initial


def _price(label: Any, *, help_text: Any = "") -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0"})
    return forms.DecimalField(
        label=label, min_value=0, max_digits=18, decimal_places=6, required=False, help_text=help_text, widget=widget
    )
