"""Charts as values for one SVG template, `web/parts/chart.html`: they print, need no script and read as a table too.

    chart = bar_chart("devices", _("Devices over time"), ["Jan", "Feb"], [Series(_("Computers"), [12, 14])])
    {% include "web/parts/chart.html" %}     a template that has `chart`

A chart is drawn in units of its own (640 x 240) and scaled to the page. `key` is part of its elements' ids, so it is
unique on a page. Colours are classes (q-1 to q-4); each series is also told by the legend's order and in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import accumulate, pairwise

from babel import Locale
from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quarterday.web.templatetags.quarterday import number

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 62, 8, 12, 30
WIDE, NARROW, NARROWEST = 6.6, 10.0, 13.2
"""How wide a letter below a chart is at the widths of a chart's box that quarterday.css tells apart, in its units."""

BETWEEN_LABELS = 8
DASHES = ("", "7 4", "2 3", "9 3 2 3")
"""Lines differ by their dashes, too: a colour alone says nothing to many readers, nor on a grey printer."""

Show = Callable[[Decimal], str]


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures with its name; None is a gap."""

    name: str
    values: Sequence[Decimal | int | None]


@dataclass(frozen=True, slots=True)
class Tick:
    """A horizontal line with its figure."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word below the chart. `css` says where it is left out, because letters are larger in a narrow box."""

    x: float
    text: str
    css: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, and what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A value on a line, and what it says when it is pointed at."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One series as drawn: bars, or lines (a gap parts them) with dots. `css` is its colour."""

    name: str
    css: str
    dashes: str
    bars: tuple[Bar, ...] = ()
    lines: tuple[str, ...] = ()
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template draws. `rows` are the same figures as words: (label, (figure, ...))."""

    key: str
    title: str
    summary: str
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]
    layers: tuple[Layer, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    zero: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    label_y: int = HEIGHT - 8


def bar_chart(
    key: str, title: str, labels: Sequence[str], series: Sequence[Series], *, show: Show = number, summary: str = ""
) -> Chart:
    """A bar per label; several series stand on each other. `show` words a figure, `summary` the whole, if given."""
    scale = _Scale(_stacked(series, len(labels)))
    step = _step(len(labels))
    width = round(step * 0.68, 2)
    above, below = [Decimal(0)] * len(labels), [Decimal(0)] * len(labels)
    layers = []
    for position, each in enumerate(series):
        bars = []
        for at, value in enumerate(each.values):
            if not value:
                continue
            stack = above if value > 0 else below
            start, end = stack[at], stack[at] + value
            stack[at] = end
            top, bottom = scale.y(max(start, end)), scale.y(min(start, end))
            text = f"{labels[at]}, {each.name}: {show(Decimal(value))}"
            bars.append(Bar(round(_middle(at, step) - width / 2, 2), top, width, round(bottom - top, 2), text))
        layers.append(Layer(each.name, _css(position), "", bars=tuple(bars)))
    return _chart(key, title, labels, series, scale, layers, show=show, summary=summary)


def line_chart(
    key: str, title: str, labels: Sequence[str], series: Sequence[Series], *, show: Show = number, summary: str = ""
) -> Chart:
    """A line per series, with a dot at each value."""
    scale = _Scale([Decimal(value) for each in series for value in each.values if value is not None])
    step = _step(len(labels))
    layers = []
    for position, each in enumerate(series):
        dots: list[Dot | None] = [
            None
            if value is None
            else Dot(_middle(at, step), scale.y(Decimal(value)), f"{labels[at]}, {each.name}: {show(Decimal(value))}")
            for at, value in enumerate(each.values)
        ]
        layers.append(
            Layer(
                each.name,
                _css(position),
                DASHES[position % len(DASHES)],
                lines=tuple(" ".join(f"{dot.x},{dot.y}" for dot in run) for run in _runs(dots)),
                dots=tuple(dot for dot in dots if dot is not None),
            )
        )
    return _chart(key, title, labels, series, scale, layers, show=show, summary=summary)


def waterfall_chart(
    key: str, title: str, steps: Sequence[tuple[str, Decimal]], *, show: Show = number, summary: str
) -> Chart:
    """From one total to another: the first step is where it begins, the others are what is added, up or down.

    A last bar is where it ends. Small steps between large totals are looked at closely: the axis then begins above 0.
    """
    levels = list(accumulate(value for _, value in steps))
    span = max(levels) - min(levels)
    is_close = span < max(map(abs, levels)) / 4
    scale = _Scale([*levels, *([min(levels) - span / 2] if is_close else [])], from_zero=not is_close)
    floor = min(max(scale.low, Decimal(0)), scale.high)
    # Each bar: what it is, its figure, and between which heights it hangs.
    hung = [("total", steps[0][1], floor, levels[0])]
    hung += [
        ("more" if value > 0 else "less", value, *pair)
        for (_, value), pair in zip(steps[1:], pairwise(levels), strict=True)
    ]
    hung.append(("total", levels[-1], floor, levels[-1]))
    labels = [*(label for label, _ in steps), _("Now")]
    step, width = _step(len(labels)), round(_step(len(labels)) * 0.68, 2)
    names = {"total": _("Bill"), "more": _("More"), "less": _("Less")}
    series, layers = [], []
    for place, (kind, name) in enumerate(names.items()):
        series.append(Series(name, [value if of == kind else None for of, value, _, _ in hung]))
        bars = []
        for at, (of, value, start, end) in enumerate(hung):
            top, bottom = scale.y(max(start, end)), scale.y(min(start, end))
            text = f"{labels[at]}, {name}: {show(value)}"
            if of == kind:
                bars.append(
                    Bar(round(_middle(at, step) - width / 2, 2), top, width, max(round(bottom - top, 2), 1), text)
                )
        layers.append(Layer(name, _css(place), "", bars=tuple(bars)))
    return _chart(key, title, labels, series, scale, layers, show=show, summary=summary, show_tick=number)


def month_label(day: date) -> str:
    """A month below a chart, in the reader's language: Mar ’26."""
    month = format_date(day, "LLL", locale=Locale.parse(get_language() or "en", sep="-"))
    return f"{month} ’{day:%y}"


