"""What a line of a bill says: each figure of the calculation in words that an accountant understands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quarterday.documents.values import PaperLine, TaxRow
from quarterday.documents.wording import Language
from quarterday.engine.adjustments import CARRIED_OVER
from quarterday.engine.facts import CORRECTIONS, TaxCategory


@dataclass(frozen=True, slots=True)
class LineWords:
    """The cells of a line: the text and what explains it, then quantity, price, tax and amount."""

    text: str
    detail: str
    quantity: str
    unit: str
    price: str
    price_note: str
    tax: str
    tax_note: str
    amount: str


def line_words(line: PaperLine, currency: str, language: Language) -> LineWords:
    """A line in words: "Computers", "1–31 Mar 2026, counted: devices present on the last day", 12 devices at 30.00."""
    # What pays for no whole number of units is an amount: nobody hands back 0.322532 devices.
    is_part = line.takes_back and line.quantity != int(line.quantity)
    bare = is_part or (line.unit_price is None and line.quantity == 1)
    return LineWords(
        text=text_of(line, language),
        detail=", ".join(_details(line, currency, language)),
        quantity="" if bare else language.number(line.quantity),
        unit="" if bare else _unit(line, language),
        price="" if is_part or line.unit_price is None else language.unit_price(line.unit_price, currency),
        price_note="" if is_part else ", ".join(_price_notes(line, language)),
        tax="" if line.tax_category == "O" else language.percent(line.tax_rate),
        tax_note=_category_words(line.tax_category, line.tax_rate, language),
        amount=language.amount(line.net, currency),
    )


def text_of(line: PaperLine, language: Language) -> str:
    """What is charged: "Computers", "Servers, up to the agreed minimum", or a charge's own text."""
    if line.kind == "adjustment" and line.text.endswith(CARRIED_OVER):
        return language.say("line.carried_over", text=line.text.removesuffix(CARRIED_OVER))
    text = language.say("line.flat_fee") if line.text == "flat_fee" else language.class_name(line.text)
    if line.kind == "minimum" or line.kind in CORRECTIONS:
        return language.say(f"line.{line.kind}", text=text)
    return text


def tax_name(row: TaxRow, language: Language) -> str:
    """A row of the tax table: "VAT 19%", "GST 5%", "VAT: reverse charge"."""
    name = row.name or language.say("tax.name")
    category = _category_words(row.category, row.rate, language)
    if category:
        return language.say("tax.row_without_rate", name=name, category=category)
    return language.say("tax.row", name=name, rate=language.percent(row.rate))


def _category_words(category: TaxCategory, rate: Decimal, language: Language) -> str:
    return "" if category == "S" or rate else language.say(f"tax.category_{category}")


def _details(line: PaperLine, currency: str, language: Language) -> list[str]:
    """Below the text: when, which part of what, by which rule."""
    details: list[str] = []
    if line.period is not None:
        details.append(language.period(line.period))
    if line.takes_back and line.devices:
        details.append(", ".join(device.name for device in line.devices))
    elif line.takes_back and line.quantity != int(line.quantity):
        details.append(language.say("line.part_of_line"))
    if line.tier is not None:
        first, last = line.tier
        if last is None:
            details.append(language.say("line.tier_above", first=language.number(first)))
        elif last == first:
            details.append(language.say("line.tier_of_one", first=language.number(first)))
        else:
            bounds = {"first": language.number(first), "last": language.number(last)}
            details.append(language.say("line.tier_between", **bounds))
    if line.included:
        details.append(language.say("line.included", count=language.number(line.included)))
    if line.minimum is not None:
        details.append(language.say("line.agreed_minimum", count=language.number(line.minimum)))
    if line.percent is not None:
        details.append(_percentage(line.percent, line.percent_of, currency, language))
    if line.bill:
        details.append(language.say("line.of_bill", number=line.bill))
    if line.counting is not None:
        billed = "line.billed_for" if line.counting == "in_advance" else "line.counted"
        details.append(language.say(billed, rule=_rule(line, language)))
    return details


def _percentage(percent: Decimal, percent_of: Decimal | None, currency: str, language: Language) -> str:
    if percent_of is None:
        return language.percent(percent)
    return language.say(
        "line.percent_of", percent=language.percent(percent), amount=language.amount(percent_of, currency)
    )


def _rule(line: PaperLine, language: Language) -> str:
    rule = language.say(f"counting.{line.counting}")
    if line.counted_on is None:
        return rule
    return language.say("counting.on_day", rule=rule, day=language.short_date(line.counted_on))


def _unit(line: PaperLine, language: Language) -> str:
    return language.plural(f"unit.{line.unit}", line.quantity) if line.unit and line.unit != "period" else ""


def _price_notes(line: PaperLine, language: Language) -> list[str]:
    """Below the price: for how many days it is, and which part of the period is charged."""
    if line.per != 1:
        return [language.plural("line.per_days", line.per, count=language.number(line.per))]
    if line.fraction == 1:
        return []
    charged = line.fraction * (line.whole_days or 0)
    if not charged or charged.denominator != 1:
        return [language.say("line.part", fraction=str(line.fraction))]
    return [language.say("line.part_of_days", part=str(charged), whole=str(line.whole_days))]
