"""[4] Every address x method x role x own, foreign and missing object.

What a role may not do is answered 403 whatever is named; what it may not see is answered 404, and nobody can tell by a
single byte whether it exists. `make test` asks a part of it, `make prove` everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.isolation.addresses import ADDRESSES, ENTRANCE, OF_THE_WHOLE_SHOP, ROLES, STAFF, Address, routes
from tests.isolation.world import World
from tests.web.visitor import signed_in

MISSING = 987_654_321
MISSING_KEY = "00000000-0000-4000-8000-000000000000"
OTHER_METHODS = ("put", "patch", "delete", "options")


def _in_short(role: str, name: str) -> bool:
    """Whether `make test` asks: what a customer admin opens, and of all else every twentieth address."""
    if role == "customer_admin" and role in ADDRESSES[name].opens:
        return True
    return (list(ADDRESSES).index(name) + ROLES.index(role)) % 20 == 0


CASES = [
    pytest.param(role, name, marks=() if _in_short(role, name) else pytest.mark.prove)
    for role in ROLES
    for name in ADDRESSES
]


def path_of(name: str, address: Address, world: World, whose: str) -> Iterator[str]:
    """The addresses of an object: `own`, `foreign`, `missing`, and with two parameters also each mixture of two."""
    if whose in ("own", "foreign"):
        yield reverse(name, kwargs={key: _value(world, whose, attribute) for key, attribute in address.names.items()})
    elif whose == "missing":
        for gone in address.names:
            values = {
                key: _missing(attribute) if key == gone else _value(world, "own", attribute)
                for key, attribute in address.names.items()
            }
            yield reverse(name, kwargs=values)
    elif len(address.names) > 1 and not set(address.names.values()) & NOBODYS:
        for strange in address.names:
            values = {
                key: _value(world, "foreign" if key == strange else "own", attribute)
                for key, attribute in address.names.items()
            }
            yield reverse(name, kwargs=values)


NOBODYS = {"tax_code", "tax_rule", "device_class", "letter", "language", "run"}
"""What belongs to the provider: there is no foreign one."""
ONE_PERSONS = {"device_file", "customer_file"}
"""What lies on the admin's desk, and is nobody else's."""
STAFFS = {"sync"}
"""What is of several customers, so that nobody who sees only some of them sees it."""


def _value(world: World, whose: str, attribute: str) -> Any:
    return getattr(world if hasattr(world, attribute) else getattr(world, whose), attribute)


def _missing(attribute: str) -> Any:
    return {"device_file": MISSING_KEY, "customer_file": MISSING_KEY, "letter": "nonsense", "language": "xx"}.get(
        attribute, MISSING
    )


def ask(client: Client, method: str, path: str) -> HttpResponse:
    """The answer; what the request changed is taken back."""
    with transaction.atomic():
        answer = getattr(client, method)(path, {"customer": "C-0001"} if method == "post" else None)
        answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer


@pytest.fixture
def as_role(world: World) -> Any:
    """A browser in which a user of a role has signed in."""

    def sign_in(role: str) -> Client:
        return Client() if role == "anonymous" else signed_in(world.users[role])

    return sign_in


def test_every_route_has_a_row_in_the_table() -> None:
    names = {name for name, _ in routes()}
    assert names - set(ADDRESSES) - ENTRANCE == set()
    assert (set(ADDRESSES) | ENTRANCE) - names == set()


def test_a_route_names_what_the_table_says() -> None:
    named = {name: set(re.findall(r"<\w+:(\w+)>", pattern)) for name, pattern in routes() if name in ADDRESSES}
    assert named == {name: set(address.names) for name, address in ADDRESSES.items()}


@pytest.mark.parametrize(("role", "name"), CASES)
def test_the_answer_is_the_role_s(world: World, as_role: Any, role: str, name: str) -> None:
    address, client = ADDRESSES[name], as_role(role)
    for method in ("get", "post"):
        answers = {
            whose: [ask(client, method, path) for path in path_of(name, address, world, whose)]
            for whose in ("own", "foreign", "missing", "mixed")
        }
        for whose, answer in [(whose, answer) for whose, each in answers.items() for answer in each]:
            expected = _expected(name, role, method, whose)
            assert answer.status_code in expected, (role, method, whose, answer.status_code, answer.body[-3000:])
        refused = {answer.body for each in answers.values() for answer in each if answer.status_code in (403, 404)}
        assert len(refused) <= 1, "a refusal tells what it refuses"


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("contact", marks=pytest.mark.sweep),
        *(pytest.param(role, marks=pytest.mark.prove) for role in STAFF),
    ],
)
def test_no_other_method_does_anything(world: World, as_role: Any, role: str) -> None:
    client = as_role(role)
    answers = {
        (name, method): ask(client, method, path).status_code
        for name, address in ADDRESSES.items()
        for path in path_of(name, address, world, "own")
        for method in OTHER_METHODS
    }
    assert {key: code for key, code in answers.items() if code != 405} == {}


def _expected(name: str, role: str, method: str, whose: str) -> set[int]:
    address = ADDRESSES[name]
    if address.only_acts and method == "get":
        return {405}
    if role == "anonymous":
        return {302}
    if role not in address.opens:
        return {403}
    named = set(address.names.values())
    if whose in ("missing", "mixed") or (named & ONE_PERSONS and role != "admin"):
        return {404}
    if role not in STAFF and name in OF_THE_WHOLE_SHOP:
        return {404}
    if role not in STAFF and (named & STAFFS or (whose == "foreign" and named - NOBODYS)):
        return {404}
    return {200, 302, 422}
