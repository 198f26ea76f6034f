"""`quarterday audit` tells a person and a program what it found."""

from __future__ import annotations

import pytest

from quarterday.audit import queries
from quarterday.customers.models import Customer
from quarterday.outbox.models import Delivery
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.audit.books import END, keep_books
from tests.cli.terminal import run
from tests.shop import NOW


def test_an_empty_installation_breaks_no_promise(database: None) -> None:
    answer = run("audit")

    assert answer.code == 0
    assert "holds   sums" in answer.out
    assert "BROKEN" not in answer.out


def test_a_broken_promise_is_named_with_its_row_and_ends_with_exit_code_1(database: None) -> None:
    with acting(Scope.all()):
        customer = Customer.objects.create(
            number="C-1",
            name="Nobody's [red]Ltd",
            country="DE",
            time_zone="Europe/Berlin",
            currency="EUR",
            created_at=NOW,
        )

    told, listed = run("audit"), run("audit", "--only", "trail", "--json")

    assert told.code == listed.code == 1
    assert "BROKEN  trail" in told.out
    assert f"customer {customer.pk} (Nobody's [red]Ltd): no audit entry “added” is about it" in told.out
    (trail,) = listed.json
    assert (trail["promise"], trail["holds"]) == ("trail", False)
    assert trail["breaches"][0]["words"] == "no audit entry “added” is about it"


def test_an_unknown_promise_is_wrong_usage(database: None) -> None:
    answer = run("audit", "--only", "luck")

    assert answer.code == 2
    assert "sums, balances, ledger" in answer.err


@pytest.mark.prove
def test_many_bills_are_audited_at_several_desks_with_the_same_answers(
    fresh_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_books()
    with acting(Scope.all()):
        Delivery.objects.filter(state="sent").update(response="")
    alone = queries.audit(now=END)

    monkeypatch.setattr(queries, "MANY_BILLS", 10)
    together = queries.audit(now=END)

    assert together == alone
    assert [kept.promise for kept in together if not kept.holds] == ["mails"]
