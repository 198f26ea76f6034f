"""The forms of the tab Billing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterday.bills.queries import Order, ShownLine, Wanted
from quarterday.bills.queries.device_days import DaysOfDevice
from quarterday.engine.periods import Period
from quarterday.payments.queries import settled_condition
from quarterday.web.associations.forms import ChargeForm
from quarterday.web.bills import words
from quarterday.web.considered import Considered
from quarterday.web.customers.choosing import CustomerField
from quarterday.web.forms import Addresses, Choices, Day, Form
from quarterday.web.plans.forms import price_field

METHODS = [
    ("transfer", _("Bank transfer")),
    ("direct debit", _("Direct debit")),
    ("card", _("Card")),
    ("cash", _("Cash")),
    ("cheque", _("Cheque")),
    ("other", _("Other")),
]


class FilterForm(Form):
    """What the list of bills shows; it lives in the address."""

    q = forms.CharField(label=_("Search a number or a customer"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("Bills"), choices=words.STATES, required=False)
    paid = forms.ChoiceField(label=_("Payment status"), choices=words.STATUSES, required=False)
    sent = forms.ChoiceField(label=_("Sent status"), choices=words.SENT, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=words.KINDS, required=False)
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3)
    since = Day(label=_("Issued from"), required=False)
    until = Day(label=_("Issued until"), required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=words.ORDERS, required=False)
    customer = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    run = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    @property
    def order(self) -> Order:
        """How the list is ordered."""
        order: Order = self._said("sort") or "newest"
        return order

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return any(self._said(name) for name in self.fields if name not in ("sort", "state"))

    @property
    def is_open(self) -> bool:
        """Whether the less common filters are to be seen."""
        return any(self._said(name) or name in self.errors for name in ("kind", "currency", "since", "until", "sent"))

    def wanted(self, *, on: date) -> Wanted:
        """The list that is asked for; what cannot be read leaves nothing out."""
        self.is_valid()
        return Wanted(
            state=self._said("state") or "issued",
            customer_id=self._said("customer"),
            search=self._said("q") or "",
            kind=self._said("kind") or "",
            currency=self._said("currency") or "",
            since=self._said("since"),
            until=self._said("until"),
            sent=self._said("sent") or "",
            settled=settled_condition(self._said("paid") or "", on=on),
            run_id=self._said("run"),
        )

    def _said(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_valid() or name not in self.errors else None


class DiscardForm(Considered):
    """Throw a draft away: its periods come again, or are never billed."""

    what = forms.ChoiceField(
        label=_("What becomes of its periods"),
        choices=[
            ("again", _("They are due again: the next run calculates them anew")),
            ("waive", _("They are never billed, for a reason")),
        ],
        widget=Choices,
        initial="again",
    )
    waive_reason = forms.CharField(
        label=_("Reason"), max_length=250, required=False, help_text=_("For never billing them; it is kept for good.")
    )

    @property
    def reason(self) -> str | None:
        """Why its periods are never billed; None when they are due again."""
        return self.cleaned_data["waive_reason"] if self.cleaned_data["what"] == "waive" else None


class WaiveForm(Form):
    """Never bill what was missed."""

    reason = forms.CharField(label=_("Reason"), max_length=250, help_text=_("It is kept for good."))


class CreditForm(Considered):
    """Credit a bill whole, or net amounts of its lines."""

    refusal_names = {"amounts": "what"}

    what = forms.ChoiceField(
        label=_("How much"),
        choices=[
            ("whole", _("All that is left of the bill")),
            ("again", _("All that is left, and its periods are billed again by the next run")),
            ("lines", _("Only amounts of some lines, as entered below")),
            ("days", _("Only some days of one device, at what they cost")),
        ],
        widget=Choices,
        initial="whole",
    )
    device = forms.TypedChoiceField(label=_("Device"), required=False, coerce=int, empty_value=None)
    first_day = Day(label=_("First day to credit"), required=False)
    last_day = Day(label=_("Last day to credit"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("It is printed on the credit note."))

    def __init__(self, *args: Any, lines: Sequence[ShownLine], left: Mapping[int, Decimal], **options: Any) -> None:
        self.lines, self.left = lines, left
        super().__init__(*args, **options)

    def add_fields(self) -> None:
        devices = {device.device_id: device.name for line in self.lines for device in line.devices}
        named = sorted(devices.items(), key=lambda device: (device[1], device[0]))
        self.fields["device"].choices = [("", _("– none –")), *named]  # type: ignore[attr-defined]
        for line in self.lines:
            self.fields[f"line.{line.position}"] = price_field(_("Credit, net"))

    def rows(self) -> list[tuple[ShownLine, Decimal, Any]]:
        """Each line with what is left of it and its field."""
        return [(line, self.left.get(line.position, Decimal(0)), self[f"line.{line.position}"]) for line in self.lines]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if data.get("what") == "lines" and not self.amounts:
            self.add_error("what", _("Enter an amount beside at least one line."))
        if data.get("what") == "days":
            for name in ("device", "first_day", "last_day"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Say which device and which days."))
            if not self.errors and data["last_day"] < data["first_day"]:
                self.add_error("last_day", _("The last day is before the first: exchange them."))
        return data

    @property
    def days(self) -> DaysOfDevice | None:
        """The device and the days that are credited; None when it is about something else."""
        data = self.cleaned_data
        if data.get("what") != "days":
            return None
        return DaysOfDevice(data["device"], Period(data["first_day"], data["last_day"] + timedelta(days=1)))

    @property
    def amounts(self) -> dict[int, Decimal] | None:
        """Net amounts by line; None for all that is left."""
        if self.cleaned_data.get("what") != "lines":
            return None
        said = {line.position: self.cleaned_data.get(f"line.{line.position}") for line in self.lines}
        return {position: amount for position, amount in said.items() if amount}


class ResendForm(Form):
    """Mail a bill once more."""

    refusal_names = {"recipients": "to"}

    to = Addresses(label=_("To"), help_text=_("One address a line."))


class PaymentForm(Form):
    """Money that was received."""

    amount = price_field(_("Amount"))
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    received_on = Day(label=_("Received on"))
    method = forms.ChoiceField(label=_("How it came"), choices=METHODS, initial="transfer")
    reference = forms.CharField(
        label=_("Reference"), max_length=200, required=False, help_text=_("What the transfer said.")
    )

    def add_fields(self) -> None:
        self.fields["amount"].required = True

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class CustomerForm(Form):
    """Which customer it is about."""

    customer = CustomerField(label=_("Customer"))


class DraftChargeForm(ChargeForm):
    """A charge or discount on one draft, once."""

    def add_fields(self) -> None:
        super().add_fields()
        for name in ("starts_on", "how_often", "times", "until"):
            del self.fields[name]


class RunForm(Considered):
    """Generate bills now: for everybody or one customer; confirmed where the clock or missed periods ask for it."""

    customer = CustomerField(label=_("Only this customer"), required=False)
    confirmed = forms.BooleanField(
        label=_("Bill also what would wait"),
        required=False,
        help_text=_("After a jump of the clock, or when several periods of a customer were missed."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        self.digests: list[str] = []
        super().__init__(*args, **options)

    def also_said(self) -> list[Any]:
        """What the dry run would bill: if it comes out otherwise, it is shown again."""
        return self.digests


class RangeForm(Form):
    """A customer's bills of some days, as one PDF."""

    customer = CustomerField(label=_("Customer"))
    first = Day(label=_("First day"))
    last = Day(label=_("Last day"))

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The last day is before the first: exchange them."))
        return data
