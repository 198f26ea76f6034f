"""Who sends the bills, and where they are paid."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quarterday.provider.actions import install_defaults
from quarterday.provider.queries import find_provider
from quarterday.web.door import Request, page
from quarterday.web.figures import Amount
from quarterday.web.settings.choices import country_options, language_options, zone_choices
from quarterday.web.settings.editing import Groups, ProviderFields, edit_provider


class ProviderForm(ProviderFields):
    """Your party, as bills say it."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As customers know you."))
    legal_name = forms.CharField(
        label=_("Legal name"), max_length=200, required=False, help_text=_("On bills, where it differs.")
    )
    street = forms.CharField(label=_("Street"), max_length=300, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    region = forms.CharField(label=_("State or province"), max_length=120, required=False)
    country = forms.ChoiceField(label=_("Country"))
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    website = forms.CharField(label=_("Website"), max_length=200, required=False)
    vat_id = forms.CharField(
        label=_("VAT number"), max_length=30, required=False, help_text=_("Reverse charge needs it: DE123456789.")
    )
    tax_number = forms.CharField(label=_("Tax number"), max_length=60, required=False)
    registration = forms.CharField(
        label=_("Registration"), max_length=200, required=False, help_text=_("Court and number: HRB 1234, Berlin.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("For your own days; bills follow the customer's."))
    language = forms.ChoiceField(label=_("Language"), help_text=_("What new customers start with."))

    GROUPS: ClassVar[Groups] = (
        (_("Who you are"), ("name", "legal_name", "street", "postal_code", "city", "region", "country")),
        (_("How to reach you"), ("email", "phone", "website")),
        (_("Tax and registration"), ("vat_id", "tax_number", "registration")),
        (_("Where you work"), ("time_zone", "language")),
    )

    def add_fields(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["country"].choices = country_options()
        fields["language"].choices = language_options(also=self.initial.get("language", ""))
        fields["time_zone"].choices = zone_choices(also=self.initial.get("time_zone", ""))


class SetUpForm(ProviderForm):
    """The provider of an installation that has none, with what its country's taxes need."""

    tax_rate = Amount(
        label=_("Standard tax rate in percent"),
        required=False,
        help_text=_("Empty: the country's own rate. The tax rules are made from it; see them under Tax."),
    )
    GROUPS = (*ProviderForm.GROUPS, (_("Tax rules to begin with"), ("tax_rate",)))

    def add_fields(self) -> None:
        super().add_fields()
        del self.fields["seen"]


class BankForm(ProviderFields):
    """Where customers pay to."""

    account_holder = forms.CharField(
        label=_("Account holder"), max_length=70, required=False, help_text=_("Empty: your legal name.")
    )
    iban = forms.CharField(
        label=_("IBAN"),
        max_length=42,
        required=False,
        help_text=_("Bills in euro then carry a payment code for the customer's banking app."),
    )
    bic = forms.CharField(label=_("BIC"), max_length=14, required=False)
    bank_name = forms.CharField(label=_("Bank"), max_length=120, required=False)
    bank_details = forms.CharField(
        label=_("Other details"),
        required=False,
        help_text=_("Where there is no IBAN; one a line, as they stand on the bill: Routing number: 021000021"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    GROUPS = (
        (_("Account"), ("account_holder", "iban", "bic", "bank_name")),
        (_("Outside of SEPA"), ("bank_details",)),
    )


@page(needs="settings")
def provider(request: Request) -> HttpResponse:
    """Who sends the bills: set up in an empty installation, changed afterwards."""
    if find_provider() is None:
        return _set_up(request)
    return edit_provider(request, ProviderForm, "web/settings/provider.html")


@page(needs="settings")
def bank(request: Request) -> HttpResponse:
    """Where customers pay to."""
    return edit_provider(request, BankForm, "web/settings/bank.html")


def _set_up(request: Request) -> HttpResponse:
    form = SetUpForm(request.POST or None, initial={"country": "DE", "time_zone": "Europe/Berlin", "language": "en"})
    if request.method == "POST" and form.is_valid():
        told = form.told()
        if form.attempt(lambda: install_defaults(by=request.actor, now=request.now, **told)):
            messages.success(request, gettext("Welcome, %(name)s. Tax rules and numbering are made.") % told)
            return redirect("start")
    return TemplateResponse(request, "web/settings/provider.html", {"form": form, "is_new": True})
