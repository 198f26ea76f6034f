"""The forms of associations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterday.engine.periods import Cycle
from quarterday.shared.refusal import Refused
from quarterday.web.associations.choosing import Chooser
from quarterday.web.considered import Considered
from quarterday.web.figures import Amount
from quarterday.web.forms import Addresses, Choices, Day, Form
from quarterday.web.plans.forms import APPLIES, PricesForm, price_field

CYCLES = [
    ("1 week", _("Weekly")),
    ("1 month", _("Monthly")),
    ("3 month", _("Quarterly")),
    ("6 month", _("Half-yearly")),
    ("1 year", _("Yearly")),
    ("other", _("Every …")),
]
UNITS = [("week", _("weeks")), ("month", _("months")), ("year", _("years"))]
FINAL = [
    ("prorated", _("Prorated: its days are billed")),
    ("full", _("In full: the whole last period is billed")),
]


class CycleFields(Considered):
    """How often is billed: one of the usual cycles, or every so many weeks, months or years."""

    cycle = forms.ChoiceField(label=_("Billing cycle"), choices=CYCLES, initial="1 month")
    every = forms.IntegerField(label=_("Every"), min_value=1, max_value=120, required=False)
    unit = forms.ChoiceField(label=_("weeks, months or years"), choices=UNITS, required=False, initial="month")

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if data.get("cycle") == "other" and data.get("every") is None and "every" not in self.errors:
            self.add_error("every", _("Say how many weeks, months or years a cycle has."))
        return data

    @property
    def said_cycle(self) -> Cycle:
        """The cycle that was chosen."""
        data = self.cleaned_data
        if data["cycle"] == "other":
            return Cycle(data["every"], data["unit"] or "month")
        every, unit = data["cycle"].split()
        return Cycle(int(every), unit)


def cycle_initial(every: int, unit: str) -> dict[str, Any]:
    """A stored cycle as a form's initial values."""
    usual = f"{every} {unit}"
    if usual in dict(CYCLES):
        return {"cycle": usual}
    return {"cycle": "other", "every": every, "unit": unit}


class ArrangementFields(Form):
    """What is agreed besides plan, dates and cycle."""

    billing_day = forms.IntegerField(
        label=_("Billing day"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("Day of the month on which periods begin, 1 to 31; empty: the day of the start date."),
    )
    due_days = forms.IntegerField(
        label=_("Due days"), min_value=0, max_value=365, initial=14, help_text=_("Days to pay, from the bill's date.")
    )
    po_number = forms.CharField(
        label=_("PO number"), max_length=60, required=False, help_text=_("The customer's order, printed on the bill.")
    )
    bill_separately = forms.BooleanField(label=_("Bill this plan separately"), required=False)


class AssociateForm(CycleFields, ArrangementFields):
    """Associate Service Plan: everything but the customers, who are chosen beside it."""

    plan = forms.ChoiceField(label=_("Service Plan"))
    starts_on = Day(label=_("Start date"), help_text=_("The first day of service; the cycle is counted from it."))
    billed_from = Day(
        label=_("Billed from"),
        required=False,
        help_text=_("Where charging begins; empty: the start of the cycle that contains today."),
    )
    review_first_bill = forms.BooleanField(
        label=_("Review the first bill before it is sent"), required=False, initial=True
    )
    field_order = ["plan", "cycle", "every", "unit", "starts_on", "billed_from", "billing_day", "due_days"]

    def __init__(self, *args: Any, plans: Sequence[tuple[str, str]], **options: Any) -> None:
        self.plans = plans
        self.chooser: Chooser | None = None
        super().__init__(*args, **options)

    def add_fields(self) -> None:
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ChoiceField), "plan is declared above"
        plan.choices = [("", _("Choose a plan")), *self.plans]

    def also_said(self) -> list[Any]:
        """The customers and their addresses."""
        chooser = self.chooser
        if chooser is None:
            return []
        return [chooser.chosen_ids, sorted((pk, chooser.emails.get(pk)) for pk in chooser.chosen_ids)]

    def arrangement(self) -> dict[str, Any]:
        """The terms, as `propose` and `associate` take them."""
        names = (
            *("starts_on", "billed_from", "billing_day", "due_days"),
            *("po_number", "bill_separately", "review_first_bill"),
        )
        return {"cycle": self.said_cycle, **{name: self.cleaned_data[name] for name in names}}

    def show(self, refused: Refused) -> None:
        """The page itself says that mail cannot go out, and leads to where that is mended."""
        super().show(Refused(problems=[problem for problem in refused.problems if problem.field != "mail"]))


class DisassociateForm(Considered):
    """Disassociate Plan: the last day of service, and how the last period is billed."""

    last_day = Day(label=_("Last day of service"), help_text=_("Past, today or to come, in each customer's time zone."))
    final_period = forms.ChoiceField(label=_("The last period"), choices=FINAL, widget=Choices, initial="prorated")
    chooser: Chooser | None = None

    def also_said(self) -> list[Any]:
        """The customers."""
        return [] if self.chooser is None else [self.chooser.chosen_ids]


class SubscriptionForm(Form):
    """What counts from the next bill on."""

    due_days = forms.IntegerField(
        label=_("Due days"), min_value=0, max_value=365, help_text=_("Days to pay, from the bill's date.")
    )
    emails = Addresses(label=_("E-mail addresses"), help_text=_("Where the bills go, one a line."))
    po_number = ArrangementFields.base_fields["po_number"]
    bill_separately = ArrangementFields.base_fields["bill_separately"]
    review_first_bill = AssociateForm.base_fields["review_first_bill"]
    seen = forms.IntegerField(widget=forms.HiddenInput)


