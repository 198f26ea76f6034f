"""The forms about money."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from quarterday.bills.queries import bill_ids_numbered
from quarterday.connectors.bankfile import FIELDS
from quarterday.shared.refusal import Refused
from quarterday.web.considered import Considered
from quarterday.web.customers.choosing import CustomerField
from quarterday.web.forms import Day, Form
from quarterday.web.plans.choices import usual_currency
from quarterday.web.plans.forms import price_field


class WriteOffForm(Considered):
    """Give up what is open of a bill, or a part of it."""

    amount = price_field(_("Amount"))
    written_off_on = Day(label=_("On"))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("It is kept for good, and the customer does not see it.")
    )

    def add_fields(self) -> None:
        self.fields["amount"].required = True


class TakeBackForm(Form):
    """Take a write-off back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For example: the money came after all. It is kept for good.")
    )


class RefuseForm(Form):
    """Refuse what another person proposed, or take one's own proposal back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For example: the bill was right. It is kept for good.")
    )


class RefundForm(Considered):
    """Give back what is left of a payment, or a part of it."""

    amount = price_field(_("Amount"))
    refunded_on = Day(label=_("On"))
    reference = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("For example: paid twice. It stands on the customer's account.")
    )

    def add_fields(self) -> None:
        self.fields["amount"].required = True


class WithdrawForm(Form):
    """Withdraw a payment that was recorded in error, or bounced."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For example: the direct debit bounced. It is kept for good.")
    )
    withdrawn_on = Day(label=_("On"), help_text=_("The day on which the bank took it back, as its statement says."))


class LetGoForm(Form):
    """Let a late fee go."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For example: the payment crossed with it. It is kept for good.")
    )


LARGEST_FILE = 16 * 1024 * 1024

COLUMNS = {
    "day": _("Day"),
    "amount": _("Amount"),
    "came": _("Came"),
    "went": _("Went"),
    "currency": _("Currency"),
    "text": _("Text"),
    "name": _("Who"),
    "iban": _("Account"),
    "reference": _("Reference"),
}


class BankFileForm(Form):
    """A bank's statement, and which column of a CSV says what."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("camt.053 or CSV, up to 16 MB."),
        widget=forms.FileInput(attrs={"accept": ".xml,.csv,.txt,text/csv,text/xml,application/xml"}),
    )

    currency = forms.CharField(
        label=_("Currency of a CSV that does not say it"),
        required=False,
        max_length=3,
        min_length=3,
        help_text=_("If left out, that of your country."),
    )
    first = forms.ChoiceField(
        label=_("Days such as 04/05/2026"),
        required=False,
        choices=[
            ("", _("As the file shows")),
            ("day", _("The day comes first")),
            ("month", _("The month comes first")),
        ],
    )

    def add_fields(self) -> None:
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.CharField(label=COLUMNS[name], required=False, max_length=100)

    def clean_currency(self) -> str:
        return (self.cleaned_data["currency"] or usual_currency() or "EUR").upper()

    def clean_file(self) -> Any:
        """Refuses a huge file before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 16 MB: split it by month."))
        return file

    @property
    def columns(self) -> dict[str, str]:
        """The columns that a person named."""
        said = {name: self.cleaned_data.get(f"column_{name}") for name in FIELDS}
        return {name: column.strip() for name, column in said.items() if column and column.strip()}

    @property
    def column_fields(self) -> list[Any]:
        """The fields of the columns."""
        return [self[f"column_{name}"] for name in FIELDS]

    @property
    def columns_are_said(self) -> bool:
        """Whether any column is named or to be named, so that its field is to be seen."""
        return any(self.data.get(f"column_{name}") for name in FIELDS) or bool(self.non_field_errors())


class WhoPaidForm(Form):
    """Whose payment a line of the bank is, and for what."""

    customer = CustomerField(label=_("Customer"))
    bills = forms.CharField(
        label=_("Bills"),
        required=False,
        max_length=1000,
        help_text=_("Their numbers, parted by commas; the oldest if left out."),
    )

    def clean_bills(self) -> list[int] | None:
        """The ids of the bills that were named."""
        numbers = [number.strip() for number in self.cleaned_data["bills"].split(",") if number.strip()]
        try:
            return bill_ids_numbered(numbers) or None
        except Refused as refused:
            raise ValidationError(str(refused.problems[0].message)) from None


class AboutPaymentForm(Form):
    """What a line of the bank says about a payment that is there already."""

    kind = forms.ChoiceField(label=_("It is"))
    payment = forms.TypedChoiceField(label=_("Payment"), coerce=int)

    def __init__(self, *args: Any, has_come: bool, payments: list[tuple[int, str]], **options: Any) -> None:
        self._kinds = [("recorded", _("a payment that was recorded by hand before"))]
        if not has_come:
            self._kinds = [("refund", _("money given back of")), ("bounce", _("a payment that came back whole:"))]
        self._payments = payments
        super().__init__(*args, **options)

    def add_fields(self) -> None:
        kind, payment = self.fields["kind"], self.fields["payment"]
        assert isinstance(kind, forms.ChoiceField), "it is declared above"
        assert isinstance(payment, forms.ChoiceField), "it is declared above"
        kind.choices, payment.choices = self._kinds, self._payments


class IgnoreForm(Form):
    """Why a line is no customer's money."""

    reason = forms.CharField(label=_("What it is"), max_length=300, help_text=_("For example: the bank's fee."))


class PauseForm(Form):
    """What of a bill nobody is reminded of, why, and how long."""

    line = forms.ChoiceField(label=_("What"), required=False)
    until = Day(label=_("To the end of"), required=False, help_text=_("Empty: until somebody ends it."))
    reason = forms.CharField(label=_("What is disputed"), max_length=300)

    def __init__(self, *args: Any, lines: list[tuple[int, str]], **options: Any) -> None:
        self._lines = lines
        super().__init__(*args, **options)

    def add_fields(self) -> None:
        line = self.fields["line"]
        assert isinstance(line, forms.ChoiceField)
        line.choices = [("", _("The whole bill")), *((str(position), title) for position, title in self._lines)]
