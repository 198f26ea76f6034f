"""A scenario: a billing story in a file, and the bills it leads to. The format is docs/scenario.md.

The story is told to `calculate_bill` one billing date after the other, exactly as the billing run does it; what is
added here is only what the tables would remember between two bills.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from quarterday.engine.calculate import BillDraft, calculate_bill
from quarterday.engine.canonical import plain
from quarterday.engine.facts import (
    FIRST_CHARGES,
    AdjustmentFacts,
    BilledPart,
    BillingFacts,
    PeriodDue,
    SubscriptionFacts,
)
from quarterday.engine.json_values import JsonError, read_id
from quarterday.engine.lines import BillLine, as_billed
from quarterday.engine.money import decimals_of, digits_of, round_half_up
from quarterday.engine.periods import Period, due_date, service_periods
from quarterday.engine.scenario_input import Scenario, read_scenario
from quarterday.engine.tax import TaxGroup


def run_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One answer for each line of JSON, in their order; empty lines are passed over.

    A line that is no JSON is answered with an error like any other wrong scenario, under the id null.
    """
    for line in lines:
        if not line.strip():
            continue
        try:
            told = json.loads(line, object_pairs_hook=_object_of)
        except JsonError as error:
            yield _error(None, error)
        except (ValueError, RecursionError) as error:
            yield _error(None, JsonError("", f"this line is no JSON: {error}"))
        else:
            yield run_scenario(told)


def run_scenario(told: object) -> dict[str, Any]:
    """The answer to one scenario: `{"id": ..., "bills": [...]}`, or `{"id": ..., "error": {"path", "message"}}`."""
    try:
        scenario = read_scenario(told)
        return {"id": scenario.id, "bills": [_bill_out(draft, facts) for facts, draft in calculated_bills(scenario)]}
    except JsonError as error:
        return _error(told, error)


MOST_DATES = 10_000
"""The billing dates of a scenario at most: almost two centuries of weeks."""

Billed = dict[tuple[str, Period], tuple[BilledPart, ...]]
"""What each period of a subscription was billed in advance."""


def calculated_bills(scenario: Scenario) -> Iterator[tuple[BillingFacts, BillDraft]]:
    """The bills of a scenario, oldest first, each with what it depends on."""
    # From one bill to the next only what tables would remember is kept.
    adjustments = scenario.adjustments
    billed: Billed = {}
    for day, dues in sorted(_due_by_day(scenario).items()):
        facts = _facts(scenario, day, dues, adjustments, billed)
        draft = calculate_bill(facts)
        if draft.outcome == "billed":
            adjustments = _used(adjustments, draft)
            billed.update(_billed_in_advance(facts, draft))
            yield facts, draft


def _due_by_day(scenario: Scenario) -> dict[date, dict[int, list[PeriodDue]]]:
    """Each billing date with the subscriptions due on it, in the order of the file, and their periods."""
    due: dict[date, dict[int, list[PeriodDue]]] = {}
    for index, (subscription, ends_on) in enumerate(scenario.subscriptions):
        in_advance = subscription.timing == "advance"
        for period in service_periods(
            subscription.starts_on,
            subscription.cycle,
            billing_day=subscription.billing_day,
            ends_on=ends_on,
            until=scenario.bill_until,
        ):
            first = PeriodDue(period.served, period.full)
            if in_advance:
                due.setdefault(period.served.start, {}).setdefault(index, []).append(first)
            if period.served.end <= scenario.bill_until:
                at_end = replace(first, occasion="settlement") if in_advance else first
                due.setdefault(period.served.end, {}).setdefault(index, []).append(at_end)
            if len(due) > MOST_DATES:
                raise JsonError(
                    "bill_until", f"leads to more than {MOST_DATES} billing dates: bill until an earlier day"
                )
    return due


def _facts(
    scenario: Scenario,
    day: date,
    dues: Mapping[int, list[PeriodDue]],
    adjustments: tuple[AdjustmentFacts, ...],
    billed: Billed,
) -> BillingFacts:
    """The facts of the bill of one date, as the bill desk would collect them."""
    subscriptions = []
    for index, periods in sorted(dues.items()):
        subscription = scenario.subscriptions[index].facts
        known = [_with_billed(subscription, period, billed) for period in periods]
        subscriptions.append(replace(subscription, periods=tuple(known)))
    return BillingFacts(
        customer_id="customer",
        time_zone=scenario.time_zone,
        currency=scenario.currency,
        billing_on=day,
        subscriptions=tuple(subscriptions),
        stays=scenario.stays,
        adjustments=adjustments,
        tax_rules=scenario.tax_rules,
    )


