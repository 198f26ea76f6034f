"""Tax codes, and how each is taxed at a customer's place and status, from a day on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from quarterday.provider.actions import add_tax_code, add_tax_rule, change_tax_code, remove_tax_rule
from quarterday.provider.queries import find_provider, tax_codes, tax_rules
from quarterday.web.acts import do
from quarterday.web.door import Request, found, page
from quarterday.web.figures import Amount
from quarterday.web.forms import Day, Form
from quarterday.web.settings.choices import country_name, country_options

CATEGORIES = {
    "S": _("Taxed at a rate"),
    "Z": _("Zero rated"),
    "E": _("Exempt"),
    "AE": _("Reverse charge"),
    "G": _("Export"),
    "O": _("Outside the scope of tax"),
}
STATUSES = {"": _("Any"), "standard": _("Taxed as usual"), "business": _("Business"), "exempt": _("Exempt")}


class TaxCodeForm(Form):
    """What a tax code is called, and where its revenue is booked."""

    code = forms.CharField(label=_("Code"), max_length=30, help_text=_("Short, for imports and plans: hardware"))
    name = forms.CharField(label=_("Name"), max_length=120)
    revenue_account = forms.CharField(
        label=_("Revenue account"), max_length=30, required=False, help_text=_("In your bookkeeping: 8400")
    )


class ChangeTaxCodeForm(TaxCodeForm):
    """The code itself stands on bills and stays."""

    def add_fields(self) -> None:
        del self.fields["code"]


class TaxRuleForm(Form):
    """How a code is taxed at a place and status, from a day on."""

    country = forms.ChoiceField(label=_("Country of the customer"), required=False)
    region = forms.CharField(label=_("State or province"), max_length=60, required=False)
    status = forms.ChoiceField(label=_("Tax status of the customer"), choices=list(STATUSES.items()), required=False)
    valid_from = Day(label=_("From"), required=False, help_text=_("Empty: always was."))
    # Words of a lazy text are put together when they are asked for, in the language of whoever asks.
    category = forms.ChoiceField(
        label=_("Category"), choices=lambda: [(key, f"{key} · {words}") for key, words in CATEGORIES.items()]
    )
    rate = Amount(label=_("Rate in percent"), initial=0, help_text=_("0 unless the category is S."))
    components = forms.CharField(
        label=_("Parts of the rate"),
        required=False,
        help_text=_("Only where a bill names them, one a line: GST 5"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label=_("Reason, as printed"), max_length=300, required=False, help_text=_("Why no tax is charged.")
    )

    def add_fields(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["country"].choices = country_options(empty=gettext("Any"))

    def clean_components(self) -> list[tuple[str, str]]:
        parts = []
        for row in self.cleaned_data["components"].splitlines():
            name, _space, rate = row.strip().rpartition(" ")
            if row.strip():
                parts.append((name, rate.replace(",", ".").rstrip("%")))
        return parts


@page(needs="settings")
def taxes(request: Request) -> HttpResponse:
    """All tax codes with how many rules each has; a new one is added below."""
    form = TaxCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made: list[Any] = []
        told = form.cleaned_data
        if form.attempt(lambda: made.append(add_tax_code(by=request.actor, now=request.now, **told))):
            messages.success(request, gettext("%(code)s is added. It taxes nothing before it has a rule.") % told)
            return redirect("settings_tax_code", made[0].pk)
    counts: dict[int, int] = {}
    for rule in tax_rules():
        counts[rule.tax_code_id] = counts.get(rule.tax_code_id, 0) + 1
    rows = [{"code": code, "count": counts.get(code.pk, 0)} for code in tax_codes()]
    return TemplateResponse(request, "web/settings/taxes.html", {"codes": rows, "form": form})


@page(needs="settings")
def tax_code(request: Request, pk: int) -> HttpResponse:
    """One tax code: its name and account, its rules, and a new rule."""
    code = found(tax_codes().filter(pk=pk).first())
    renaming = "rename" in request.POST
    form = ChangeTaxCodeForm(
        request.POST if renaming else None, initial={"name": code.name, "revenue_account": code.revenue_account}
    )
    adding = request.method == "POST" and not renaming
    rule_form = TaxRuleForm(request.POST if adding else None, auto_id="id_rule_%s")
    if renaming and form.is_valid():
        told = form.cleaned_data
        if form.attempt(lambda: change_tax_code(code, by=request.actor, now=request.now, **told)):
            messages.success(request, gettext("Saved."))
            return redirect("settings_tax_code", pk)
    if adding and rule_form.is_valid():
        told = rule_form.cleaned_data
        if rule_form.attempt(lambda: add_tax_rule(code, by=request.actor, now=request.now, **told)):
            messages.success(request, gettext("The rule is added. Bills use it from its day on."))
            return redirect("settings_tax_code", pk)
    today = _today(request)
    rules = [
        {
            "rule": rule,
            "country": country_name(rule.country),
            "status": STATUSES.get(rule.status, rule.status),
            "category": CATEGORIES[rule.category],
            "is_to_come": rule.valid_from is not None and rule.valid_from > today,
        }
        for rule in tax_rules().filter(tax_code=code)
    ]
    context = {"code": code, "form": form, "rule_form": rule_form, "rules": rules, "adding": adding}
    return TemplateResponse(request, "web/settings/tax_code.html", context)


@require_POST
@page(needs="settings")
def remove_rule(request: Request, pk: int) -> HttpResponse:
    """Take back a rule that has not begun."""
    rule = found(tax_rules().filter(pk=pk).first())
    code_id = rule.tax_code_id
    today = _today(request)
    do(
        request,
        lambda: remove_tax_rule(rule, today=today, by=request.actor, now=request.now),
        told=gettext("The rule is taken back."),
    )
    return redirect("settings_tax_code", code_id)


def _today(request: Request) -> Any:
    provider = find_provider()
    return request.today(provider.time_zone if provider else "UTC")
