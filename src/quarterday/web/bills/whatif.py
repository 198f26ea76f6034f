"""The time machine's pages: a customer's past counted again, and a price tried out on a plan's last real months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quarterday.bills.whatif import Change, Recount, Replay, csv_of_replays, recount, replay, replay_many, sums_of
from quarterday.customers.queries import find_customer
from quarterday.engine.facts import ClassPrice
from quarterday.engine.periods import Period, instant_of_local
from quarterday.plans.queries import plan_list, versions_of
from quarterday.shared.database import acting
from quarterday.shared.refusal import Refused
from quarterday.subscriptions.queries import customers_of_plan
from quarterday.web.bills.words import days_present
from quarterday.web.digits import numbers_in
from quarterday.web.door import Request, found, page
from quarterday.web.files import csv_in_pieces
from quarterday.web.forms import Day, Form
from quarterday.web.paging import Page, one_page
from quarterday.web.plans.forms import price_field
from quarterday.web.plans.pictures import RULES
from quarterday.web.templatetags.quarterday import words

COUNTINGS = [("", _("The plan's own")), *((rule, title) for rule, title, _explanation in RULES)]


class RecountForm(Form):
    """Which days, by which rule, as known when; it lives in the address."""

    since = Day(label=_("First day"))
    until = Day(label=_("Last day"))
    counting = forms.ChoiceField(label=_("Counting rule"), choices=COUNTINGS, required=False)
    known_on = Day(
        label=_("As it was known on the evening of"), required=False, help_text=_("As known now, if left empty.")
    )

    def clean(self) -> dict[str, Any] | None:
        """The days in their order."""
        said = super().clean() or {}
        if said.get("since") and said.get("until") and said["until"] < said["since"]:
            self.add_error("until", _("It is before the first day: exchange them."))
        return said


class ReplayForm(Form):
    """What is tried out, and on whom; it lives in the address."""

    instead = forms.TypedChoiceField(label=_("Another plan in its place"), required=False, coerce=int, empty_value=None)
    counting = forms.ChoiceField(label=_("Counting rule"), choices=COUNTINGS, required=False)
    flat_fee = price_field(_("Flat fee"))
    months = forms.IntegerField(label=_("Months back"), min_value=1, max_value=60, initial=12)
    q = forms.CharField(
        label=_("Only customers with"), required=False, max_length=100, help_text=_("Part of their name or number.")
    )

    def __init__(self, data: Any = None, *, classes: Iterable[str], others: Mapping[int, Any]) -> None:
        self.classes, self.others = list(classes), others
        super().__init__(data)
        self.only = numbers_in(data.getlist("only") if data else ())
        prices = (f"price.{name}" for name in self.classes)
        self.order_fields([*prices, "flat_fee", "counting", "instead", "months", "q"])

    def add_fields(self) -> None:
        """A price for each class, and the other plans."""
        instead = self.fields["instead"]
        assert isinstance(instead, forms.TypedChoiceField)
        instead.choices = [("", _("None")), *((pk, plan.name) for pk, plan in self.others.items())]
        for name in self.classes:
            self.fields[f"price.{name}"] = price_field(_("Price: %(name)s") % {"name": words().class_name(name)})

    def customers(self, plan: Any) -> QuerySet[Any]:
        """On whom it is tried out: those chosen one by one, those that a search finds, or all."""
        listed = customers_of_plan(plan, search=self.cleaned_data["q"])
        return listed.filter(pk__in=self.only) if self.only else listed

    @property
    def change(self) -> Change:
        """What is tried out."""
        prices = {name: self.cleaned_data[f"price.{name}"] for name in self.classes}
        return Change(
            prices={name: ClassPrice(price) for name, price in prices.items() if price is not None},
            flat_fee=self.cleaned_data["flat_fee"],
            counting=self.cleaned_data["counting"] or None,
            instead=self.others.get(self.cleaned_data["instead"]),
        )


@page()
def recounted(request: Request, pk: int) -> HttpResponse:
    """A customer's past periods counted again, beside what was billed for them."""
    customer = found(find_customer(pk))
    today = request.today(customer.time_zone)
    # Who comes by a link sees the last year at once.
    form = RecountForm(request.GET or {"since": str(today - timedelta(days=365)), "until": str(today)})
    rows: list[dict[str, Any]] = []
    if form.is_valid():
        said = form.cleaned_data
        known_on, end = said["known_on"], min(said["until"] + timedelta(days=1), today)
        known_at = instant_of_local(known_on + timedelta(days=1), 0, customer.time_zone) if known_on else None
        if said["since"] < end:
            days = Period(said["since"], end)
            rows = [
                _row(each) for each in recount(customer, days, known_at=known_at, counting=said["counting"] or None)
            ]
    context = {"customer": customer, "form": form, "rows": rows}
    return TemplateResponse(request, "web/bills/recounted.html", context)


