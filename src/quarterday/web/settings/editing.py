"""Sections that change some of the provider's fields: one form, one act, one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from quarterday.provider.actions import change_provider
from quarterday.provider.queries import find_provider
from quarterday.web.door import Request
from quarterday.web.forms import Form

Groups = tuple[tuple[str | Promise, tuple[str, ...]], ...]


class ProviderFields(Form):
    """Some of the provider's fields, named as the room names them; `seen` tells an edit that came in between."""

    GROUPS: ClassVar[Groups] = ()
    seen = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields as the page shows them, under headings."""
        return [{"title": title, "fields": [self[name] for name in names]} for title, names in self.GROUPS]

    @classmethod
    def initial_of(cls, provider: Any) -> dict[str, Any]:
        """What the form shows before it is changed."""
        names = [name for name in cls.base_fields if hasattr(provider, name)]
        return {"seen": provider.revision, **{name: getattr(provider, name) for name in names}}

    def told(self) -> dict[str, Any]:
        """The fields as `change_provider` takes them."""
        return dict(self.cleaned_data)


def edit_provider(
    request: Request,
    form_class: type[ProviderFields],
    template: str,
    context: Callable[[Any], Mapping[str, Any]] = lambda provider: {},
) -> HttpResponse:
    """Show the form with what is there, save what was changed; without a provider, lead to its set-up."""
    provider = find_provider()
    if provider is None:
        return lead_to_provider(request)
    form = form_class(request.POST or None, initial=form_class.initial_of(provider))
    if request.method == "POST" and form.is_valid():
        told = form.told()
        if form.attempt(lambda: change_provider(provider, by=request.actor, now=request.now, **told)):
            messages.success(request, _("Saved. It counts from the next bill on; issued bills keep what they say."))
            return redirect(request.path)
    return TemplateResponse(request, template, {"form": form, "provider": provider, **context(provider)})


def lead_to_provider(request: Request) -> HttpResponse:
    """What an installation without a provider needs first."""
    messages.info(request, _("First say who you are: everything else depends on your country."))
    return redirect("settings_provider")
