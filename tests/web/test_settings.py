"""Settings: the provider, its paper, numbers and taxes, hours and texts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quarterday.bills.models import NumberCounter
from quarterday.provider.actions import add_tax_code, add_tax_rule
from quarterday.provider.models import DeviceClass, NumberSeries, Provider, TaxCode, TaxRule
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from tests.shop import BY, NOW, open_shop
from tests.web.plans_desk import counting_queries, fields_of, text_of

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>'
PAGES = [
    "/settings/",
    "/settings/provider/",
    "/settings/bank/",
    "/settings/appearance/",
    "/settings/numbering/",
    "/settings/taxes/",
    "/settings/classes/",
    "/settings/billing/",
    "/settings/mail/",
    "/settings/outbox/",
    "/settings/reminders/",
    "/settings/reminders/reminder_after/de/",
    "/settings/users/",
    "/settings/users/add/",
]


@pytest.fixture
def shop(sign_in) -> Client:
    """The admin's browser in a German shop."""
    with acting(Scope.all()):
        open_shop()
    return sign_in("admin")


def provider() -> Provider:
    with acting(Scope.all()):
        return Provider.objects.get()


def change(client: Client, page: str, **changes: object):
    """Change some fields of a page's form, as a person does, and save."""
    return client.post(page, {**fields_of(client.get(page)), **changes})


@pytest.mark.parametrize("role", ["clerk", "auditor", "customer_admin", "contact"])
def test_settings_are_for_admins(sign_in, role):
    client = sign_in(role)
    closed = [page for page in PAGES if client.get(page).status_code == 403]
    assert closed == [page for page in PAGES if (page, role) != ("/settings/outbox/", "clerk")]


@pytest.mark.parametrize("page", PAGES)
def test_every_section_opens_with_few_queries(shop, page):
    with counting_queries() as queries:
        assert shop.get(page).status_code == 200
    assert len(queries) <= 8, queries


