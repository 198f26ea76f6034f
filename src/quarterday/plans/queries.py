"""Plans and their versions. Any scope may read them: they are the provider's, not a customer's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from quarterday.engine import facts
from quarterday.plans.models import Plan, PlanVersion
from quarterday.plans.terms import version_terms
from quarterday.provider.queries import class_names
from quarterday.shared.asking import Asking, beside, question
from quarterday.shared.refusal import NotFound

__all__ = [
    "find_plan",
    "get_plan",
    "get_version",
    "plan_list",
    "terms_of_plans",
    "version_on",
    "versions_of",
]


def get_plan(name: str) -> Plan:
    """The plan of a name; NotFound with the names there are."""
    plan = Plan.objects.filter(name=name).first()
    if plan is None:
        names = ", ".join(Plan.objects.filter(archived_on=None).order_by("name").values_list("name", flat=True)[:10])
        raise NotFound("plan", f"{name!r} is not known: there are {names or 'none yet'}.")
    return plan


@question
def find_plan(plan_id: int) -> Asking[Plan | None]:
    """The plan of an id, or None."""
    rows: list[Plan] = yield Plan.objects.filter(pk=plan_id)
    return rows[0] if rows else None


def plan_list(*, search: str = "", archived: bool | None = False) -> QuerySet[Plan]:
    """Plans by name; archived ones only when asked for (None: both)."""
    listed = Plan.objects.order_by("name")
    if archived is not None:
        listed = listed.filter(archived_on__isnull=not archived)
    for word in search.replace("\0", "").split():
        listed = listed.filter(name__icontains=word)
    return listed


@question
def versions_of(plans: Iterable[Plan | int]) -> Asking[dict[int, list[PlanVersion]]]:
    """Plan id -> its versions that count, oldest first; for any number of plans with one query."""
    rows = yield PlanVersion.objects.filter(plan__in=list(plans), withdrawn_at=None).order_by("effective_on")
    found: dict[int, list[PlanVersion]] = {}
    for version in rows:
        found.setdefault(version.plan_id, []).append(version)
    return found


def get_version(plan: Plan, effective_on: date) -> PlanVersion:
    """The plan's version that begins on a day; NotFound when none does."""
    version = PlanVersion.objects.filter(plan=plan, effective_on=effective_on, withdrawn_at=None).first()
    if version is None:
        raise NotFound("effective_on", f"{plan} has no version that begins on {effective_on}.")
    return version


def version_on(versions: Iterable[PlanVersion], day: date) -> PlanVersion | None:
    """The version of a day, by its date alone; before the first one None."""
    begun = [version for version in versions if version.effective_on <= day]
    return max(begun, key=lambda version: version.effective_on, default=None)


@question
def terms_of_plans(plan_ids: Iterable[int]) -> Asking[dict[int, tuple[facts.PlanVersion, ...]]]:
    """Plan id -> its versions as the calculation takes them, oldest first, for any number of plans."""
    names, found = yield from beside(class_names.asked(), versions_of.asked(plan_ids))
    order = list(names)
    return {
        plan_id: tuple(version_terms(version, order) for version in versions) for plan_id, versions in found.items()
    }
