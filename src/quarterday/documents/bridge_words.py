"""The reasons of a bridge in a reader's words: on the bill page, on paper, in a mail and on the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quarterday.documents.wording import Language
from quarterday.engine.bridge_steps import Reason

NAMED = 4
"""How many devices of a reason are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A reason: what it is, of which plan and devices, and its amount with its sign."""

    text: str
    detail: str
    amount: str


def reason_words(reason: Reason, language: Language, currency: str, device_names: Mapping[str, str]) -> ReasonWords:
    """A reason in words: "Computers: 2 new", "Gold: PC-7, PC-8", "+60.00"."""
    figures = language.unit_price if reason.kind == "price" else language.amount
    names = {
        "plan": reason.plan,
        "class": language.class_name(reason.device_class or ""),
        "before": language.class_name(reason.class_before or ""),
        "count": language.number(len(reason.devices)),
        "text": reason.text,
        "was": _figures(reason.was, figures, language, currency),
        "now": _figures(reason.now, figures, language, currency),
    }
    return ReasonWords(
        text=language.say(f"bridge.reason.{_key(reason)}", **names),
        detail=_detail(reason, named_devices([device_names.get(each, each) for each in reason.devices], language)),
        amount=signed(reason.amount, language, currency),
    )


def named_devices(names: Sequence[str], language: Language) -> str:
    """Some devices by name and the rest by number: PC-1, PC-2 and 7 more."""
    told = ", ".join(sorted(names)[:NAMED])
    if len(names) <= NAMED:
        return told
    return language.say("bridge.more_devices", names=told, count=language.number(len(names) - NAMED))


def signed(amount: Decimal, language: Language, currency: str) -> str:
    """An amount that says which way it goes: +60.00."""
    return ("+" if amount > 0 else "") + language.amount(amount, currency)


def _key(reason: Reason) -> str:
    """Which sentence tells it."""
    match reason.kind:
        case "plan" if reason.was or reason.now:
            return "plan_came" if reason.now else "plan_went"
        case "plan":
            return "plan_moved" if reason.text else "plan_otherwise"
        case "adjustment" if not any(reason.was):
            return "adjustment_came"
        case "adjustment" if not any(reason.now):
            return "adjustment_went"
        case "price" if not reason.was or not reason.now:
            return "price_came" if reason.now else "price_went"
        case "price":
            key = "price_of_fee" if reason.device_class is None else "price"
            return f"{key}_in_part" if reason.in_part else key
        case "credit" if not reason.plan:
            return "credit_by_hand"
    return reason.kind


def _detail(reason: Reason, devices: str) -> str:
    """The plan, where the sentence does not name it, and the devices: two plans may each lose the same server."""
    if reason.device_class is None:
        return devices
    return f"{reason.plan}: {devices}" if devices else reason.plan


def _figures(
    figures: Sequence[Decimal | Fraction], write: Callable[[Decimal, str], str], language: Language, currency: str
) -> str:
    """Prices from the lowest step up, an amount, or a part of a period: 30.00 / 25.00, 16/30."""
    return " / ".join(
        (language.number(int(each)) if each.denominator == 1 else str(each))
        if isinstance(each, Fraction)
        else write(each, currency)
        for each in figures
    )
