"""The reader's own account: name, language, how they sign in, light or dark."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from quarterday.accounts.actions import change_user
from quarterday.accounts.queries import factor_kinds
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.door import Request, page
from quarterday.web.forms import Choices, Form
from quarterday.web.settings.choices import language_options

THEMES = [("system", _("As the device has it")), ("light", _("Light")), ("dark", _("Dark"))]
A_YEAR = 365 * 24 * 60 * 60


class MyForm(Form):
    """What a user may change of themselves; their e-mail address and role are an admin's to change."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language of the pages"))

    def add_fields(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["language"].choices = language_options(also=self.initial.get("language", ""))


class ThemeForm(Form):
    """Light or dark; kept in a cookie, because it is the screen's more than the person's."""

    theme = forms.ChoiceField(label=_("Light or dark"), choices=THEMES, widget=Choices)


@page()
def my_account(request: Request) -> HttpResponse:
    """Name and language; password, second factor and passkeys; light or dark."""
    user = request.user
    form = MyForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        # Who sees some customers only may still change their own name: the act is written by the house.
        with acting(Scope.all()):
            done = form.attempt(lambda: change_user(user, by=request.actor, now=request.now, **told))
        if done:
            with translation.override(told["language"]):
                messages.success(request, gettext("Saved."))
            return redirect("my_account")
    kinds = factor_kinds(user.pk)
    context = {
        "form": form,
        "theme_form": ThemeForm(initial={"theme": request.COOKIES.get("theme", "system")}),
        "has_app": "totp" in kinds,
        "has_codes": "recovery_codes" in kinds,
        "key_count": kinds.count("webauthn"),
        "has_password": user.has_usable_password(),
    }
    return TemplateResponse(request, "web/my/my_account.html", context)


@require_POST
@page()
def theme(request: Request) -> HttpResponse:
    """Keep light or dark for this browser; the server reads it, so no page flashes."""
    form = ThemeForm(request.POST)
    answer = redirect("my_account")
    if form.is_valid():
        chosen = form.cleaned_data["theme"]
        if chosen == "system":
            answer.delete_cookie("theme")
        else:
            answer.set_cookie("theme", chosen, max_age=A_YEAR, secure=request.is_secure(), samesite="Lax")
    return answer
