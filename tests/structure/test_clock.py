"""The clock is read at the door. Ruff keeps the functions out of the rooms; a table could still read it by itself."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models.functions import Now
from django.test.utils import isolate_apps
from django.utils import timezone

from tests.structure.test_flow import our_tables

NO_RULE_READS_THEM = {
    "accounts.User.date_joined": "Django's own column",
    "provider.DeviceClass.added_at": "classes are added by migrations too, which no door hands a time",
}


def columns_that_read_the_clock(tables: Iterable[type[models.Model]]) -> list[str]:
    return [
        f"{table._meta.label}.{field.name}"
        for table in tables
        for field in table._meta.fields
        if getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
        or field.default is timezone.now
        or isinstance(field.db_default, Now)
    ]


def test_no_column_fills_itself_with_the_time() -> None:
    assert set(columns_that_read_the_clock(our_tables())) <= set(NO_RULE_READS_THEM)


@isolate_apps("quarterday.plans")
def test_planted_columns_are_found() -> None:
    class Note(models.Model):
        made_at = models.DateTimeField(auto_now_add=True)
        seen_at = models.DateTimeField(default=timezone.now)
        read_at = models.DateTimeField(db_default=Now())
        told_at = models.DateTimeField()

        class Meta:
            app_label = "plans"

    assert columns_that_read_the_clock([Note]) == ["plans.Note.made_at", "plans.Note.seen_at", "plans.Note.read_at"]
