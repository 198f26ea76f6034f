"""When customers are reminded of what is due, and in which words mails are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quarterday.documents.letters import LETTERS, LetterWrong, check_letter, late_fee_text, write_letter
from quarterday.documents.wording import Language, language, languages
from quarterday.engine.periods import Period
from quarterday.provider.actions import change_provider
from quarterday.provider.queries import find_provider
from quarterday.web.door import Request, page
from quarterday.web.forms import Day, Figure, Form
from quarterday.web.plans import choices
from quarterday.web.settings.choices import language_options
from quarterday.web.settings.editing import ProviderFields, edit_provider, lead_to_provider

TITLES = {
    "bill": _("With a bill"),
    "credit_note": _("With a credit note"),
    "reminder_before": _("Reminder before the due day"),
    "reminder_after": _("Reminder after the due day"),
}
MEANINGS = {
    "provider": _("your name"),
    "customer": _("the customer's name"),
    "number": _("the bill's number"),
    "issued": _("its date"),
    "due": _("its due day"),
    "amount": _("its total"),
    "periods": _("the days it is for"),
    "bills": _("the open bills, one a line"),
    "total": _("what is open in all"),
    "fees": _("a sentence for each late fee that waits for the next bill; nothing if there is none"),
    "open": _("what is open of it"),
}


class ScheduleForm(ProviderFields):
    """Days before and after the due day."""

    reminder_days_before = forms.IntegerField(
        label=_("Days before a bill is due"), required=False, help_text=_("Empty: no reminder before.")
    )
    reminder_days_after = forms.CharField(
        label=_("Days after it was due"),
        required=False,
        help_text=_("With commas between: 3, 14. Empty: no reminder after."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    late_fee_days = forms.IntegerField(
        label=_("Charge so many days after the due day"),
        required=False,
        help_text=_("Empty: nobody is charged. Who is not reminded, or disputes the bill, is not charged either."),
    )
    late_fee_since = Day(
        label=_("For bills of this day and later"),
        required=False,
        help_text=_("So that nobody is charged for bills from before the fee was announced."),
    )
    late_fee_amount = Figure(label=_("Amount"), help_text=_("Before tax, in the bill's own currency."))
    late_fee_percent = Figure(label=_("or percent of what is open"))
    late_fee_tax_code = forms.ChoiceField(label=_("Tax code"))
    late_fee_text = forms.CharField(
        label=_("What it is called on the bill"),
        required=False,
        max_length=200,
        help_text=_(
            "Empty: the usual words, in the customer's language. {number}, {issued}, {due} and {open} are filled in."
        ),
    )
    GROUPS = (
        (_("Schedule"), ("reminder_days_before", "reminder_days_after")),
        (
            _("Late fee, on the customer's next bill"),
            (
                "late_fee_days",
                "late_fee_since",
                "late_fee_amount",
                "late_fee_percent",
                "late_fee_tax_code",
                "late_fee_text",
            ),
        ),
    )

    def add_fields(self) -> None:
        codes = self.fields["late_fee_tax_code"]
        assert isinstance(codes, forms.ChoiceField), "it is declared above"
        codes.choices = choices.codes()

    @classmethod
    def initial_of(cls, provider: Any) -> dict[str, Any]:
        after = ", ".join(str(days) for days in provider.reminder_days_after)
        return {**super().initial_of(provider), "reminder_days_after": after}


class LetterForm(Form):
    """The provider's own words in place of the usual ones."""

    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 14}))

    def __init__(self, *args: Any, names: tuple[str, ...], **options: Any) -> None:
        self.names = names
        super().__init__(*args, **options)

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("subject", "body"):
            try:
                check_letter(told.get(name, ""), self.names)
            except LetterWrong as wrong:
                self.add_error(name, str(wrong))
        return told


@page(needs="settings")
def reminders(request: Request) -> HttpResponse:
    """The schedule, and all texts with whether they are the provider's own."""

    def texts(provider: Any) -> Mapping[str, Any]:
        own = provider.reminder_texts or {}
        rows = [
            {"letter": letter, "title": title, "code": code, "language": name, "is_own": f"{letter}.{code}" in own}
            for letter, title in TITLES.items()
            for code, name in language_options()
        ]
        called = _late_fee_texts(provider) if provider.late_fee_days is not None else []
        return {"texts": rows, "called": called}

    return edit_provider(request, ScheduleForm, "web/settings/reminders.html", texts)


@page(needs="settings")
def letter(request: Request, kind: str, code: str) -> HttpResponse:
    """One text: the usual words or our own, with a preview of how it reads."""
    if kind not in LETTERS or code not in languages():
        raise Http404
    provider, words = find_provider(), language(code)
    if provider is None:
        return lead_to_provider(request)
    own = dict(provider.reminder_texts or {})
    usual = {part: words.say(f"letter.{kind}.{part}").strip() for part in ("subject", "body")}
    form = LetterForm(request.POST or None, names=LETTERS[kind], initial={**usual, **own.get(f"{kind}.{code}", {})})
    sample = _sample(provider, words, kind)
    preview = write_letter(kind, words, sample, own=own.get(f"{kind}.{code}"))
    if request.method == "POST" and form.is_valid():
        said = {part: text.replace("\r\n", "\n").strip() for part, text in form.cleaned_data.items()}
        # What equals the usual words is not kept, so that better usual words reach it.
        changed = {part: text for part, text in said.items() if text and text != usual[part]}
        preview = write_letter(kind, words, sample, own=changed)
        told = {**own, f"{kind}.{code}": changed}
        if "look" not in request.POST and form.attempt(
            lambda: change_provider(provider, by=request.actor, now=request.now, reminder_texts=told)
        ):
            messages.success(request, gettext("Saved. Mails are written so from now on."))
            return redirect("settings_letter", kind, code)
    context = {
        "form": form,
        "title": TITLES[kind],
        "language": dict(language_options())[code],
        "names": [{"name": f"{{{name}}}", "meaning": MEANINGS[name]} for name in LETTERS[kind]],
        "preview": preview,
        "is_own": f"{kind}.{code}" in own,
        "usual": usual,
    }
    return TemplateResponse(request, "web/settings/letter.html", context)


def _late_fee_texts(provider: Any) -> list[dict[str, str]]:
    """What a late fee is called on a bill, in each language."""
    return [
        {
            "language": name,
            "text": late_fee_text(language(code), _sample(provider, language(code)), own=provider.late_fee_text),
        }
        for code, name in language_options()
    ]


def _sample(provider: Any, words: Language, kind: str = "bill") -> dict[str, str]:
    """What the names say in a preview of a letter."""
    issued, due, amount = date(2026, 4, 1), date(2026, 4, 15), words.money(Decimal("1234.50"), "EUR")
    line = words.say(
        f"letter.{'reminder_before' if kind == 'reminder_before' else 'reminder_after'}.line",
        number="INV-2026-00042",
        issued=words.long_date(issued),
        due=words.long_date(due),
        open=amount,
    )
    return {
        "provider": provider.name,
        "customer": "North Dental",
        "number": "CN-2026-00042" if kind == "credit_note" else "INV-2026-00042",
        "issued": words.long_date(issued),
        "due": words.long_date(due),
        "amount": amount,
        "periods": words.period(Period(date(2026, 3, 1), issued)),
        "bills": line,
        "total": amount,
        "fees": words.say("letter.reminder_after.fee", number="INV-2026-00042", amount=words.money(Decimal(5), "EUR")),
        "open": amount,
    }
