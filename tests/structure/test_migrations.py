"""The tables are what the models say, and a released migration stays as it was."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import PostgresqlAnalyser, analyse_sql_statements

from tests.structure import migrations
from tests.structure.house import ROOMS


def unwritten_migrations(wanted: ProjectState) -> dict[str, list[str]]:
    """What `makemigrations` would still write, by room."""
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), wanted)
    changes = detector.changes(graph=loader.graph)
    ours = {*ROOMS, "shared"} & set(changes)
    return {room: [step.describe() for m in changes[room] for step in m.operations] for room in sorted(ours)}


def unsafe_steps(statements: list[str]) -> list[str]:
    """What would break workers of the last version that still run while the tables change."""
    errors, _, _ = analyse_sql_statements(PostgresqlAnalyser, statements)
    return sorted({error.code for error in errors})


def test_no_migration_is_missing() -> None:
    assert unwritten_migrations(ProjectState.from_apps(apps)) == {}


def test_each_room_has_one_last_migration() -> None:
    assert MigrationLoader(None).detect_conflicts() == {}


def test_no_released_migration_was_edited() -> None:
    assert migrations.edited(migrations.read(), migrations.digests()) == []


def test_later_migrations_leave_the_last_version_running(database: None) -> None:
    linter = MigrationLinter(no_output=True, no_cache=True)
    later = [(m.app_label, m.name) for m in linter.migration_loader.disk_migrations.values() if not m.initial]
    ours = [(room, name) for room, name in later if room in {*ROOMS, "shared"}]

    assert {key: found for key in ours if (found := unsafe_steps(linter.get_sql(*key)))} == {}


def test_a_planted_unsafe_step_is_found() -> None:
    assert unsafe_steps(["ALTER TABLE plans_plan ADD COLUMN mood varchar(20) NOT NULL"]) == ["NOT_NULL"]
    assert unsafe_steps(["ALTER TABLE plans_plan DROP COLUMN name"]) == ["DROP_COLUMN"]


def test_a_planted_column_is_found() -> None:
    wanted = ProjectState.from_apps(apps)
    plan = wanted.models["plans", "plan"]
    fields = {**plan.fields, "mood": models.CharField(max_length=20, default="fine")}
    wanted.add_model(ModelState("plans", "Plan", fields, plan.options, plan.bases, plan.managers))

    assert unwritten_migrations(wanted) == {"plans": ["Add field mood to plan"]}


def test_a_planted_edit_is_found(tmp_path: Path) -> None:
    for name in ("0001_initial", "0002_more", "0003_new"):
        path = tmp_path / "plans" / "migrations" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"name = {name!r}\n")
    released = migrations.digests(tmp_path, tmp_path)
    del released["plans/migrations/0003_new.py"]

    (tmp_path / "plans/migrations/0001_initial.py").write_text("name = 'rewritten'\n")
    (tmp_path / "plans/migrations/0002_more.py").unlink()

    assert migrations.edited(released, migrations.digests(tmp_path, tmp_path)) == [
        "plans/migrations/0001_initial.py",
        "plans/migrations/0002_more.py",
    ]
