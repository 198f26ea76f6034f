"""The forms of Customers. Fields have the room's names, so its refusals find them; the room knows what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quarterday.documents.wording import languages
from quarterday.provider.places import countries
from quarterday.provider.queries import currency_of, find_provider
from quarterday.web.customers.zones import zone_options
from quarterday.web.forms import Addresses, Choices, Figure, Form

TAX = [
    ("standard", _("Taxed as usual")),
    ("business", _("Business with a VAT number: reverse charge abroad")),
    ("exempt", _("Exempt from tax")),
]
DEFAULTS = ("country", "time_zone", "language")
ZONES_ID = "zone-options"


class CustomerForm(Form):
    """All that is kept of a customer."""

    name = forms.CharField(label=_("Name"), max_length=300)
    number = forms.CharField(
        label=_("Customer number"), max_length=30, required=False, help_text=_("Empty: the next one, such as C-0001.")
    )
    street = forms.CharField(label=_("Street"), max_length=300, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    region = forms.CharField(
        label=_("State or province"), max_length=120, required=False, help_text=_("As tax needs it: QC, ON, …")
    )
    country = forms.ChoiceField(label=_("Country"))

    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Days begin and end at midnight there: type a city or a part of the name."),
        widget=forms.TextInput(attrs={"list": ZONES_ID, "autocomplete": "off", "spellcheck": "false"}),
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        help_text=_("Three letters, such as EUR. Plans and charges are agreed in it."),
    )
    language = forms.ChoiceField(label=_("Language of the bills"))
    emails = Addresses(label=_("E-mail addresses for bills"), required=False, help_text=_("One a line."))

    tax_status = forms.ChoiceField(label=_("Tax"), choices=TAX, widget=Choices, initial="standard")
    vat_id = forms.CharField(label=_("VAT number"), max_length=30, required=False)
    tax_number = forms.CharField(label=_("Tax number"), max_length=60, required=False)

    po_number = forms.CharField(
        label=_("PO number"), max_length=60, required=False, help_text=_("Printed on each bill.")
    )
    buyer_reference = forms.CharField(
        label=_("Buyer reference"), max_length=100, required=False, help_text=_("For e-invoices: the Leitweg-ID, say.")
    )
    ledger_account = forms.CharField(
        label=_("Ledger account"), max_length=30, required=False, help_text=_("Its account in your bookkeeping.")
    )
    review_bills = forms.BooleanField(label=_("Review every bill before it is sent"), required=False)
    direct_debit = forms.BooleanField(label=_("Pays by direct debit: it is never reminded"), required=False)
    reminders = forms.BooleanField(label=_("Send reminders"), required=False, initial=True)
    reminder_days_before = forms.CharField(
        label=_("Remind so many days before a bill is due"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("Empty: as set for all customers."),
    )
    reminder_days_after = forms.CharField(
        label=_("Remind so many days after it was due"),
        required=False,
        help_text=_("With commas between: 3, 14. Empty: as set for all customers."),
    )
    late_fees = forms.BooleanField(label=_("Charge late fees, if there are any"), required=False, initial=True)
    late_fee_amount = Figure(label=_("Late fee of its own: amount"), help_text=_("Empty: as set for all customers."))
    late_fee_percent = Figure(label=_("or percent of what is open"))
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    GROUPS = (
        ("who", _("Who it is"), ("name", "number", "street", "postal_code", "city", "region", "country")),
        ("billing", _("How it is billed"), ("time_zone", "currency", "language", "emails")),
        ("tax", _("Tax"), ("tax_status", "vat_id", "tax_number")),
        ("references", _("References"), ("po_number", "buyer_reference", "ledger_account")),
        (
            "settling",
            _("Review and reminders"),
            (
                *("review_bills", "direct_debit", "reminders", "reminder_days_before", "reminder_days_after"),
                *("late_fees", "late_fee_amount", "late_fee_percent"),
            ),
        ),
        ("more", _("Notes"), ("notes",)),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = sorted(((code, country_name(code)) for code in countries()), key=lambda country: country[1])
        self.fields["country"].choices = [("", _("– choose –")), *named]  # type: ignore[attr-defined]  # a ChoiceField
        chosen = self.initial.get("language", "en")
        offered = dict.fromkeys([*languages(), chosen])
        choices = [(tag, language_name(tag)) for tag in offered]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields as the page shows them, under headings."""
        return [
            {"key": key, "title": title, "fields": [self[name] for name in names if name in self.fields]}
            for key, title, names in self.GROUPS
        ]

    @property
    def zones(self) -> list[tuple[str, str]]:
        """What the time zone's list offers."""
        return zone_options()

    def fields_given(self) -> dict[str, Any]:
        """The customer's fields as the room takes them."""
        told = {name: value for name, value in self.cleaned_data.items() if name not in ("seen", "as_provider")}
        told["reminder_days_before"] = told["reminder_days_before"].strip() or None
        told["reminder_days_after"] = told["reminder_days_after"].strip() or None
        return told

    def clean_time_zone(self) -> str:
        """A zone as typed, or the only one that ends in it: berlin is Europe/Berlin."""
        typed = self.cleaned_data["time_zone"].strip()
        plain = typed.casefold().replace(" ", "_")
        fitting = [zone for zone in available_timezones() if zone.casefold() == plain]
        fitting = fitting or [zone for zone in available_timezones() if zone.casefold().rpartition("/")[2] == plain]
        shortest = sorted(fitting, key=lambda zone: (zone.count("/"), zone))
        return next((zone for zone, _label in zone_options() if zone in fitting), shortest[0] if shortest else typed)


