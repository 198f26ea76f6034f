"""The dashboard's charts: revenue by month, devices by month, receivables by age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from quarterday.bills.queries import MonthRevenue
from quarterday.inventory.queries import ClassCounts
from quarterday.payments.queries import Age
from quarterday.web.charts import Chart, Series, Show, bar_chart, line_chart, month_label
from quarterday.web.class_names import class_name
from quarterday.web.templatetags.quarterday import words


def revenue_charts(months: Sequence[date], revenue: Iterable[MonthRevenue], *, is_ours: bool) -> list[Chart]:
    """What was issued month by month, a chart per currency; the one with most bills first.

    It is our revenue where we look, and what was billed where a customer does.
    """
    ours, theirs = _("Revenue by month of issue, net, %(currency)s"), _("Billed by month of issue, net, %(currency)s")
    title = ours if is_ours else theirs
    by_currency: dict[str, dict[date, MonthRevenue]] = {}
    for row in revenue:
        by_currency.setdefault(row.currency, {})[row.month] = row
    ordered = sorted(by_currency.items(), key=lambda pair: -sum(row.bill_count for row in pair[1].values()))
    return [_revenue(title, currency, months, rows) for currency, rows in ordered]


def devices_chart(days: Sequence[date], counts: Sequence[ClassCounts]) -> Chart | None:
    """How many devices of each class there were on the first day of each month, and today."""
    if not counts:
        return None
    labels = [*(month_label(day) for day in days[:-1]), _("today")]
    series = [Series(class_name(each.key, each.name), [each.by_day[day] for day in days]) for each in counts]
    return line_chart("devices", _("Devices on the first day of each month, and today"), labels, series)


def receivables_charts(ages: Iterable[Age], *, is_ours: bool) -> list[Chart]:
    """What is open by how long it is overdue, a chart per currency; the one with most bills first."""
    ours, theirs = _("Receivables by days overdue, %(currency)s"), _("Open bills by days overdue, %(currency)s")
    title = ours if is_ours else theirs
    labels = [_("not due"), _("1–30 days"), _("31–60"), _("61–90"), _("older")]
    return [
        bar_chart(
            f"receivables-{age.currency.lower()}",
            title % {"currency": age.currency},
            labels,
            [Series(_("Open"), [age.not_due, age.up_to_30, age.up_to_60, age.up_to_90, age.older])],
            show=_figure(age.currency),
        )
        for age in sorted(ages, key=lambda age: (-age.open_count, age.currency))
    ]


def _revenue(title: str, currency: str, months: Sequence[date], rows: dict[date, MonthRevenue]) -> Chart:
    nothing = Decimal(0)
    known = [rows.get(month) for month in months]
    series = [
        Series(_("Recurring"), [row.recurring if row else nothing for row in known]),
        Series(_("Other charges and discounts"), [row.adjustments if row else nothing for row in known]),
        Series(_("Credit notes"), [-row.credited if row else nothing for row in known]),
    ]
    return bar_chart(
        f"revenue-{currency.lower()}",
        title % {"currency": currency},
        [month_label(month) for month in months],
        [each for position, each in enumerate(series) if position == 0 or any(each.values)],
        show=_figure(currency),
    )


def _figure(currency: str) -> Show:
    """An amount with the currency's decimals, but a whole one without, so that a scale stays narrow."""
    return lambda value: words().number(value) if value == int(value) else words().amount(value, currency)
