"""Ourselves: what is kept, and what is refused in words."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quarterday.provider.actions import (
    ChangedMeanwhile,
    add_device_class,
    add_tax_code,
    add_tax_rule,
    change_logo,
    change_number_series,
    change_provider,
    install_defaults,
    remove_tax_rule,
)
from quarterday.provider.models import Provider, TaxCode
from quarterday.provider.queries import class_names, get_provider, number_patterns, tax_rules
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import NotFound, Refused
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, open_shop


@pytest.fixture(autouse=True)
def desk(database: None) -> Iterator[None]:
    with acting(Scope.all()):
        yield


def refused(error: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {problem.field: problem.message for problem in error.value.problems}


def test_an_empty_installation_says_how_to_begin() -> None:
    with pytest.raises(NotFound, match="provider set-up"):
        get_provider()


def test_defaults_give_a_german_provider_all_it_needs() -> None:
    provider = open_shop()

    assert (provider.name, provider.country, provider.reminder_days_after) == ("Shop", "DE", [3, 14])
    assert list(class_names()) == ["computer", "server", "mobile"]
    assert {kind: series.pattern for kind, series in number_patterns().items()} == {
        "invoice": "INV-{year}-{number:05d}",
        "credit_note": "CN-{year}-{number:05d}",
    }
    # Germany, everywhere else, exempt; and for each of the other 26 members one for businesses and one for others.
    assert len(tax_rules()) == 3 + 26 * 2


@pytest.mark.parametrize(("language", "name"), [("en", "Mobile device"), ("de", "Mobilgerät"), ("de-AT", "Mobilgerät")])
def test_device_classes_are_called_in_the_providers_language(language: str, name: str) -> None:
    install_defaults(country="DE", language=language, by=BY, now=NOW)

    assert class_names()["mobile"] == name


def test_defaults_twice_change_nothing() -> None:
    open_shop()
    change_provider(get_provider(), name="Renamed", by=BY, now=NOW)

    open_shop()

    assert get_provider().name == "Renamed"
    assert len(tax_rules()) == 55
    assert AuditEntry.objects.filter(verb="set up").count() == 1


def test_a_country_without_a_known_rate_asks_for_it() -> None:
    with pytest.raises(Refused, match="tax_rate: is not known for Brazil"):
        install_defaults(country="BR", by=BY, now=NOW)

    install_defaults(country="BR", tax_rate=Decimal(5), by=BY, now=NOW)
    assert [(rule.country, rule.category, rule.rate) for rule in tax_rules()] == [
        ("", "O", 0),
        ("", "E", 0),
        ("BR", "S", 5),
    ]


def test_an_iban_is_kept_without_spaces_and_the_change_is_told() -> None:
    provider = open_shop()

    change_provider(provider, iban="de89 3704 0044 0532 0130 00", by=BY, now=NOW)

    assert Provider.objects.get().iban == "DE89370400440532013000"
    entry = AuditEntry.objects.get(verb="changed")
    assert entry.details == {"iban": ["", "DE89370400440532013000"]}
    assert (entry.actor_name, entry.at) == ("Clara Clerk", NOW)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "is missing"),
        ("name", "x" * 201, "too long (201 characters)"),
        ("name", "two\nlines", "control character"),
        ("name", "half a \ud83d character", "control character"),
        ("country", "Germany", "two letters of ISO 3166"),
        ("country", "EU", "is not a country"),
        ("time_zone", "Berlin", "IANA name such as Europe/Berlin"),
        ("time_zone", "Europe/Berlin\0", "IANA name"),
        ("language", "fr", "use one of de, en"),
        ("iban", "DE00370400440532013000", "check its digits"),
        ("bic", "NOTABIC", "8 or 11 characters"),
        ("vat_id", "DE123456789", "is not a VAT number of Germany"),
        ("paper_size", "a3", "not one of a4, letter"),
        ("accent_colour", "blue", "#206bc4"),
        ("email", "nobody", "is not an e-mail address"),
        ("bill_hour", "24", "from 0 to 23"),
        ("bill_hour", "six", "is not a whole number"),
        ("reminder_days_after", "3, soon", "is not a whole number"),
        ("reminder_texts", {"xx": {}}, "texts by language"),
        ("review_all_bills", "maybe", "neither yes nor no"),
        ("id", 2, "cannot be set here"),
    ],
)
def test_a_wrong_value_is_refused_in_words(field: str, value: Any, words: str) -> None:
    provider = open_shop()

    with pytest.raises(Refused) as error:
        change_provider(provider, by=BY, now=NOW, **{field: value})

    assert list(refused(error)) == [field]
    assert words in refused(error)[field]


def test_all_wrong_values_are_named_at_once() -> None:
    provider = open_shop()

    with pytest.raises(Refused) as error:
        change_provider(provider, by=BY, now=NOW, country="Germany", iban="1", phone="0301234")

    assert list(refused(error)) == ["country", "iban"]
    assert Provider.objects.get().phone == ""


def test_the_second_of_two_editors_is_told() -> None:
    open_shop()
    first, second = get_provider(), get_provider()
    change_provider(first, phone="030 1", by=BY, now=NOW)

    with pytest.raises(ChangedMeanwhile, match="changed by somebody else"):
        change_provider(second, phone="030 2", by=BY, now=NOW)

    assert Provider.objects.get().phone == "030 1"


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 200, 80) + b"\x08\x02\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab" + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 80, 200)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'


STYLED = (
    b"<svg><style>.a { fill: #123; stroke: url( '#b' ) }</style><g style='fill:url(#b)'>"
    b"<image href='data:image/png;base64,iVBORw0KGgo='/><use href='#c'/></g></svg>"
)


@pytest.mark.parametrize(
    ("picture", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (SVG, "image/svg+xml"), (STYLED, "image/svg+xml"), (None, "")],
)
def test_a_logo_is_known_by_its_bytes(picture: bytes | None, kind: str) -> None:
    change_logo(open_shop(), content=picture, by=BY, now=NOW)

    stored = Provider.objects.get()
    assert stored.logo_type == kind
    assert (bytes(stored.logo) if stored.logo else None) == picture


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (b"GIF89a", "is no PNG, JPEG or SVG"),
        (PNG[:20], "is damaged"),
        (PNG.replace(struct.pack(">I", 200), struct.pack(">I", 60_000)), "60000 x 80 pixels"),
        (PNG + b"0" * 1_000_000, "too large"),
        (b"\xff\xd8\xff\xe0\xff", "is damaged"),
        (SVG.replace(b"<path", b"<script>alert(1)</script><path"), "a script element"),
        (SVG.replace(b"<path", b'<image href="https://evil.example/x.png"/><path'), "refers to something else"),
        (SVG.replace(b"<path", b'<path onload="alert(1)"'), "refers to something else"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG, "a document type"),
        (b"<svg><style>@import url(http://evil.example/a.css);</style></svg>", r"something else \(style\)"),
        (b"<svg><style>.a { fill: url('http://evil.example/#a') }</style></svg>", r"something else \(style\)"),
        (b'<svg><rect fill="url( //evil.example/#a)"/></svg>', r"something else \(fill\)"),
        (b'<svg><a><set attributeName="href" to="javascript:alert(1)"/></a></svg>', r"something else \(to\)"),
        (b'<svg><image href="data:image/svg+xml;base64,PHN2Zy8+"/></svg>', r"something else \(href\)"),
        # What draws it goes down element by element, and came to grief at each bill.
        (b"<svg>" + b"<g>" * 65 + b"</g>" * 65 + b"</svg>", "more than 64 elements within each other"),
        (b"<svg>" + b"<g>" * 100_000 + b"</g>" * 100_000 + b"</svg>", "more than 64 elements within each other"),
        (b'<?xml version="1.0" encoding="nonsense"?>' + SVG, "not a readable SVG"),
        (b'<?xml version="1.0" encoding="rot13"?>' + SVG, "not a readable SVG"),
        # Two Chinese letters of UTF-16 are the bytes of <svg, and its document type has other bytes than the one above.
        ('<!DOCTYPE svg [<!ENTITY a "a">]><!--\u733c\u6776--><svg/>'.encode("utf-16"), "not in UTF-8"),
        (SVG[:-3], "not a readable SVG"),
    ],
)
def test_a_harmful_or_broken_picture_is_refused(picture: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        change_logo(open_shop(), content=picture, by=BY, now=NOW)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("INV-{year}", "has no {number}"),
        ("INV-{number:05d}", "has no {year}, but restarts"),
        ("INV-{year}-{number.__class__}", "knows only"),
        ("INV-{year}-{number:>99999}", "knows only"),
        ("INV-{year}-{", "knows only"),
        ("CN-{year}-{number:05d}", "the same numbers"),
        ("A-very-long-word-that-fills-paper-{year}-{number}", "more than 30"),
    ],
)
def test_a_pattern_that_cannot_number_is_refused(pattern: str, words: str) -> None:
    open_shop()

    with pytest.raises(Refused, match=words):
        change_number_series(kind="invoice", pattern=pattern, restarts_yearly=True, given_twice=None, by=BY, now=NOW)


def test_another_pattern_is_taken() -> None:
    open_shop()

    change_number_series(
        kind="invoice", pattern="{number:06d}", restarts_yearly=False, given_twice=None, by=BY, now=NOW
    )

    assert number_patterns()["invoice"].pattern == "{number:06d}"


@pytest.mark.parametrize("key", ["", "Über", "a" * 41, "two words", "'; drop table"])
def test_a_class_key_is_small_letters(key: str) -> None:
    open_shop()

    with pytest.raises(Refused, match="key: "):
        add_device_class(key=key, name="Switch", by=BY, now=NOW)


def test_an_added_class_comes_last_and_only_once() -> None:
    open_shop()
    add_device_class(key="switch", name="Network switch", by=BY, now=NOW)

    assert list(class_names()) == ["computer", "server", "mobile", "switch"]
    with pytest.raises(Refused, match="exists already"):
        add_device_class(key="switch", name="Again", by=BY, now=NOW)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"category": "X"}, "category"),
        ({"category": "S", "rate": Decimal(101)}, "rate"),
        ({"category": "Z", "rate": Decimal(7)}, "rate"),
        ({"category": "AE"}, "reason"),
        ({"category": "S", "rate": Decimal(5), "region": "QC"}, "country"),
        ({"category": "S", "rate": Decimal(5), "components": [("GST", Decimal(4))]}, "components"),
        ({"category": "S", "rate": Decimal("NaN")}, "rate"),
    ],
)
def test_a_tax_rule_that_no_bill_could_print_is_refused(rule: dict[str, Any], field: str) -> None:
    open_shop()
    code = add_tax_code(code="books", name="Books", by=BY, now=NOW)

    with pytest.raises(Refused) as error:
        add_tax_rule(code, by=BY, now=NOW, **rule)

    assert field in refused(error)


def test_a_rule_that_has_begun_stays_and_one_to_come_can_go() -> None:
    open_shop()
    code = TaxCode.objects.get(code="standard")
    rule = add_tax_rule(code, category="S", rate=Decimal(20), country="DE", valid_from=date(2027, 1, 1), by=BY, now=NOW)

    with pytest.raises(Refused, match="has come, so the rule stays"):
        remove_tax_rule(rule, today=date(2027, 1, 1), by=BY, now=NOW)
    remove_tax_rule(rule, today=date(2026, 12, 31), by=BY, now=NOW)

    assert len(tax_rules()) == 55


def test_a_customers_scope_may_read_the_provider_and_not_change_it() -> None:
    from django.db import ProgrammingError, transaction

    provider = open_shop()

    with acting(Scope.of(1)):
        assert get_provider().name == "Shop"
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Provider.objects.filter(pk=provider.pk).update(name="Mine")
