"""Data flows right, calls go left: also where a name in quotation marks would hide it from the import contracts."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.test.utils import isolate_apps

from tests.structure.house import ROOMS, may_look_at


def foreign_keys_that_look_up(tables: Iterable[type[models.Model]]) -> list[str]:
    found = []
    for table in tables:
        for field in table._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.ManyToManyField):
                continue
            target = field.remote_field.model
            other = target.split(".")[0] if isinstance(target, str) else target._meta.app_label
            if not may_look_at(table._meta.app_label, other):
                found.append(f"{table._meta.label}.{field.name} points up to {other}")
    return found


def migrations_that_look_up(steps: Iterable[migrations.Migration]) -> list[str]:
    return [
        f"{step.app_label}.{step.name} waits for {other}"
        for step in steps
        for other, *_ in [*step.dependencies, *step.run_before]
        if other != "__setting__" and not may_look_at(step.app_label, other)
    ]


def our_tables() -> list[type[models.Model]]:
    return [table for room in (*ROOMS, "shared") for table in apps.get_app_config(room).get_models()]


def test_no_foreign_key_points_up() -> None:
    assert len(our_tables()) > 20
    assert foreign_keys_that_look_up(our_tables()) == []


def test_no_migration_waits_for_a_higher_room() -> None:
    ours = [step for (room, _), step in MigrationLoader(None).disk_migrations.items() if room in (*ROOMS, "shared")]
    assert len(ours) >= len(ROOMS)
    assert migrations_that_look_up(ours) == []


@isolate_apps("quarterday.plans")
def test_a_planted_foreign_key_is_found() -> None:
    class Discount(models.Model):
        bill = models.ForeignKey("bills.Bill", on_delete=models.PROTECT)
        parent = models.ForeignKey("plans.Plan", on_delete=models.PROTECT)

        class Meta:
            app_label = "plans"

    assert foreign_keys_that_look_up([Discount]) == ["plans.Discount.bill points up to bills"]


def test_a_planted_migration_is_found() -> None:
    step = migrations.Migration("0002_hurry", "customers")
    step.dependencies = [  # type: ignore[misc]  # Django calls it a class variable
        ("customers", "0001_initial"),
        ("auth", "__first__"),
        ("payments", "0001_initial"),
    ]

    assert migrations_that_look_up([step]) == ["customers.0002_hurry waits for payments"]
