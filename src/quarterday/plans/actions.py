"""Make plans and their versions. Each act leaves an audit entry; what a bill used is never edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from quarterday.plans.models import Counting, LatePolicy, Plan, PlanVersion, Timing
from quarterday.plans.terms import KnownWords, checked_fee, checked_prices, known_words, unknown_tax_codes
from quarterday.provider import checks
from quarterday.provider.checks import Check, checked, one_of, text
from quarterday.provider.defaults import STANDARD
from quarterday.provider.editing import ChangedMeanwhile, save_changes
from quarterday.shared.asking import Asking, question, rows, together
from quarterday.shared.refusal import Problem, Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record

__all__ = [
    "ChangedMeanwhile",
    "archive_plan",
    "change_plan",
    "create_plan",
    "draft_version",
    "modify_plan",
    "restore_plan",
    "withdraw_version",
]

PLAN_FIELDS: dict[str, Check] = {
    "name": text(200, required=True),
    "description": text(10_000, lines=True),
    "currency": checks.checked_currency,
    "timing": one_of(Timing.values),
    "counting": one_of(Counting.values),
    "late_policy": one_of(LatePolicy.values),
    "pause_after_days": checks.optional(checks.whole_number(2, 730)),
}

CHANGEABLE = ("name", "description", "late_policy", "pause_after_days")
"""How a plan counts and when it bills never change: make a new plan for that."""


def create_plan(
    *,
    name: str,
    currency: str,
    effective_on: date,
    prices: Mapping[str, Any],
    by: Actor,
    now: datetime,
    flat_fee: Decimal | str = Decimal(0),
    flat_fee_tax_code: str = STANDARD,
    timing: str = Timing.ARREARS,
    counting: str = "",
    late_policy: str = LatePolicy.ASK,
    pause_after_days: int | None = None,
    description: str = "",
    note: str = "",
) -> Plan:
    """Make a plan with its first version; `effective_on` is the first day that it can charge.

    `prices` has the form of terms.py. Without `counting` it is at_end in arrears and prorated in advance. Refused
    names everything that is wrong.
    """
    fields = {
        "name": name,
        "description": description,
        "currency": currency,
        "timing": timing,
        "counting": counting or (Counting.PRORATED if timing == Timing.ADVANCE else Counting.AT_END),
        "late_policy": late_policy,
        "pause_after_days": pause_after_days,
    }
    kept = checked(fields, PLAN_FIELDS, more=_taken(name))
    plan = Plan(created_at=now, **kept)
    version = draft_version(
        plan,
        effective_on=effective_on,
        prices=prices,
        flat_fee=flat_fee,
        flat_fee_tax_code=flat_fee_tax_code,
        note=note,
        now=now,
    )
    plan.save()
    version.plan = plan
    version.save()
    record(by, "created", plan, at=now, details={**kept, **_terms(version)})
    return plan


def change_plan(plan: Plan, *, by: Actor, now: datetime, seen: int | None = None, **changes: Any) -> None:
    """Change a plan's name, description, late policy or days until a pause; prices are changed by `modify_plan`.

    `seen` is the revision that the person looked at; ChangedMeanwhile if somebody was quicker.
    """
    fixed = [
        Problem(name, "of a plan never changes: make a new plan, and move the customers to it.")
        for name, value in changes.items()
        if name in PLAN_FIELDS and name not in CHANGEABLE and value != getattr(plan, name)
    ]
    if changes.get("name", plan.name) != plan.name:
        fixed += _taken(str(changes["name"]))
    kept = checked(changes, PLAN_FIELDS, more=fixed)
    if told := save_changes(plan, kept, seen=seen):
        record(by, "changed", plan, at=now, details=told)


def draft_version(
    plan: Plan,
    *,
    effective_on: date,
    prices: Mapping[str, Any],
    now: datetime,
    applies: str = "on_day",
    flat_fee: Decimal | str = Decimal(0),
    flat_fee_tax_code: str = STANDARD,
    note: str = "",
    words: KnownWords | None = None,
) -> PlanVersion:
    """A version that is checked and not saved, so that its effect on open bills can be shown first."""
    words = words or known_words()
    problems: list[Problem] = []
    stored: dict[str, Any] = {}
    fee = Decimal(0)
    try:
        stored = checked_prices(prices, words)
    except Refused as refused:
        problems += refused.problems
    try:
        fee = checked_fee(flat_fee)
    except Refused as refused:
        problems += refused.problems
    problems += unknown_tax_codes([("flat_fee_tax_code", flat_fee_tax_code)], words)
    if not stored and not fee and not problems:
        problems.append(Problem("prices", "charge nothing: give a price for at least one class, or a flat fee."))
    kept = checked(
        {"effective_on": effective_on, "applies": applies, "note": note},
        {"effective_on": checks.checked_day, "applies": one_of(["on_day", "next_period"]), "note": text(300)},
        more=problems,
    )
    return PlanVersion(
        plan=plan, prices=stored, flat_fee=fee, flat_fee_tax_code=flat_fee_tax_code, created_at=now, **kept
    )


def modify_plan(
    plan: Plan,
    *,
    effective_on: date,
    prices: Mapping[str, Any],
    settled_until: date | None,
    by: Actor,
    now: datetime,
    applies: str = "on_day",
    flat_fee: Decimal | str = Decimal(0),
    flat_fee_tax_code: str = STANDARD,
    note: str = "",
    seen: int | None = None,
) -> PlanVersion:
    """Give a plan new terms from a day on ("on_day"), or from each customer's next period after it ("next_period").

    `settled_until` is the first day that no bill of this plan has settled (ask bills): days before it keep their
    terms, because issued bills never change. `seen` is the revision that the person looked at.
    """
    _refuse_archived(plan)
    _, days, words = together(_lock.asked(plan, seen=seen), rows.asked(_days_with_a_version(plan)), known_words.asked())
    version = draft_version(
        plan,
        effective_on=effective_on,
        prices=prices,
        applies=applies,
        flat_fee=flat_fee,
        flat_fee_tax_code=flat_fee_tax_code,
        note=note,
        now=now,
        words=words,
    )
    if settled_until is not None and effective_on < settled_until:
        raise Refused(
            "effective_on",
            f"{effective_on} is billed already: choose {settled_until} or later, and correct what was billed by credit"
            " notes.",
        )
    if effective_on in days:
        raise Refused(
            "effective_on", f"{effective_on} has a version already: choose another day, or withdraw that one first."
        )
    version.save()
    _count_change(plan)
    record(by, "modified", plan, at=now, details=_terms(version))
    return version


def withdraw_version(version: PlanVersion, *, is_used: bool, by: Actor, now: datetime) -> None:
    """Take back a version that has charged nothing. `is_used` says whether a bill used it (ask bills)."""
    plan = version.plan
    _, days = together(_lock.asked(plan, seen=None), rows.asked(_days_with_a_version(plan)))
    if is_used:
        raise Refused("effective_on", f"{version.effective_on} is on a bill already: add a version that replaces it.")
    if not any(day < version.effective_on for day in days):
        raise Refused("effective_on", f"{version.effective_on} is the plan's first version: archive the plan instead.")
    if not PlanVersion.objects.filter(pk=version.pk, withdrawn_at=None).update(withdrawn_at=now):
        raise Refused("effective_on", f"{version.effective_on} was withdrawn before.")
    version.withdrawn_at = now
    _count_change(plan)
    record(by, "withdrew a version of", plan, at=now, details=_terms(version))


def archive_plan(plan: Plan, *, on: date, by: Actor, now: datetime) -> None:
    """Offer a plan no longer; customers who have it keep it, and its versions keep counting for them."""
    _refuse_archived(plan)
    save_changes(plan, {"archived_on": on})
    record(by, "archived", plan, at=now, details={"on": str(on)})


def restore_plan(plan: Plan, *, by: Actor, now: datetime) -> None:
    """Offer an archived plan again."""
    if plan.archived_on is None:
        raise Refused("plan", f"{plan} is not archived.")
    save_changes(plan, {"archived_on": None})
    record(by, "restored", plan, at=now)


def _taken(name: str) -> list[Problem]:
    if Plan.objects.filter(name=name.strip()).exists():
        return [Problem("name", f"{name!r} is taken: choose another.")]
    return []


def _refuse_archived(plan: Plan) -> None:
    if plan.archived_on is not None:
        raise Refused("plan", f"{plan} is archived since {plan.archived_on}: restore it first.")


def _days_with_a_version(plan: Plan) -> QuerySet[PlanVersion, Any]:
    return PlanVersion.objects.filter(plan=plan, withdrawn_at=None).values_list("effective_on", flat=True)


@question
def _lock(plan: Plan, *, seen: int | None) -> Asking[None]:
    """Let one person at a time change the plan's versions."""
    (current,) = yield Plan.objects.select_for_update().filter(pk=plan.pk)
    if seen is not None and current.revision != seen:
        raise ChangedMeanwhile(plan)
    plan.revision = current.revision


def _count_change(plan: Plan) -> None:
    """A change of the versions is one of the plan."""
    plan.revision += 1
    plan.save(update_fields=["revision"])


def _terms(version: PlanVersion) -> dict[str, Any]:
    return {
        "effective_on": str(version.effective_on),
        "applies": version.applies,
        "prices": version.prices,
        "flat_fee": str(version.flat_fee),
        "note": version.note,
    }
