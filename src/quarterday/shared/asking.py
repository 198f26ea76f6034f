"""Questions to the database that do not wait for each other go there together, in one round trip.

    @question
    def class_names() -> Asking[dict[str, str]]:
        rows = yield DeviceClass.objects.values_list("key", "name")
        return dict(rows)

    class_names()                                                        # alone, as any function
    names, taxes = together(class_names.asked(), load_tax_table.asked())  # one round trip

A question yields what it asks (a queryset, a `Statement`, or a list of them) and goes on with the rows. What a page
waits for is the way to the database and back, so this is what is counted: a batch is one query of a page's twelve.
PostgreSQL answers its statements one after the other, each as it would alone; the same statement is sent once.

What it cannot do: `iterator()`, `aggregate()` and `exists()` are asked of the database at once, so a question does not
yield them (`row_count` counts); `prefetch_related` takes round trips of its own; one statement that fails is the error
of all that were sent with it. It lets Django's compiler make objects of rows that were fetched otherwise, which Django
does not promise to go on allowing: `tests/provider/test_asking.py` has every shape of queryset, asked both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import update_wrapper
from typing import Any, Generic, NamedTuple, ParamSpec, TypeAlias, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet, Window

P = ParamSpec("P")
T = TypeVar("T")


class Statement(NamedTuple):
    """SQL with its values, whose rows come as tuples."""

    sql: str
    values: Sequence[Any]


Asking: TypeAlias = Generator[Any, Any, T]
"""A question on its way: it yields querysets and statements, is sent their rows, and returns its answer."""


class Question(Generic[P, T]):
    """A query that can be asked alone, by calling it, or beside others, by giving `asked(...)` to `together`."""

    def __init__(self, ask: Callable[P, Asking[T]]) -> None:
        self.asked = ask
        update_wrapper(self, ask)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """The answer, after as many round trips as the question yields."""
        return answer(self.asked(*args, **kwargs))


def question(ask: Callable[P, Asking[T]]) -> Question[P, T]:
    """Make a generator that yields what it asks a query that can be asked beside others."""
    return Question(ask)


@question
def rows(queryset: QuerySet[Any]) -> Asking[list[Any]]:
    """The rows of a queryset, to be asked beside other questions."""
    found: list[Any] = yield queryset
    return found


@question
def row_count(queryset: QuerySet[Any]) -> Asking[int]:
    """How many rows a queryset has, to be asked beside other questions."""
    counted = yield queryset.order_by().values(n=Window(Count("*")))[:1]
    return int(counted[0]["n"]) if counted else 0


def together(*askings: Asking[Any]) -> tuple[Any, ...]:
    """The answers to several questions, with as many round trips as the one that needs most."""
    return answer(beside(*askings))


def beside(*askings: Asking[Any]) -> Asking[tuple[Any, ...]]:
    """Several questions as one, for a question that is made of others."""
    answers: list[Any] = [None] * len(askings)
    given: dict[int, Any] = dict.fromkeys(range(len(askings)))
    while given:
        waiting: dict[int, Any] = {}
        for place, sent in given.items():
            try:
                waiting[place] = askings[place].send(sent)
            except StopIteration as done:
                answers[place] = done.value
        given = dict(zip(waiting, (yield list(waiting.values())) if waiting else (), strict=True))
    return tuple(answers)


def answer(asking: Asking[T]) -> T:
    """Ask and go on until there is an answer."""
    rows: Any = None
    while True:
        try:
            asked = asking.send(rows)
        except StopIteration as done:
            found: T = done.value
            return found
        rows = _shaped(asked, iter(_send([_Sent(leaf) for leaf in _leaves(asked)])))


class _Sent:
    """One question as it is sent, and how its rows become what was asked for.

    The compiler that wrote the SQL is kept, because it alone knows which column is which field of which object.
    """

    def __init__(self, asked: QuerySet[Any] | Statement) -> None:
        self.asked = asked
        self.statement: Statement | None
        if isinstance(asked, Statement):
            self.statement = asked
            return
        self.compiler = asked.query.get_compiler(asked.db)
        try:
            self.statement = Statement(*self.compiler.as_sql())
        except EmptyResultSet:  # Django knows without asking: it is in none of no ids
            self.statement = None

    def answered(self, rows: list[Any]) -> list[Any]:
        """The rows as the queryset gives them: objects, dictionaries, tuples, values."""
        if isinstance(self.asked, Statement) or self.statement is None:
            return rows
        answered = self.asked.all()
        # Django makes objects of whatever its compiler fetches: it is given ours, which has the rows already.
        self.compiler.execute_sql = lambda *_, **__: [rows]
        answered.query.get_compiler = lambda *_, **__: self.compiler  # type: ignore[method-assign]
        return list(answered)


def _send(sent: list[_Sent]) -> list[list[Any]]:
    """One round trip; the same statement once, with rows for each who asked.

    Several statements in one string need their values written into it, as Django's connection does unless it is told
    to bind on the server.
    """
    statements = {repr(each.statement): each.statement for each in sent if each.statement is not None}
    found: dict[str, list[Any]] = {}
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(
                ";\n".join(statement.sql for statement in statements.values()),
                [value for statement in statements.values() for value in statement.values],
            )
            for key in statements:
                found[key] = cursor.fetchall()
                cursor.nextset()
    return [each.answered(found.get(repr(each.statement), [])) for each in sent]


def _leaves(asked: Any) -> Iterator[QuerySet[Any] | Statement]:
    if isinstance(asked, list):
        for each in asked:
            yield from _leaves(each)
    else:
        yield asked


def _shaped(asked: Any, answers: Iterator[list[Any]]) -> Any:
    """The answers in the shape of what was asked."""
    if isinstance(asked, list):
        return [_shaped(each, answers) for each in asked]
    return next(answers)
