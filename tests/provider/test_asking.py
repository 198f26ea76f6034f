"""Questions that do not wait for each other go to the database together, and answer as they would alone."""

from __future__ import annotations

import pytest

from quarterday.provider.models import DeviceClass
from quarterday.provider.queries import class_names, find_provider, load_tax_table, revenue_accounts
from quarterday.shared.asking import Asking, Statement, beside, question, rows, together
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
