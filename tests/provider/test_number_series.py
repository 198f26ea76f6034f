"""How documents are numbered: which patterns are taken, and what the trail says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quarterday.provider.actions import change_number_series
from quarterday.provider.models import NumberSeries
from quarterday.provider.queries import number_patterns
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, open_shop


@pytest.fixture(autouse=True)
def shop(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        open_shop()
        yield


def number_invoices(pattern: str, *, restarts_yearly: bool = True) -> NumberSeries:
    return change_number_series(
        kind="invoice", pattern=pattern, restarts_yearly=restarts_yearly, given_twice=None, by=BY, now=NOW
    )


@pytest.mark.parametrize(
    "pattern", ["{year}/{number}", "R{year}-{number:5d}", "{number:05d}-{year:04d}", "{number:12d}{{}}-{year}"]
)
def test_a_number_has_its_year_and_as_many_digits_as_wanted(pattern: str) -> None:
    assert number_invoices(pattern).pattern == pattern
    assert number_patterns()["invoice"].pattern == pattern


@pytest.mark.parametrize(
    "pattern", ["{year}-{number:x}", "{year}-{number:100d}", "{year}-{number:05dx}", "{number!r}{}"]
)
def test_no_other_way_to_write_a_number_is_known(pattern: str) -> None:
    with pytest.raises(Refused, match=r"knows only \{year\} and \{number\}") as error:
        number_invoices(pattern)
    assert [problem.field for problem in error.value.problems] == ["pattern"]


def test_the_ten_millionth_number_has_30_characters_at_most() -> None:
    fits = "A-prefix-of-18-let" + "{year}{number}"
    assert len(fits.format(year=2026, number=10**7)) == 30
    number_invoices(fits)

    with pytest.raises(Refused, match="more than 30 characters"):
        number_invoices("X" + fits)


def test_a_pattern_itself_has_60_characters_at_most() -> None:
    fits = "{year:04d}" * 4 + "{number:1d}" + "{{}}{{}}" + "R"
    assert len(fits) == 60
    number_invoices(fits)

    with pytest.raises(Refused, match="more than 30 characters"):
        number_invoices("X" + fits)


def test_two_kinds_of_document_may_not_get_the_same_numbers() -> None:
    with pytest.raises(Refused, match="gives the same numbers as the one for"):
        number_invoices("CN-{year}-{number:05d}")
    # The same as it was is no other kind's, and may be said again.
    assert number_invoices("INV-{year}-{number:05d}").kind == "invoice"


def test_a_kind_that_nobody_issues_is_refused() -> None:
    with pytest.raises(Refused, match="'letter' is not one of invoice, credit_note") as error:
        change_number_series(
            kind="letter", pattern="{year}{number}", restarts_yearly=True, given_twice=None, by=BY, now=NOW
        )
    assert [problem.field for problem in error.value.problems] == ["kind"]


def test_a_series_without_years_is_kept_with_its_entry_in_the_trail() -> None:
    series = number_invoices("R{number:06d}", restarts_yearly=False)

    assert (series.kind, series.pattern, series.restarts_yearly) == ("invoice", "R{number:06d}", False)
    assert number_patterns()["invoice"].restarts_yearly is False
    assert number_patterns()["credit_note"].pattern == "CN-{year}-{number:05d}"
    entry = AuditEntry.objects.get(verb="changed")
    assert (entry.actor_name, entry.at, entry.subject_id) == (BY.name, NOW, series.pk)
    assert entry.details == {"kind": "invoice", "pattern": "R{number:06d}", "yearly": False}
