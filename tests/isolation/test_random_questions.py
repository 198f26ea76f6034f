"""[25] Questions that nobody thought of: drawn addresses, parameters and queries under a scope find no foreign row.

Hypothesis prints the question that failed, and asks it again first in the next run.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.isolation.addresses import ADDRESSES
from tests.isolation.test_policies import OF_THE_PROVIDER_TOO, TABLES
from tests.isolation.world import FOREIGN, World
from tests.structure.test_flow import our_tables
from tests.web.visitor import signed_in

OPEN = sorted(name for name, address in ADDRESSES.items() if "customer_admin" in address.opens)
PARAMETERS = (
    *("q", "sort", "page", "month", "customer", "class", "there", "archived", "before", "after", "since", "until"),
    *("from", "to", "currency", "status", "kind", "state", "on", "old", "decided", "soon", "show", "plan", "download"),
    *("rule", "known_on", "period", "price.computer", "language", "format", "bill", "bills", "next", "theme"),
)
WORDS = st.sampled_from(
    [
        *("", "yes", "-name", "name", "-total", "open", "overdue", "computer", "EUR", "C-0001", "C-0002", "Zebra"),
        *("2026-04", "2026-04-01", "9999-12-31", "0001-01-01", "2026-02-30", "NaN", "Infinity", "-1", "1e400", "%00"),
        *("'", '"', "\\", "%", "_", "(a+)+$", "INV-2026-00001", "__proto__", "customer__name", "../../etc/passwd"),
    ]
)
VALUES = st.one_of(WORDS, st.text(max_size=30), st.integers(-(2**70), 2**70).map(str))
QUESTIONS = st.tuples(
    st.sampled_from(OPEN),
    st.booleans(),
    st.dictionaries(st.sampled_from(PARAMETERS), VALUES | st.just("the foreign customer's id"), max_size=5),
)

SHORT = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(SHORT, max_examples=1_000)
LENGTHS = [pytest.param(SHORT, marks=pytest.mark.sweep), pytest.param(LONG, marks=pytest.mark.prove)]


@pytest.mark.parametrize("length", LENGTHS, ids=["short", "long"])
def test_no_address_fails_or_names_another_customer_whatever_it_is_asked(world: World, length: settings) -> None:
    client = signed_in(world.users["customer_admin"], raise_request_exception=False)

    @length
    @given(QUESTIONS)
    def ask(question: tuple[str, bool, dict[str, str]]) -> None:
        name, is_form, told = question
        told = {
            key: str(world.foreign.customer) if value == "the foreign customer's id" else value
            for key, value in told.items()
        }
        path = reverse(name, kwargs={key: own(world, attribute) for key, attribute in ADDRESSES[name].names.items()})
        with transaction.atomic():
            answer = client.post(path, told) if is_form else client.get(path, told)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        assert answer.status_code < 500, (path, told)
        assert FOREIGN.encode() not in body
        assert f"{FOREIGN.lower()}.example".encode() not in body

    ask()


def own(world: World, attribute: str) -> Any:
    """What an address names: something of the customer's, or of the whole shop."""
    return getattr(world if hasattr(world, attribute) else world.own, attribute)


@pytest.mark.parametrize("length", LENGTHS, ids=["short", "long"])
def test_no_query_under_a_scope_finds_a_foreign_row_whatever_it_is_filtered_and_sorted_by(
    world: World, length: settings
) -> None:
    tables = {table._meta.db_table: table for table in our_tables() if table._meta.db_table in TABLES}
    allowed = {world.own.customer}

    @length
    @given(st.data(), st.sampled_from(sorted(tables)))
    def ask(data: st.DataObject, name: str) -> None:
        table = tables[name]
        owner = "pk" if name == "customers_customer" else "customer_id"
        query = data.draw(queries(table, owner, world.foreign.customer))
        with acting(Scope.of(world.own.customer)):
            found = set(query.values_list(owner, flat=True)[:1000])
        assert found - allowed <= ({None} if name in OF_THE_PROVIDER_TOO else set()), str(query.query)

    ask()


@st.composite
def queries(draw: st.DrawFn, table: type[models.Model], owner: str, foreign: int) -> models.QuerySet[Any]:
    """A query of a table: filters, alternatives and negations, joins to other tables, any order."""
    fields = [field for field in table._meta.concrete_fields if not isinstance(field, models.BinaryField)]
    names = st.sampled_from([field.attname for field in fields])
    relations = [field.name for field in fields if field.is_relation]
    asked = st.one_of(
        st.tuples(names.map("{}__isnull".format), st.booleans()),
        st.tuples(st.just("pk__gte"), st.integers(-5, 500)),
        st.tuples(st.sampled_from([owner, f"{owner}__gte"]), st.sampled_from([0, 1, foreign])),
        *([st.tuples(st.sampled_from(relations).map("{}__pk__gte".format), st.integers(0, 50))] if relations else []),
    ).map(lambda pair: models.Q(**{pair[0]: pair[1]}))
    conditions = st.recursive(asked, lambda inner: (inner | st.tuples(inner, inner)).flatmap(_joined), max_leaves=5)
    condition = draw(conditions)
    query: models.QuerySet[Any] = table._default_manager.filter(condition).order_by(draw(names))
    return query.reverse() if draw(st.booleans()) else query


def _joined(conditions: Any) -> st.SearchStrategy[models.Q]:
    if isinstance(conditions, models.Q):
        return st.sampled_from([conditions, ~conditions])
    one, other = conditions
    return st.sampled_from([one & other, one | other, one & ~other])
