"""The forms about money."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterday.web.considered import Considered
from quarterday.web.forms import Day, Form
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