def _with_billed(subscription: SubscriptionFacts, period: PeriodDue, billed: Billed) -> PeriodDue:
    """A period at its settlement, beside what it was billed in advance; a bill that was not issued billed nothing."""
    if period.occasion != "settlement" or period.served is None:
        return period
    return replace(period, billed=billed.pop((subscription.id, period.served), ()))


def _billed_in_advance(facts: BillingFacts, draft: BillDraft) -> Billed:
    """What a bill charged for periods that have not ended yet, by subscription and period."""
    in_advance = {subscription.id for subscription in facts.subscriptions if subscription.timing == "advance"}
    billed: Billed = {}
    for line in draft.lines:
        if line.kind in FIRST_CHARGES and line.subscription_id in in_advance:
            assert line.service_period is not None, f"{line} charges for no period"
            key = (line.subscription_id, line.service_period.served)
            billed[key] = (*billed.get(key, ()), as_billed(line, bill=facts.billing_on.isoformat()))
    return billed


def _used(adjustments: tuple[AdjustmentFacts, ...], draft: BillDraft) -> tuple[AdjustmentFacts, ...]:
    """The adjustments as a bill leaves them: times used, rests carried."""
    uses = {use.adjustment_id: use for use in draft.adjustments}
    return tuple(
        replace(each, used=use.occurrence or each.used, rest=use.rest) if (use := uses.get(each.id)) else each
        for each in adjustments
    )


# --- The answer --------------------------------------------------------------------------------------------------


def _bill_out(draft: BillDraft, facts: BillingFacts) -> dict[str, Any]:
    """A bill as the format writes it, taken as issued on its billing date."""
    digits = digits_of(draft.currency)
    bill: dict[str, Any] = {
        "issued_on": draft.billing_on.isoformat(),
        "due_on": due_date(draft.billing_on, draft.due_days).isoformat(),
        "currency": draft.currency,
        "periods": [
            _period_out(subscription, due)
            for subscription in facts.subscriptions
            for due in subscription.periods
            if due.occasion == "first"
        ],
        "lines": [_line_out(line, digits) for line in draft.lines],
        "net": _amount(draft.net, digits),
        "tax": [_tax_out(group, digits) for group in draft.tax],
        "total": _amount(draft.total, digits),
    }
    return {"type": draft.type, **bill} if draft.type == "credit_note" else bill


def _period_out(subscription: SubscriptionFacts, due: PeriodDue) -> dict[str, Any]:
    period = due.service_period
    return {
        "subscription": int(subscription.id),
        "start": period.served.start.isoformat(),
        "end": period.served.end.isoformat(),
        "days": period.served.days,
        "full_start": period.full.start.isoformat(),
        "full_end": period.full.end.isoformat(),
        "full_days": period.full.days,
    }


def _line_out(line: BillLine, digits: int) -> dict[str, Any]:
    """A line with the keys that it has, in the order of the format."""
    out: dict[str, Any] = {"kind": line.kind}
    if line.subscription_id is not None:
        out["subscription"] = int(line.subscription_id)
    out["text"] = line.text
    if line.device_class is not None:
        out["class"] = line.device_class
    if line.days is not None:
        out["start"] = line.days.start.isoformat()
        out["end"] = line.days.end.isoformat()
    out["quantity"] = plain(line.quantity)
    if line.unit is not None:
        out["unit"] = line.unit
    if line.unit_price is not None:
        out["unit_price"] = _amount(line.unit_price, max(digits, decimals_of(line.unit_price)))
    out["per"] = str(line.per)
    out["fraction"] = str(line.fraction)
    out["net"] = _amount(line.net, digits)
    if line.devices is not None:
        out["devices"] = [{"id": device, "days": days} for device, days in line.devices]
    return out


def _tax_out(group: TaxGroup, digits: int) -> dict[str, Any]:
    return {
        "category": group.category,
        "rate": plain(group.rate),
        "base": _amount(group.base, digits),
        "amount": _amount(group.amount, digits),
    }


def _amount(amount: Decimal, digits: int) -> str:
    return f"{round_half_up(amount, digits):f}"


def _error(told: object, error: JsonError) -> dict[str, Any]:
    """The answer to a wrong scenario, under its id if that much can be read."""
    try:
        id_ = read_id(told.get("id"), "id") if isinstance(told, dict) else None
    except JsonError:
        id_ = None
    # What is quoted from a wrong scenario may be no text that can be written: half of a surrogate pair.
    path, message = (text.encode(errors="backslashreplace").decode() for text in (error.path, error.message))
    return {"id": id_, "error": {"path": path, "message": message}}


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a key that stands twice is a mistake, of which most readers silently keep the last."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise JsonError(twice, "stands twice in one object: keep one")
    return fields
