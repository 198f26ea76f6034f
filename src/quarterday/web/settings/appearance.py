"""How bills look: logo, colour, paper and footer, with a sample bill beside them that follows what is typed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from quarterday.bills.sample import sample_bill_pdf
from quarterday.documents.wording import languages
from quarterday.provider.actions import PROVIDER_FIELDS, change_logo, change_provider
from quarterday.provider.queries import find_provider
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Choices, Form
from quarterday.web.settings.choices import language_options
from quarterday.web.settings.editing import ProviderFields, lead_to_provider

LOOKS = ("accent_colour", "paper_size", "footer")


class AppearanceForm(ProviderFields):
    """Colour, paper and footer."""

    accent_colour = forms.CharField(
        label=_("Colour of rules and titles"),
        max_length=7,
        widget=forms.ColorInput(attrs={"class": "form-control form-control-color"}),
    )
    paper_size = forms.ChoiceField(
        label=_("Paper"), choices=[("a4", _("A4")), ("letter", _("US Letter"))], widget=Choices
    )
    footer = forms.CharField(
        label=_("Footer"),
        required=False,
        help_text=_("Legal lines at the foot of each page: managing director, supervisory office."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    bridge_on_paper = forms.BooleanField(label=_("Bills say why they differ from the last one"), required=False)
    bridge_in_mail = forms.BooleanField(label=_("The mail with a bill says it, too"), required=False)
    GROUPS = ((_("Paper"), LOOKS), (_("Why a bill differs"), ("bridge_on_paper", "bridge_in_mail")))


class LogoForm(Form):
    """A logo from a file."""

    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG, JPEG or SVG, at most 1 MB. On paper it is up to 70 x 18 mm."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/svg+xml"}),
    )


@page(needs="settings")
def appearance(request: Request) -> HttpResponse:
    """The form beside the sample bill; without a script a button looks at what is not saved."""
    provider = find_provider()
    if provider is None:
        return lead_to_provider(request)
    form = AppearanceForm(request.POST or None, initial=AppearanceForm.initial_of(provider))
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        told = form.told()
        if form.attempt(lambda: change_provider(provider, by=request.actor, now=request.now, **told)):
            messages.success(request, gettext("Saved. Bills look like this from the next one on."))
            return redirect("settings_appearance")
    preview = _preview_address({"language": _shown_language(request), **request.POST.dict()})
    context = {"form": form, "provider": provider, "logo_form": LogoForm(), "preview": preview, **_languages(request)}
    return TemplateResponse(request, "web/settings/appearance.html", context)


@page(needs="settings")
def preview_frame(request: Request) -> HttpResponse:
    """The frame around the sample bill, with the looks of the form; htmx puts it beside the form while one types."""
    return TemplateResponse(request, "web/settings/_preview.html", {"preview": _preview_address(request.GET)})


@page(needs="settings")
def preview_pdf(request: Request) -> HttpResponse:
    """A sample bill on our paper, as the address says it looks; what it cannot be is left as it is saved."""
    provider = found(find_provider())
    looks = {}
    for name in LOOKS:
        with suppress(KeyError, ValueError):
            looks[name] = PROVIDER_FIELDS[name](request.GET[name])
    tag = request.GET.get("language", "")
    content = sample_bill_pdf(provider, looks=looks, language=tag if tag in languages() else provider.language)
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": "inline"})


@page(needs="settings")
def logo(request: Request) -> HttpResponse:
    """The logo itself, and (POST) another one, or none."""
    provider = found(find_provider())
    if request.method != "POST":
        return _picture(provider)
    form = LogoForm(request.POST, request.FILES)
    taking_away = "remove" in request.POST
    if taking_away or form.is_valid():
        content = None if taking_away else form.cleaned_data["logo"].read()
        if form.attempt(lambda: change_logo(provider, content=content, by=request.actor, now=request.now)):
            messages.success(request, gettext("The logo is gone.") if taking_away else gettext("The logo is taken."))
            return redirect("settings_appearance")
    context = {
        "form": AppearanceForm(initial=AppearanceForm.initial_of(provider)),
        "provider": provider,
        "logo_form": form,
        "preview": _preview_address({"language": _shown_language(request)}),
        **_languages(request),
    }
    return TemplateResponse(request, "web/settings/appearance.html", context)


def _picture(provider: Any) -> HttpResponse:
    if not provider.logo:
        return HttpResponse(status=404)
    return HttpResponse(bytes(provider.logo), content_type=provider.logo_type)


def _preview_address(said: Any) -> str:
    looks = {name: said[name] for name in (*LOOKS, "language") if name in said}
    return f"{reverse('settings_preview_pdf')}?{urlencode(looks)}"


def _languages(request: Request) -> dict[str, Any]:
    return {"languages": language_options(), "shown_language": _shown_language(request)}


def _shown_language(request: Request) -> str:
    """The language of the sample: what was chosen, or the reader's own."""
    return request.POST.get("language") or get_language() or ""