class ChangeCustomerForm(CustomerForm):
    """Change a customer; the currency is an act of its own."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["currency"]
        self.fields["number"].required = True
        self.fields["number"].help_text = ""
        self.fields["time_zone"].help_text = _(
            "Days begin and end at midnight there. A change counts from the next period."
        )


class CurrencyForm(Form):
    """Bill a customer in another currency."""

    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters, such as EUR."))


class ContactForm(Form):
    """A person to call."""

    name = forms.CharField(label=_("Name"), max_length=200)
    role = forms.CharField(label=_("Role"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)


class CustomerFileForm(Form):
    """A CSV file of customers, and what its empty cells mean for new ones."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("One row per customer; the first line names the columns. Up to 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    country = forms.CharField(label=_("Country, where the file says none"), max_length=2, required=False)
    time_zone = forms.CharField(
        label=_("Time zone, where the file says none"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"list": ZONES_ID, "autocomplete": "off"}),
    )
    currency = forms.CharField(label=_("Currency, where the file says none"), max_length=3, required=False)
    language = forms.CharField(label=_("Language, where the file says none"), max_length=5, required=False)

    def field_of(self, refused: str) -> str:
        """What is wrong with a file's content is wrong with the file."""
        return refused if refused in self.fields else "file"


def new_customer_defaults() -> dict[str, Any]:
    """What a new customer most likely is: like the provider."""
    provider = find_provider()
    if provider is None:
        return {"language": "en"}
    return {**{name: getattr(provider, name) for name in DEFAULTS}, "currency": currency_of(provider)}


def as_initial(customer: Any) -> Mapping[str, Any]:
    """A customer's fields as the form shows them."""
    after = customer.reminder_days_after
    names = [name for name in CustomerForm.base_fields if not name.startswith("reminder_days")]
    return {
        **{name: getattr(customer, name) for name in names},
        "reminder_days_before": "" if customer.reminder_days_before is None else customer.reminder_days_before,
        "reminder_days_after": "" if after is None else ", ".join(map(str, after)),
        "seen": customer.revision,
    }


def country_name(code: str) -> str:
    """A country in the reader's language."""
    return str(_locale().territories.get(code) or countries().get(code, code))


def language_name(tag: str) -> str:
    """A language of the bills in the reader's language: German, English (en-US)."""
    plain = tag.partition("-")[0]
    name = str(_locale().languages.get(plain, plain))
    return name if plain == tag else f"{name} ({tag})"


def _locale() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")