@pytest.mark.parametrize("page", PAGES)
def test_every_section_opens_in_an_empty_installation_or_leads_to_its_provider(sign_in, page):
    answer = sign_in("admin").get(page, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain in ([], [("/settings/provider/", 302)])


def test_the_menu_marks_the_present_section(shop):
    page = shop.get("/settings/bank/").content.decode()
    assert page.count('href="/settings/bank/" aria-current="page"') == 2  # beside the page, and above it on a phone


def test_the_way_down_names_the_present_page(shop):
    bank = shop.get("/settings/bank/").content.decode()
    assert '<li class="breadcrumb-item active" aria-current="page">Bank</li>' in bank

    adding = shop.get("/settings/users/add/").content.decode()
    assert '<li class="breadcrumb-item"><a href="/settings/users/">Users</a></li>' in adding
    assert '<li class="breadcrumb-item active" aria-current="page">Add a user</li>' in adding


# The provider --------------------------------------------------------------------------------------------------------


def test_the_first_provider_gets_what_its_country_s_taxes_need(sign_in):
    client = sign_in("admin")
    answer = change(client, "/settings/provider/", name="Nordlicht IT", country="AT", time_zone="Europe/Vienna")
    assert answer["Location"] == "/start/"
    with acting(Scope.all()):
        assert TaxRule.objects.get(country="AT", status="").rate == Decimal(20)
        assert [row.key for row in DeviceClass.objects.all()] == ["computer", "server", "mobile"]


def test_a_changed_field_is_saved_and_told(shop):
    answer = change(shop, "/settings/provider/", city="Hamburg", vat_id="DE 136 695 976")
    assert answer.status_code == 302
    assert (provider().city, provider().vat_id) == ("Hamburg", "DE136695976")
    with acting(Scope.all()):
        assert AuditEntry.objects.get(verb="changed").details == {"city": ["", "Hamburg"]}


def test_what_is_wrong_stands_beside_its_field(shop):
    page = change(shop, "/settings/provider/", vat_id="DE999").content.decode()
    assert 'id="id_vat_id_error"' in page
    assert "is not a VAT number of Germany" in page
    assert provider().vat_id == "DE136695976"


def test_of_two_edits_at_once_the_second_is_told(shop):
    seen = fields_of(shop.get("/settings/provider/"))
    change(shop, "/settings/provider/", city="Hamburg")
    answer = shop.post("/settings/provider/", {**seen, "phone": "1"})
    assert "was changed by somebody else in the meantime" in answer.content.decode()
    assert (provider().city, provider().phone) == ("Hamburg", "")


def test_an_iban_is_checked(shop):
    assert "is not an IBAN" in change(shop, "/settings/bank/", iban="DE00 1234").content.decode()
    change(shop, "/settings/bank/", iban="DE89 3704 0044 0532 0130 00")
    assert provider().iban == "DE89370400440532013000"


# Appearance ----------------------------------------------------------------------------------------------------------


def test_a_logo_is_taken_shown_and_taken_away(shop):
    shop.post("/settings/appearance/logo/", {"logo": SimpleUploadedFile("logo.svg", LOGO)})
    shown = shop.get("/settings/appearance/logo/")
    assert (shown.content, shown["Content-Type"]) == (LOGO, "image/svg+xml")
    shop.post("/settings/appearance/logo/", {"remove": "yes"})
    assert provider().logo is None


def test_a_picture_that_acts_is_no_logo(shop):
    svg = LOGO.replace(b"<rect", b"<script>alert(1)</script><rect")
    answer = shop.post("/settings/appearance/logo/", {"logo": SimpleUploadedFile("logo.svg", svg)})
    assert "is an SVG with a script element" in answer.content.decode()


def test_the_preview_follows_what_is_typed_and_saves_nothing(shop):
    frame = shop.get("/settings/appearance/preview/", {"accent_colour": "#aa0000", "paper_size": "letter"})
    assert "/settings/appearance/preview.pdf?accent_colour=%23aa0000&amp;paper_size=letter" in frame.content.decode()
    red = shop.get("/settings/appearance/preview.pdf", {"accent_colour": "#aa0000", "paper_size": "letter"})
    blue = shop.get("/settings/appearance/preview.pdf", {})
    assert red["Content-Type"] == "application/pdf"
    assert red.content.startswith(b"%PDF-")
    assert red.content != blue.content
    assert provider().accent_colour == "#206bc4"


def test_a_preview_of_what_cannot_be_shows_what_is_saved(shop):
    odd = shop.get("/settings/appearance/preview.pdf", {"accent_colour": "loud", "language": "tlh"})
    assert odd.content == shop.get("/settings/appearance/preview.pdf").content


def test_appearance_is_saved(shop):
    change(shop, "/settings/appearance/", accent_colour="#AA0000", paper_size="letter", footer="HRB 1")
    assert (provider().accent_colour, provider().paper_size, provider().footer) == ("#aa0000", "letter", "HRB 1")


def test_the_preview_looks_first_without_a_script(shop):
    page = change(shop, "/settings/appearance/", accent_colour="#00aa00", language="de", look="yes").content.decode()
    assert 'value="#00aa00"' in page
    assert "preview.pdf?accent_colour=%2300aa00" in page
    assert provider().accent_colour == "#206bc4"


# Numbering -----------------------------------------------------------------------------------------------------------


def test_numbering_shows_the_next_number_and_takes_none(shop, time_machine):
    time_machine.move_to(NOW, tick=False)
    with acting(Scope.all()):
        NumberCounter.objects.create(kind="invoice", year=2026, last_number=41)
    assert "INV-2026-00042" in text_of(shop.get("/settings/numbering/"))
    assert "CN-2026-00001" in text_of(shop.get("/settings/numbering/"))


def test_a_pattern_is_changed_for_one_kind(shop):
    shop.post("/settings/numbering/", {"kind": "invoice", "pattern": "R{number:06d}"})
    with acting(Scope.all()):
        assert dict(NumberSeries.objects.values_list("kind", "pattern")) == {
            "invoice": "R{number:06d}",
            "credit_note": "CN-{year}-{number:05d}",
        }


def test_a_pattern_that_would_repeat_numbers_is_refused_beside_its_field(shop):
    page = shop.post("/settings/numbering/", {"kind": "invoice", "pattern": "R{number}", "restarts_yearly": "on"})
    assert "numbers would come twice" in page.content.decode()
    assert 'id="id_invoice_pattern_error"' in page.content.decode()


# Taxes and classes ---------------------------------------------------------------------------------------------------


def test_a_tax_code_is_added_and_gets_a_rule(shop):
    answer = shop.post("/settings/taxes/", {"code": "hardware", "name": "Hardware", "revenue_account": "8400"})
    shop.post(answer["Location"], {"country": "DE", "category": "S", "rate": "19", "valid_from": "2026-07-01"})
    with acting(Scope.all()):
        rule = TaxRule.objects.get(tax_code__code="hardware")
    assert (rule.country, rule.rate, rule.valid_from) == ("DE", Decimal(19), date(2026, 7, 1))


def test_a_rule_with_parts_adds_up_or_is_refused(shop):
    with acting(Scope.all()):
        code = add_tax_code(code="qc", name="Québec", by=BY, now=NOW)
    page = f"/settings/taxes/{code.pk}/"
    told = {"country": "CA", "region": "QC", "category": "S", "rate": "14.975", "components": "GST 5\nQST 9"}
    assert "must add up to the rate of 14.975 %" in shop.post(page, told).content.decode()
    shop.post(page, {**told, "components": "GST 5\nQST 9.975"})
    with acting(Scope.all()):
        parts = TaxRule.objects.get(tax_code=code).components
    assert parts == [{"name": "GST", "rate": "5"}, {"name": "QST", "rate": "9.975"}]


def test_only_a_rule_that_has_not_begun_is_taken_back(shop, time_machine):
    time_machine.move_to(NOW, tick=False)
    with acting(Scope.all()):
        code = TaxCode.objects.get()
        old = TaxRule.objects.get(country="DE", status="")
        new = add_tax_rule(
            code, country="DE", category="S", rate=Decimal(16), valid_from=date(2026, 7, 1), by=BY, now=NOW
        )
    assert text_of(shop.get(f"/settings/taxes/{code.pk}/")).count("Take back") == 1
    refused = shop.post(f"/settings/taxes/rules/{old.pk}/remove/", follow=True)
    shop.post(f"/settings/taxes/rules/{new.pk}/remove/")
    assert "the rule stays" in text_of(refused)
    with acting(Scope.all()):
        assert list(TaxRule.objects.filter(country="DE", status="")) == [old]


def test_a_tax_code_s_name_and_account_change(shop):
    with acting(Scope.all()):
        pk = TaxCode.objects.get().pk
    shop.post(f"/settings/taxes/{pk}/", {"rename": "yes", "name": "Services", "revenue_account": "8400"})
    with acting(Scope.all()):
        assert TaxCode.objects.values_list("name", "revenue_account").get() == ("Services", "8400")


def test_a_class_of_one_s_own_is_added_renamed_and_moved(shop):
    shop.post("/settings/classes/", {"key": "network-switch", "name": "Switch"})
    with acting(Scope.all()):
        pk = DeviceClass.objects.get(key="network-switch").pk
    shop.post(f"/settings/classes/{pk}/", {"name": "Network switch", "position": "0"})
    assert "already" in text_of(shop.post("/settings/classes/", {"key": "server", "name": "Server"}))
    with acting(Scope.all()):
        assert DeviceClass.objects.values_list("name", "position").get(pk=pk) == ("Network switch", 0)


def test_a_foreign_number_is_a_404(shop):
    assert [shop.get(f"/settings/{what}/999/").status_code for what in ("taxes", "classes", "users")] == [404] * 3


# Hours, guards, reminders, texts -------------------------------------------------------------------------------------


def test_hours_and_guards_are_saved(shop):
    change(shop, "/settings/billing/", bill_hour="5", review_all_bills="on", total_change_percent="80")
    saved = provider()
    assert (saved.bill_hour, saved.review_all_bills, saved.total_change_percent) == (5, True, 80)


def test_a_guard_out_of_bounds_is_refused_with_its_bounds(shop):
    page = change(shop, "/settings/billing/", feed_stale_days="0").content.decode()
    assert "write a number from 1 to 365" in page


def test_the_reminders_schedule_is_saved(shop):
    change(shop, "/settings/reminders/", reminder_days_before="", reminder_days_after="21, 7")
    assert (provider().reminder_days_before, provider().reminder_days_after) == (None, [7, 21])
    assert "7, 21" in shop.get("/settings/reminders/").content.decode()


def test_a_text_is_written_in_our_own_words_and_back(shop):
    page = "/settings/reminders/reminder_after/de/"
    change(shop, page, body="Hallo {customer}, da fehlt noch etwas:\n\n{bills}")
    assert provider().reminder_texts == {
        "reminder_after.de": {"body": "Hallo {customer}, da fehlt noch etwas:\n\n{bills}"}
    }
    shown = text_of(shop.get(page))
    assert "Hallo North Dental, da fehlt noch etwas:" in shown
    assert "INV-2026-00042" in shown

    change(shop, page, subject="", body="")
    assert provider().reminder_texts == {}


def test_an_unknown_name_in_a_text_is_told_with_those_that_are_known(shop):
    page = change(shop, "/settings/reminders/reminder_after/en/", body="Dear {client}")
    shown = text_of(page)
    assert "The text uses {client}, which is not known here. Known are {provider}, {customer}" in shown
    assert provider().reminder_texts == {}


def test_a_brace_too_many_is_told(shop):
    page = change(shop, "/settings/reminders/bill/en/", subject="Bill {number")
    assert "a brace too many or too few" in text_of(page)


def test_a_text_can_be_looked_at_before_it_is_saved(shop):
    page = change(shop, "/settings/reminders/bill/en/", subject="Your bill {number}", look="yes")
    assert "Your bill INV-2026-00042" in text_of(page)
    assert provider().reminder_texts == {}


@pytest.mark.parametrize(
    ("letter", "reads"),
    [
        ("reminder_before/en", "Invoice INV-2026-00042 of 1 April 2026: EUR 1,234.50 open, due on 15 April 2026"),
        ("reminder_after/en", "Invoice INV-2026-00042 of 1 April 2026: EUR 1,234.50 open, due since 15 April 2026"),
        ("credit_note/de", "anbei erhalten Sie die Rechnungskorrektur CN-2026-00042 vom 1. April 2026"),
    ],
)
def test_a_preview_reads_as_the_mail_will(shop, letter, reads):
    assert reads in text_of(shop.get(f"/settings/reminders/{letter}/")).replace("\xa0", " ")


def test_a_credit_note_is_never_due_so_its_text_has_no_due_day(shop):
    page = change(shop, "/settings/reminders/credit_note/en/", body="Due on {due}")
    assert "The text uses {due}, which is not known here" in text_of(page)


def test_a_letter_that_does_not_exist_is_a_404(shop):
    assert shop.get("/settings/reminders/love/en/").status_code == 404
    assert shop.get("/settings/reminders/bill/xx/").status_code == 404