class OwnPricesForm(PricesForm):
    """Prices agreed with one customer: they replace the plan's for the classes they name."""

    without_consequence = frozenset({"note"})

    effective_on = Day(label=_("Agreed prices count from"))
    applies = forms.ChoiceField(label=_("How they begin"), choices=APPLIES, widget=Choices, initial="on_day")
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def agreed(self) -> dict[str, Any]:
        """The agreement, as the action takes it; without a flat fee the plan's stays."""
        names = ("effective_on", "applies", "note")
        fee = self.cleaned_data["flat_fee"]
        return {
            **{name: self.cleaned_data[name] for name in names},
            "prices": self.terms()["prices"],
            "flat_fee": fee,
        }


class UpliftForm(Considered):
    """All prices raised or lowered by a percentage."""

    without_consequence = frozenset({"note"})

    percent = Amount(
        label=_("Percent"),
        max_digits=7,
        decimal_places=4,
        help_text=_("3 raises 30.00 to 30.90; below 0 lowers."),
    )
    effective_on = Day(label=_("Agreed prices count from"))
    applies = OwnPricesForm.base_fields["applies"]
    note = OwnPricesForm.base_fields["note"]


class RestartForm(CycleFields, ArrangementFields):
    """Another plan, cycle or timing from a day on."""

    plan = forms.ChoiceField(label=_("Service Plan"))
    on = Day(
        label=_("From"), help_text=_("The new terms begin on this day; the old ones end, prorated, the day before.")
    )
    field_order = ["plan", "on", "cycle", "every", "unit", "billing_day", "due_days"]

    refusal_names = {"starts_on": "on", "last_day": "on"}

    def __init__(self, *args: Any, plans: Sequence[tuple[str, str]], **options: Any) -> None:
        self.plans = plans
        super().__init__(*args, **options)

    def add_fields(self) -> None:
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ChoiceField), "plan is declared above"
        plan.choices = self.plans

    def arrangement(self) -> dict[str, Any]:
        """The terms, as `restart` takes them."""
        names = ("on", "billing_day", "due_days", "po_number", "bill_separately")
        return {"cycle": self.said_cycle, **{name: self.cleaned_data[name] for name in names}}


KINDS = [
    ("charge", _("Other charge: an amount")),
    ("charge_price", _("Other charge: quantity × price")),
    ("discount", _("Discount: an amount")),
    ("discount_percent", _("Discount: percent of the other lines")),
]
HOW_OFTEN = [
    ("once", _("Once: on the next bill")),
    ("times", _("On so many bills")),
    ("until", _("Until a day")),
    ("always", _("Until it is cancelled")),
]


class ChargeForm(Considered):
    """An other charge or a discount of a subscription; a discount is entered as people say it, above 0."""

    refusal_names = {"amount": "value", "percent": "value", "unit_price": "value"}

    kind = forms.ChoiceField(label=_("What"), choices=KINDS, widget=Choices, initial="charge")
    text = forms.CharField(label=_("Text on the bill"), max_length=300)
    value = price_field(_("Amount, price or percent"))
    quantity = Amount(
        label=_("Quantity"),
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=6,
        initial=1,
        help_text=_("For quantity × price."),
    )
    tax_code = forms.ChoiceField(label=_("Tax code"))
    starts_on = Day(label=_("From bills dated"))
    how_often = forms.ChoiceField(label=_("How often"), choices=HOW_OFTEN, widget=Choices, initial="once")
    times = forms.IntegerField(label=_("Number of bills"), min_value=1, max_value=10_000, required=False)
    until = Day(label=_("Last day"), required=False, help_text=_("Bills dated up to this day have it."))

    def __init__(self, *args: Any, tax_codes: Sequence[tuple[str, str]], **options: Any) -> None:
        self.tax_codes = tax_codes
        super().__init__(*args, **options)

    def add_fields(self) -> None:
        value, tax_code = self.fields["value"], self.fields["tax_code"]
        assert isinstance(tax_code, forms.ChoiceField), "tax_code is declared above"
        tax_code.choices = self.tax_codes
        value.required = True

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        for name in ("times", "until"):
            if data.get("how_often") == name and data.get(name) is None and name not in self.errors:
                self.add_error(name, _("Say how long."))
        return data

    def adjustment(self) -> dict[str, Any]:
        """The charge or discount, as the action takes it."""
        data = self.cleaned_data
        return {
            **self.charged(),
            "starts_on": data["starts_on"],
            "times": {"once": 1, "times": data["times"]}.get(data["how_often"]),
            "until": data["until"] + timedelta(days=1) if data["how_often"] == "until" else None,
        }

    def charged(self) -> dict[str, Any]:
        """What is charged, and how it is taxed."""
        data = self.cleaned_data
        form, sign = {
            "charge": ("amount", 1),
            "charge_price": ("unit_price", 1),
            "discount": ("amount", -1),
            "discount_percent": ("percent", -1),
        }[data["kind"]]
        return {
            "text": data["text"],
            form: sign * data["value"],
            "quantity": data["quantity"] if form == "unit_price" else None,
            "tax_code": data["tax_code"],
        }
