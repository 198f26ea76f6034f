"""Charts: heights in proportion, round figures at the side, and the same figures as a table for readers."""

from decimal import Decimal

from django.template.loader import render_to_string

from quarterday.web.charts import Series, bar_chart, line_chart, waterfall_chart


def drawn(chart) -> str:
    return render_to_string("web/parts/chart.html", {"chart": chart})


def test_bars_stand_on_each_other_in_proportion_to_their_values():
    chart = bar_chart("c", "Devices", ["Jan", "Feb"], [Series("Computers", [10, 20]), Series("Servers", [5, 0])])
    computers, servers = chart.layers
    assert [bar.height for bar in computers.bars] == [99.0, 198.0]
    assert [bar.height for bar in servers.bars] == [49.5]
    assert servers.bars[0].y + servers.bars[0].height == computers.bars[0].y
    assert [tick.text for tick in chart.ticks] == ["0", "5", "10", "15", "20"]


def test_every_figure_is_readable_without_seeing_the_chart():
    chart = bar_chart("c", "Devices", ["Jan", "Feb"], [Series("Computers", [10, 20]), Series("Servers", [5, None])])
    assert chart.summary == "Computers: 10 (Jan) to 20 (Feb). Servers: 5 (Jan) to 5 (Jan)."
    assert chart.rows == (("Jan", ("10", "5")), ("Feb", ("20", "–")))
    assert drawn(chart).count('<th scope="row">') == 2


def test_a_gap_parts_a_line_and_figures_below_nought_hang_below_it():
    chart = line_chart("c", "Balance", list("abcde"), [Series("EUR", [Decimal(-10), 10, None, 5, 5])])
    (layer,) = chart.layers
    assert len(layer.lines) == 2
    assert layer.dots[0].y > chart.zero > layer.dots[1].y


def test_a_chart_of_nothing_says_so():
    assert bar_chart("c", "Devices", [], []).summary == "There are no figures yet."
    assert "There are no figures yet." in drawn(line_chart("c", "Devices", ["Jan"], [Series("Computers", [None])]))


def test_a_chart_holds_neither_inline_style_nor_german_decimal_commas():
    from django.utils.translation import override

    with override("de"):
        text = drawn(line_chart("c", "Geräte", list("abc"), [Series("PCs", [1, 2, Decimal("2.5")])]))
    assert "style=" not in text
    assert 'points="157.0,144.0 347.0,78.0 537.0,45.0"' in text
    assert "2,5" in text


def test_on_a_phone_the_last_label_stays():
    labels = [f"M{month}" for month in range(13)]
    chart = bar_chart("c", "Devices", labels, [Series("Computers", list(range(13)))])
    assert [label.text for label in chart.labels if not label.css] == ["M0", "M2", "M4", "M6", "M8", "M10", "M12"]


def test_a_label_is_left_out_only_where_it_would_touch_the_next():
    ages = ["not due", "1–30 days", "31–60", "61–90", "older"]
    assert {label.css for label in bar_chart("c", "Open", ages, [Series("EUR", [1] * 5)]).labels} == {""}
    ages[0] = "nicht fällig"
    german = bar_chart("c", "Offen", ages, [Series("EUR", [1] * 5)]).labels
    assert [label.text for label in german if label.css != "q-only-wide-box"] == ages
    assert [label.text for label in german if not label.css] == ["nicht fällig", "31–60", "older"]


def test_a_waterfall_hangs_each_step_where_the_one_before_ended():
    steps = [("Before", Decimal(100)), ("1", Decimal(60)), ("2", Decimal(-40))]
    chart = waterfall_chart("c", "Difference", steps, summary="Twenty more.")
    totals, more, less = chart.layers
    assert less.bars[0].y == more.bars[0].y
    assert more.bars[0].y + more.bars[0].height == totals.bars[0].y
    assert less.bars[0].y + less.bars[0].height == totals.bars[1].y
    assert [row[1] for row in chart.rows] == [("100", "–", "–"), ("–", "60", "–"), ("–", "–", "−40"), ("120", "–", "–")]


def test_a_small_difference_between_large_bills_is_looked_at_closely():
    chart = waterfall_chart("c", "Difference", [("Before", Decimal(10_000)), ("1", Decimal(30))], summary="")
    _, more, _ = chart.layers
    assert more.bars[0].height > 50
