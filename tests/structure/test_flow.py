"""Data flows right, calls go left: also where a name in quotation marks would hide it from the import contracts."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.test.utils import isolate_apps

from tests.structure.house import ROOMS, SOURCE, may_look_at, python_files


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


def jobs_asked_for(source: str) -> list[str]:
    """Names in `enqueue("bills.print", ...)`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        verb = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if verb in {"enqueue", "configure_task"} and isinstance(node.args[0].value, str):
            found.append(node.args[0].value)
    return found


def jobs_that_look_up(room: str, source: str) -> list[str]:
    """Jobs of higher rooms that a room asks for by name."""
    return [f"{room} asks for {job}" for job in jobs_asked_for(source) if not may_look_at(room, job.split(".")[0])]


def our_tables() -> list[type[models.Model]]:
    return [table for room in (*ROOMS, "shared") for table in apps.get_app_config(room).get_models()]


def test_no_foreign_key_points_up() -> None:
    assert len(our_tables()) > 20
    assert foreign_keys_that_look_up(our_tables()) == []


def test_no_migration_waits_for_a_higher_room() -> None:
    ours = [step for (room, _), step in MigrationLoader(None).disk_migrations.items() if room in (*ROOMS, "shared")]
    assert len(ours) >= len(ROOMS)
    assert migrations_that_look_up(ours) == []


def test_no_room_asks_for_a_job_of_a_higher_room() -> None:
    files = python_files(*ROOMS, "shared", "connectors", "audit", "upkeep", "documents")
    assert [
        found for path in files for found in jobs_that_look_up(room_of(path), path.read_text(encoding="utf-8"))
    ] == []


def test_every_job_that_is_asked_for_is_done_by_the_worker() -> None:
    from procrastinate.contrib.django import app

    import_module("quarterday.worker.jobs")

    asked = {job for path in python_files() for job in jobs_asked_for(path.read_text(encoding="utf-8"))}
    assert asked - set(app.tasks) == set()


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


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
    step.dependencies = [("customers", "0001_initial"), ("auth", "__first__"), ("payments", "0001_initial")]

    assert migrations_that_look_up([step]) == ["customers.0002_hurry waits for payments"]


def test_a_planted_job_is_found() -> None:
    source = 'enqueue("outbox.send", 1)\nqueue.enqueue("bills.print", bill_id=1)\nprint("bills.print")\n'

    assert jobs_that_look_up("outbox", source) == ["outbox asks for bills.print"]
    assert jobs_that_look_up("bills", source) == []