class _Scale:
    """From a value to its height, over round figures that hold all values and, unless told otherwise, 0."""

    def __init__(self, values: Iterable[Decimal], *, from_zero: bool = True) -> None:
        known = [*values, *([Decimal(0)] if from_zero else [])]
        self.step = _round_step(max(known) - min(known))
        self.low = (min(known) / self.step).to_integral_value(ROUND_FLOOR) * self.step
        self.high = max((max(known) / self.step).to_integral_value(ROUND_CEILING) * self.step, self.low + self.step)

    def y(self, value: Decimal) -> float:
        part = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - float(part) * (HEIGHT - BOTTOM - TOP), 2)

    def ticks(self) -> Iterable[Decimal]:
        count = int((self.high - self.low) / self.step)
        return [self.low + self.step * place for place in range(count + 1)]


def _round_step(span: Decimal) -> Decimal:
    """The round figure (1, 2 or 5 at any size) that parts the span into at most five."""
    step = Decimal(1)
    while step * 5 < span:
        step *= 10
    for finer in (Decimal("0.1"), Decimal("0.2"), Decimal("0.5")):
        if step > 1 and step * finer * 5 >= span:
            return step * finer
    return step


def _chart(
    key: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    scale: _Scale,
    layers: Sequence[Layer],
    *,
    show: Show,
    summary: str,
    show_tick: Show | None = None,
) -> Chart:
    step = _step(len(labels))
    rows = tuple(
        (label, tuple("–" if each.values[at] is None else show(Decimal(each.values[at] or 0)) for each in series))
        for at, label in enumerate(labels)
    )
    return Chart(
        key=key,
        title=title,
        summary=summary or _summary(labels, series, show),
        ticks=tuple(Tick(scale.y(value), (show_tick or show)(value)) for value in scale.ticks()),
        labels=tuple(_labels(labels, step)),
        layers=tuple(layers),
        rows=rows,
        zero=scale.y(min(max(scale.low, Decimal(0)), scale.high)),
    )


def _labels(labels: Sequence[str], step: float) -> Iterator[Label]:
    """Those that do not touch each other; the last is always there, so that "until when" is readable."""
    wide = _apart(labels, step, WIDE, 1)
    narrow = _apart(labels, step, NARROW, wide)
    narrowest = _apart(labels, step, NARROWEST, narrow)
    for at, label in enumerate(labels):
        back = len(labels) - 1 - at
        if back % wide == 0:
            css = "q-only-wide-box" if back % narrow else "q-only-wider-box" if back % narrowest else ""
            yield Label(_middle(at, step), label, css)


def _apart(labels: Sequence[str], step: float, letter: float, of: int) -> int:
    """Every how manieth label, a multiple of `of`, is written so that none touches the next."""
    every = of
    while every < len(labels):
        shown = labels[::-1][::every]
        if all((len(one) + len(other)) / 2 * letter + BETWEEN_LABELS <= step * every for one, other in pairwise(shown)):
            break
        every += of
    return every


def _summary(labels: Sequence[str], series: Sequence[Series], show: Show) -> str:
    """Where each series begins and ends, in words."""
    told = []
    for each in series:
        known = [(label, Decimal(value)) for label, value in zip(labels, each.values, strict=True) if value is not None]
        if known:
            (first, begin), (last, end) = known[0], known[-1]
            told.append(
                _("%(series)s: %(begin)s (%(first)s) to %(end)s (%(last)s).")
                % {"series": each.name, "begin": show(begin), "first": first, "end": show(end), "last": last}
            )
    return " ".join(told) or _("There are no figures yet.")


def _stacked(series: Sequence[Series], count: int) -> list[Decimal]:
    """The tops of the stacks and, where figures are below 0, their bottoms."""
    columns = [[Decimal(each.values[at] or 0) for each in series] for at in range(count)]
    tops = [sum((value for value in column if value > 0), Decimal(0)) for column in columns]
    bottoms = [sum((value for value in column if value < 0), Decimal(0)) for column in columns]
    return [*tops, *bottoms]


def _runs(dots: Sequence[Dot | None]) -> list[list[Dot]]:
    """The dots without gaps between them."""
    runs: list[list[Dot]] = [[]]
    for dot in dots:
        if dot is not None:
            runs[-1].append(dot)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _step(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(count, 1)


def _middle(at: int, step: float) -> float:
    return round(LEFT + step * (at + 0.5), 2)


def _css(position: int) -> str:
    return f"q-{position % 4 + 1}"