@page()
def replayed(request: Request, pk: int) -> HttpResponse:
    """A plan's last real months with another price, fee or rule: before and after, per customer."""
    plans = {each.pk: each for each in plan_list(archived=None)}
    plan = found(plans.pop(pk, None))
    others = {key: each for key, each in plans.items() if each.currency == plan.currency}
    form = ReplayForm(request.GET or None, classes=_classes(request, pk), others=others)
    shown: Page[Replay] | None = None
    is_asked = bool(request.GET) and form.is_valid()
    if is_asked and form.change.is_nothing:
        form.add_error(None, _("Say what is to be tried out: a price, a flat fee, a counting rule or another plan."))
    elif is_asked:
        customers = one_page(request, lambda start, end: list(form.customers(plan)[start:end]))
        today, months = request.today("UTC"), form.cleaned_data["months"]
        try:
            rows = replay(plan, customers.rows, form.change, today=today, months=months)
            shown = Page(rows, customers.number, customers.previous, customers.next)
        except Refused as refused:
            form.show(refused)
    sums = sums_of(shown.rows if shown else ())
    totals = {_("Before"): sums.before, _("After"): sums.after, _("Difference"): sums.difference}
    context = {"plan": plan, "form": form, "page": shown, "totals": totals, "is_asked": is_asked}
    return TemplateResponse(request, "web/bills/replayed.html", context)


@page()
def export_replayed(request: Request, pk: int) -> HttpResponse:
    """The same of all customers that the page's address asks for, as CSV: it is counted while it is sent."""
    plans = {each.pk: each for each in plan_list(archived=None)}
    plan = found(plans.pop(pk, None))
    form = ReplayForm(request.GET, classes=_classes(request, pk), others=plans)
    today = request.today("UTC")
    try:
        if not form.is_valid():
            raise Refused("", "The address asks for what the page refuses.")
        # Whatever is refused is refused before the first customer is counted.
        replay(plan, [], form.change, today=today, months=form.cleaned_data["months"])
    except Refused:
        return redirect(f"{reverse('replay_plan', args=[pk])}?{request.GET.urlencode()}")
    customers, change, months = list(form.customers(plan)), form.change, form.cleaned_data["months"]
    counted = replay_many(plan, customers, change, today=today, months=months, scope=request.scope)
    return csv_in_pieces(lambda: csv_of_replays(counted), "replay", within=None)


@page(outside=True)
def replay_sum(request: Request, pk: int) -> HttpResponse:
    """Before and after, of all customers that the page's address asks for; a part of the page, or one of its own."""
    with acting(request.scope):
        plans = {each.pk: each for each in plan_list(archived=None)}
        plan = found(plans.pop(pk, None))
        form = ReplayForm(request.GET, classes=_classes(request, pk), others=plans)
        is_asked = form.is_valid() and not form.change.is_nothing
        customers = list(form.customers(plan)) if is_asked else []
    try:
        if not is_asked:
            raise Refused("", "The address asks for what the page refuses.")
        months, today = form.cleaned_data["months"], request.today("UTC")
        sums = sums_of(replay_many(plan, customers, form.change, today=today, months=months, scope=request.scope))
    except Refused:
        return redirect(f"{reverse('replay_plan', args=[pk])}?{request.GET.urlencode()}")
    context = {"plan": plan, "sums": sums}
    part = "_replay_sum" if request.htmx else "replay_sum"
    return TemplateResponse(request, f"web/bills/{part}.html", context)


def _row(each: Recount) -> dict[str, Any]:
    """A period with its lines; each line with its devices by name."""
    language = words()
    lines = [
        {
            "text": language.class_name(line.device_class) if line.kind == "usage" and line.device_class else line.text,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "net": line.net,
            "devices": sorted((each.device_names.get(device, device), days) for device, days in line.devices or ()),
        }
        for line in each.lines
    ]
    return {"period": days_present([each.served]), "told": each, "rule": dict(COUNTINGS)[each.counting], "lines": lines}


def _classes(request: Request, plan_id: int) -> list[str]:
    """The classes that the plan prices, or those that the address asks prices of."""
    asked = [name.removeprefix("price.") for name in request.GET if name.startswith("price.")]
    if asked:
        return asked
    return list(dict.fromkeys(_priced(plan_id)))


def _priced(plan_id: int) -> Iterator[str]:
    for version in versions_of([plan_id]).get(plan_id, ()):
        yield from version.prices
