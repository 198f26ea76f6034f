"""Questions that do not wait for each other go to the database together, and answer as they would alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, transaction
from django.db.models import Count, Model, QuerySet
from django.db.models.functions import Length

from quarterday.provider.models import DeviceClass, TaxCode, TaxRule
from quarterday.provider.queries import class_names, find_provider, load_tax_table, revenue_accounts
from quarterday.shared.asking import Asking, Statement, beside, question, row_count, rows, together
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.shop import open_shop

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def shop(database):  # type: ignore[no-untyped-def]
    with acting(Scope.all()):
        open_shop()
        yield


def test_several_questions_are_one_round_trip_and_answer_as_alone(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    alone = find_provider(), class_names(), revenue_accounts(), load_tax_table().codes()
    with django_assert_num_queries(1):
        provider, names, accounts, taxes = together(
            find_provider.asked(), class_names.asked(), revenue_accounts.asked(), load_tax_table.asked()
        )
    assert (provider, names, accounts, taxes.codes()) == alone


def test_what_is_asked_twice_is_sent_once(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(1) as sent:
        once, again = together(class_names.asked(), class_names.asked())
    assert once == again == class_names()
    assert sent.captured_queries[0]["sql"].count("SELECT") == 1


def test_what_is_known_to_be_empty_is_not_asked(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        assert rows(DeviceClass.objects.filter(key__in=[])) == []


SHAPES: dict[str, Callable[[], QuerySet[Any]]] = {
    "objects": lambda: DeviceClass.objects.order_by("pk"),
    "objects with fewer fields": lambda: DeviceClass.objects.order_by("pk").only("key"),
    "objects with what they point at": lambda: TaxRule.objects.order_by("pk").select_related("tax_code"),
    "dictionaries": lambda: DeviceClass.objects.order_by("pk").values("key", "name"),
    "tuples": lambda: TaxRule.objects.order_by("pk").values_list("tax_code__code", "rate", "components"),
    "named tuples": lambda: DeviceClass.objects.order_by("pk").values_list("key", "name", named=True),
    "values": lambda: DeviceClass.objects.order_by("pk").values_list("key", flat=True),
    "with what is calculated": lambda: DeviceClass.objects.annotate(letters=Length("name")).filter(letters__gt=6),
    "grouped": lambda: TaxRule.objects.values("category").annotate(n=Count("pk")).order_by("category"),
    "sliced": lambda: DeviceClass.objects.order_by("pk")[1:3],
    "one of each": lambda: TaxRule.objects.values("category").distinct().order_by("category"),
    "of two tables": lambda: DeviceClass.objects.values_list("key").union(TaxCode.objects.values_list("code")),
    "with a percent sign": lambda: DeviceClass.objects.filter(name__contains="100 %"),
    "with a semicolon and a quote": lambda: DeviceClass.objects.exclude(name="'; SELECT 1 --"),
    "of nothing": lambda: DeviceClass.objects.none(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_queryset_answers_beside_another_as_it_does_alone(shape: str) -> None:
    """A Django that changes how its compiler makes objects of rows fails here first."""
    alone = list(SHAPES[shape]())
    asked, beside_it = together(rows.asked(SHAPES[shape]()), class_names.asked())

    assert sorted(map(_as_seen, asked)) == sorted(map(_as_seen, alone))
    assert beside_it == class_names()


def _as_seen(row: Any) -> str:
    """A row with its type and all that it was given, also the row that it points at."""
    if not isinstance(row, Model):
        return f"{type(row).__name__} {row!r}"
    given = {name: value for name, value in vars(row).items() if name != "_state"}
    pointed_at = {name: _as_seen(other) for name, other in row._state.fields_cache.items()}
    return f"{type(row).__name__} {given} {pointed_at}"


def test_one_wrong_question_is_an_error_of_all_that_were_asked_with_it() -> None:
    @question
    def wrong() -> Asking[None]:
        yield Statement("SELECT 1 / %s", [0])

    with pytest.raises(DataError, match="division by zero"), transaction.atomic():
        together(class_names.asked(), wrong.asked())
    assert class_names(), "the transaction's savepoint took it back"


def test_rows_are_counted_beside_other_questions() -> None:
    assert together(row_count.asked(DeviceClass.objects.all()), row_count.asked(DeviceClass.objects.none())) == (
        DeviceClass.objects.count(),
        0,
    )


def test_a_question_may_wait_for_its_own_first_answer() -> None:
    @question
    def twice(start: int) -> Asking[int]:
        ((first,),) = yield Statement("SELECT %s::int + 1", [start])
        ((second,),) = yield Statement("SELECT %s::int * 2", [first])
        return int(second)

    @question
    def both() -> Asking[tuple[int, int]]:
        one, other = yield from beside(twice.asked(1), twice.asked(2))
        return one, other

    assert both() == (4, 6)
