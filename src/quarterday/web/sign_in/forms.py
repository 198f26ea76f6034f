"""The forms at the entrance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quarterday.web.forms import Form
from quarterday.web.sign_in import first_admin


class LinkForm(Form):
    """Ask for a link."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class FirstAdminForm(Form):
    """Who sets this installation up."""

    code = forms.CharField(
        label=_("Set-up code"),
        help_text=_("It stands in the terminal where “quarterday serve” was started."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def add_fields(self) -> None:
        self.fields["password"].help_text = " ".join(str(text) for text in password_validators_help_texts())

    def clean_code(self) -> str:
        given: str = self.cleaned_data["code"]
        if not first_admin.is_right(given):
            raise forms.ValidationError(gettext("This is not the code: copy it from the terminal once more."))
        return given

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in told and told["password"] != told.get("again"):
            self.add_error("again", gettext("The two passwords differ: type the second one again."))
        return told
