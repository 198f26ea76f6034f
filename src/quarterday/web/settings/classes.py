"""Device classes: what plans can price."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quarterday.provider.actions import add_device_class, change_device_class
from quarterday.provider.queries import device_classes
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form


class ClassForm(Form):
    """A class of the provider's own."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("In the singular: Network switch"))
    key = forms.CharField(
        label=_("Key"), max_length=40, help_text=_("What imports say, and never changes: network-switch")
    )


class RenameForm(Form):
    """A class's name, and its place in lists."""

    name = forms.CharField(label=_("Name"), max_length=80)
    position = forms.IntegerField(label=_("Place in lists"), min_value=0, max_value=30_000)


@page(needs="settings")
def classes(request: Request) -> HttpResponse:
    """All classes; a new one is added below."""
    form = ClassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if form.attempt(lambda: add_device_class(by=request.actor, now=request.now, **told)):
            messages.success(request, gettext("%(name)s is added. Plans can price it now.") % told)
            return redirect("settings_classes")
    return TemplateResponse(request, "web/settings/classes.html", {"classes": device_classes(), "form": form})


@page(needs="settings")
def device_class(request: Request, pk: int) -> HttpResponse:
    """Rename a class, or move it in lists."""
    row = found(device_classes().filter(pk=pk).first())
    form = RenameForm(request.POST or None, initial={"name": row.name, "position": row.position})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if form.attempt(lambda: change_device_class(row, by=request.actor, now=request.now, **told)):
            messages.success(request, gettext("Saved."))
            return redirect("settings_classes")
    return TemplateResponse(request, "web/settings/device_class.html", {"row": row, "form": form})
