"""The forms' common ground: one look, and a room's refusal shown beside the field it names.

form = PlanForm(request.POST or None)
if request.method == "POST" and form.is_valid():
    if form.attempt(lambda: create_plan(**form.cleaned_data, by=request.actor, now=request.now)):
        return redirect(...)
return TemplateResponse(request, "...", {"form": form})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.cache import cache
from django.db import transaction
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext

from quarterday.provider.checks import checked_day
from quarterday.shared.refusal import Problem, Refused
from quarterday.web.field_names import field_name
from quarterday.web.figures import Amount
from quarterday.web.sentences import in_readers_language

A_DAY = 24 * 60 * 60


class Day(forms.DateField):
    """A day, with the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        try:
            return None if day is None else checked_day(day)
        except ValueError as wrong:
            raise forms.ValidationError(in_readers_language(str(wrong))) from None


class Figure(Amount):
    """An amount or a percentage that may be left out; a room checks it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=18, decimal_places=6, required=False, **options)


class Choices(forms.RadioSelect):
    """One of a few, each visible."""

    q_group = True


class Addresses(forms.CharField):
    """E-mail addresses, one a line or parted by commas; cleaned to a list. The room checks them."""

    widget = forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [part.strip() for part in text.replace(",", "\n").replace(";", "\n").splitlines() if part.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class Form(forms.Form):
    """A form with Tabler's classes, whose fields say in their markup what help and error belong to them."""

    # Where a refusal names a field by another word than the form does: {"ends_on": "last_day"}.
    refusal_names: Mapping[str, str] = {}

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, files, **options)
        self.add_fields()
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", css_class(field.widget))

    def add_fields(self) -> None:
        """A form whose fields depend on what it is about (a price per device class) adds them here."""

    def attempt(self, act: Callable[[], Any]) -> bool:
        """Do it in one piece; False when a room refuses, with its problems shown in the form and nothing changed.

        A form that has a key (`{% once %}`) is done once, however often it is sent, and by however many at once.
        """

        def act_once() -> None:
            key = str(self.data.get("once", ""))[:64]
            # The key is kept in the act's own transaction: who sends the same waits for it, and what fails keeps none.
            if key and not cache.add(f"form/{key}", "sent", timeout=A_DAY):
                raise Refused(
                    "", gettext("This form was sent before and is done already: look, before you do it again.")
                )
            act()

        return self.try_out(act_once)

    def try_out(self, act: Callable[[], Any]) -> bool:
        """The same for what a form does any number of times, as showing what would come of it."""
        try:
            with transaction.atomic():
                act()
        except Refused as refused:
            self.show(refused)
            return False
        return True

    def show(self, refused: Refused) -> None:
        """Put each problem beside the field that it names, or above the form."""
        for problem in refused.problems:
            name = self.field_of(problem.field)
            if name in self.fields:
                self.add_error(name, in_readers_language(problem.message))
            else:
                self.add_error(None, in_words(problem))

    def field_of(self, refused: str) -> str:
        """The form's field for the one that a refusal names."""
        return self.refusal_names.get(refused, refused)


def in_words(problem: Problem) -> str:
    """A problem that stands alone: a sentence as it is, a remark ("is missing: give it.") with its field before it."""
    message = in_readers_language(problem.message)
    alone = problem.message[:1].isupper() or not problem.field
    return message if alone else f"{field_name(in_readers_language(problem.field))}: {message}"


def css_class(widget: forms.Widget) -> str:
    """Tabler's class for a kind of input."""
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
