"""The forms of the inventory. Days are local dates at the device's customer; what is wrong is said by the rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from quarterday.accounts.actions import LARGEST_UPLOAD
from quarterday.engine.periods import Period
from quarterday.inventory.queries import find_device
from quarterday.shared.refusal import Refused
from quarterday.web.considered import Considered
from quarterday.web.customers.choosing import CustomerField
from quarterday.web.forms import Choices, Day, Form
from quarterday.web.inventory.words import DELIMITERS, FIELDS
from quarterday.web.sentences import in_readers_language

TODAY = _("Leave it empty for today.")
ENCODINGS = [("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("latin-1", "Latin-1")]
Pairs = Sequence[tuple[str, str]]


class FileForm(Form):
    """Choose a file, and say what to call where it comes from."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("One row per device: customer, device id, name, class, serial number. Up to 32 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=120,
        help_text=_("The same word each time for files of the same tool: a device is known by its source and its id."),
        widget=forms.TextInput(attrs={"list": "source-options", "autocomplete": "off"}),
    )

    def clean_file(self) -> Any:
        """Refuses a huge file before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise ValidationError(_("The file is larger than 32 MB: split it by customer."))
        return file

    def field_of(self, refused: str) -> str:
        """Whatever is wrong is wrong with the file."""
        return "source" if refused == "source" else "file"


class ColumnsForm(Form):
    """How the file is written, which column says what, and for which day it holds."""

    delimiter = forms.ChoiceField(label=_("Columns are parted by"))
    encoding = forms.ChoiceField(label=_("Letters are written as"))
    column_customer = forms.ChoiceField(label=FIELDS["customer"])
    column_device_id = forms.ChoiceField(label=FIELDS["device_id"])
    column_name = forms.ChoiceField(label=FIELDS["name"], required=False)
    column_class = forms.ChoiceField(label=FIELDS["class"], required=False)
    column_serial = forms.ChoiceField(label=FIELDS["serial"], required=False)
    column_last_seen = forms.ChoiceField(label=FIELDS["last_seen"], required=False)
    class_of_others = forms.ChoiceField(
        label=_("Class of everything else"),
        required=False,
        help_text=_("For words that we do not know, and for a file without a class. Empty: such a row is an error."),
    )
    class_words = forms.CharField(
        label=_("Words for classes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("What a word of the file means, one a line: kiosk = computer"),
    )
    as_of = Day(
        label=_("The file holds for the day"),
        required=False,
        help_text=_("Empty: for the moment of the upload. Another day is the local date of each customer."),
    )
    present_since = Day(
        label=_("On a first load: devices are there since"),
        required=False,
        help_text=_("Only for customers of whom this source says something for the first time. Empty: since that day."),
    )

    def __init__(
        self, *args: Any, header: Sequence[str], delimiter: str, encoding: str, classes: Pairs, **options: Any
    ):
        super().__init__(*args, **options)
        columns = [("", _("– no column –")), *((name, name) for name in dict.fromkeys(header) if name)]
        for field in FIELDS:
            self._choices(f"column_{field}", columns)
        self._choices("delimiter", _with_found(list(DELIMITERS.items()), delimiter))
        self._choices("encoding", _with_found(ENCODINGS, encoding))
        self._choices("class_of_others", [("", _("– none –")), *classes])

    def clean_class_words(self) -> dict[str, str]:
        """The words and the classes that they mean."""
        told = {}
        for line in self.cleaned_data["class_words"].splitlines():
            word, equals, code = line.rpartition("=")
            if not line.strip():
                continue
            if not equals or not word.strip() or not code.strip():
                raise ValidationError(_("“%(line)s” needs an equals sign: kiosk = computer") % {"line": line.strip()})
            told[word.strip()] = code.strip()
        return told

    def clean(self) -> dict[str, Any]:
        """A class is needed, by a column or for everything."""
        data = super().clean() or self.cleaned_data
        if not data.get("column_class") and not data.get("class_of_others"):
            self.add_error("column_class", _("Choose the column that says the class, or the class of everything."))
        return data

    def options(self) -> dict[str, Any]:
        """What was said, as it is kept beside the file."""
        data = self.cleaned_data
        return {
            "delimiter": data["delimiter"],
            "encoding": data["encoding"],
            "columns": {field: data[f"column_{field}"] for field in FIELDS if data[f"column_{field}"]},
            "class_of_others": data["class_of_others"],
            "class_words": data["class_words"],
            "as_of": data["as_of"].isoformat() if data["as_of"] else "",
            "present_since": data["present_since"].isoformat() if data["present_since"] else "",
        }

    def _choices(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # each is a ChoiceField


class MappingForm(Form):
    """Which customer a source means."""

    customer = CustomerField(label=_("Customer"))
    present_since = Day(
        label=_("Its devices are there since"),
        required=False,
        help_text=_("Empty: since the next sync or import, which takes them in."),
    )


class AddDeviceForm(Considered):
    """A device that no source reports."""

    customer = CustomerField(label=_("Customer"))
    name = forms.CharField(label=_("Name"), max_length=300)
    device_class = forms.ChoiceField(label=_("Class"))
    device_ref = forms.CharField(
        label=_("Device id"), max_length=200, required=False, help_text=_("Empty: made of customer and name.")
    )
    serial = forms.CharField(label=_("Serial number"), max_length=120, required=False)
    on = Day(label=_("There since"), required=False, help_text=TODAY)

    refusal_names: Mapping[str, str] = {"class": "device_class", "device id": "device_ref"}

    def __init__(self, *args: Any, classes: Pairs, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["device_class"].choices = classes  # type: ignore[attr-defined]  # a ChoiceField


class MoveForm(Considered):
    """A device is at another customer now."""

    customer = CustomerField(label=_("Now at"))
    on = Day(label=_("From"), required=False, help_text=_("Empty: today. That day belongs to the receiver."))


class ClassForm(Considered):
    """A device is of another class, whatever its source says."""

    device_class = forms.ChoiceField(label=_("Class"), widget=Choices)
    on = Day(label=_("From"), required=False, help_text=_("Empty: today. That day belongs to the new class."))

    refusal_names: Mapping[str, str] = {"class": "device_class"}

    def __init__(self, *args: Any, classes: Pairs, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["device_class"].choices = classes  # type: ignore[attr-defined]  # a ChoiceField


class RetireForm(Considered):
    """A device is gone for good."""

    on = Day(label=_("First day without it"), required=False, help_text=TODAY)


class ReinstateForm(Considered):
    """A retired device is back."""

    on = Day(label=_("There again from"), required=False, help_text=TODAY)


class ReplaceForm(Considered):
    """Another device took this one's place."""

    new = forms.CharField(
        label=_("Replaced by"),
        help_text=_("The name or id of a device at the same customer."),
        widget=forms.TextInput(attrs={"list": "device-options", "autocomplete": "off"}),
    )
    on = Day(label=_("From"), required=False, help_text=_("Empty: from the new device's first day."))

    refusal_names: Mapping[str, str] = {"device": "new", "old": "new"}

    def __init__(self, *args: Any, customer_id: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.customer_id = customer_id

    def clean_new(self) -> Any:
        """The device that is meant."""
        try:
            return find_device(self.cleaned_data["new"], customer_id=self.customer_id)
        except Refused as refused:
            raise ValidationError([in_readers_language(problem.message) for problem in refused.problems]) from None


class DaysForm(Considered):
    """Days from a first to a last one; without a last one they have no end."""

    first_day = Day(label=_("First day"))
    last_day = Day(label=_("Last day"), required=False)

    refusal_names: Mapping[str, str] = {"days": "first_day"}

    def clean(self) -> dict[str, Any]:
        """Adds `days`, the period."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error(
                "last_day", _("The last day is before the first: choose %(first)s or later.") % {"first": first}
            )
        elif first:
            data["days"] = Period(first, last + timedelta(days=1)) if last else Period.since(first)
        return data


class ExceptForm(DaysForm):
    """Do not bill a device for a while."""

    reason = forms.CharField(label=_("Why it is not billed"), max_length=300)
    agreed_by = forms.CharField(label=_("Who agreed"), max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["last_day"].help_text = _("Empty: until somebody ends the exception.")


class EndExceptionForm(Considered):
    """Bill an excepted device again."""

    how = forms.ChoiceField(
        label=_("The device is billed again"),
        widget=Choices,
        initial="on",
        choices=[("on", _("from a day on")), ("never", _("on all its days, as if nothing had been agreed"))],
    )
    on = Day(label=_("First day that is billed again"), required=False)

    def clean(self) -> dict[str, Any]:
        """A day is needed where one is meant."""
        data = super().clean() or self.cleaned_data
        if data.get("how") == "on" and not data.get("on") and "on" not in self.errors:
            self.add_error("on", _("Choose the day."))
        return data


class CorrectForm(DaysForm):
    """Where a device really was on some days."""

    where = forms.ChoiceField(
        label=_("On these days it was"),
        widget=Choices,
        initial="at",
        choices=[("at", _("at the customer below")), ("nowhere", _("at no customer"))],
    )
    customer = CustomerField(label=_("Customer"), required=False)
    device_class = forms.ChoiceField(label=_("As class"), required=False)
    reason = forms.CharField(
        label=_("Why it is corrected"), max_length=300, help_text=_("It is what an auditor will ask.")
    )

    refusal_names: Mapping[str, str] = {"days": "first_day", "class": "device_class"}

    def __init__(self, *args: Any, classes: Pairs, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["last_day"].help_text = _("Empty: it is still so.")
        choices = [("", _("– as it was around then –")), *classes]
        self.fields["device_class"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """A customer is needed where one is meant."""
        data = super().clean()
        if data.get("where") == "at" and not data.get("customer") and "customer" not in self.errors:
            self.add_error("customer", _("Choose the customer, or “at no customer”."))
        return data


def _with_found(choices: Sequence[tuple[str, Any]], found: str) -> list[tuple[str, Any]]:
    """The choices, and what was found in the file if it is none of them."""
    return [*choices] if found in dict(choices) else [(found, found), *choices]
