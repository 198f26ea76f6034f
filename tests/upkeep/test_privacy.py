"""What a customer may ask for: all that is known of it and nothing of others, and to be forgotten but for the books."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from quarterday.accounts.actions import change_user, create_user
from quarterday.accounts.models import User
from quarterday.audit.queries import audit
from quarterday.bills.models import Bill, BillDownload, BillFacts
from quarterday.bills.packing import unpack
from quarterday.bills.printing import print_some
from quarterday.customers.actions import add_contact, add_customer, change_customer
from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device
from quarterday.outbox.actions import Enclosure, NewMessage, Ready, make_ready, post_messages
from quarterday.outbox.models import Delivery, MailServer
from quarterday.outbox.sending import send_due
from quarterday.payments.actions import record_payment
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor, Scope
from quarterday.subscriptions.actions import archive_customer, disassociate
from quarterday.upkeep.backup.tables import spell_alike, tables_of, text_of
from quarterday.upkeep.privacy.erasing import erase_customer, preview_erasure
from quarterday.upkeep.privacy.places import KEPT, PLACES
from quarterday.upkeep.privacy.portfolio import write_portfolio
from quarterday.upkeep.seals import broken_seals, seal_entries
from tests.bills.desk import bill_on
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.outbox.post import scripted_post
from tests.shop import BY, NOW, a_customer, a_plan, a_subscription, open_shop

APRIL, MAY_1, MAY_2 = date(2026, 4, 1), date(2026, 5, 1), datetime(2026, 5, 2, 9, tzinfo=UTC)
ON_BILLS = ("zz-name", "zz-street", "zz-ap@zz.example", "zz-pc")
"""What the issued bill says, and so keeps: name, address, whom it went to, the device that it charges."""

FORGOTTEN = (
    *("zz-note", "zz-contact", "zz-phone", "zz-contact@zz.example", "zz-printer", "zz-reason", "zz-agreed", "zz-old"),
    *("zz-user", "zz-user@zz.example", "zz-body", "zz-file", "zz-statement"),
)
"""Everything else."""


def leaver() -> Customer:
    """A customer whose every word is a canary: served in April, billed, mailed, paid, gone and archived."""
    open_shop()
    customer = add_customer(
        name="zz-old",
        street="zz-street 1",
        city="Kiel",
        notes="zz-note",
        emails=["zz-ap@zz.example"],
        country="DE",
        time_zone="Europe/Berlin",
        currency="EUR",
        by=BY,
        now=NOW,
    )
    change_customer(customer, name="zz-name", by=BY, now=NOW)
    add_contact(customer, name="zz-contact", email="zz-contact@zz.example", phone="zz-phone", by=BY, now=NOW)
    user = create_user(email="zz-user@zz.example", name="zz-user", role="contact", customers=[customer], by=BY, now=NOW)
    themselves = Actor("person", "zz-user", user.pk, address="198.51.100.7")
    change_user(user, language="de", by=themselves, now=NOW)
    devices = present(customer, "zz-pc  #>\nzz-printer printer  #>", start=APRIL)
    days = Period.since(APRIL)
    except_device(devices["zz-printer"], days=days, reason="zz-reason", agreed_by="zz-agreed", now=NOW, by=BY)
    subscription = a_subscription(customer, a_plan(), review_first_bill=False)
    bill_on(MAY_1)
    print_some(now=MAY_2)
    BillDownload.objects.create(
        customer=customer, bill=Bill.objects.get(), downloaded_at=MAY_2, downloaded_by="zz-user"
    )
    disassociate([subscription], last_day=date(2026, 4, 30), by=BY, now=MAY_2)
    record_payment(
        customer, amount=Bill.objects.get().total, currency="EUR", received_on=MAY_2.date(), now=MAY_2, by=BY
    )
    key = post_messages(
        [NewMessage("statement/1", "statement", customer.pk, ["zz-user@zz.example"], not_before=MAY_2)], now=MAY_2
    )["statement/1"]
    enclosure = Enclosure("zz-file.pdf", b"zz-statement")
    make_ready([Ready(key, "zz-body", "Dear zz-body", [enclosure])], now=MAY_2)
    archive_customer(customer, on=MAY_2.date(), by=BY, now=MAY_2)
    return customer


def mail_everything() -> None:
    with scripted_post() as post:
        with acting(Scope.all()):
            MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
        send_due(clock=lambda: MAY_2)
        assert len(post.taken) == 2


def found_in_tables(word: str) -> set[str]:
    """Tables of the whole database in whose text a word is, also as bytes and within packed facts."""
    spellings = [word.encode(), word.encode().hex().encode()]
    with acting(Scope.all()):
        spell_alike(connection)
        found = {
            table.name
            for table in tables_of(connection)
            for content in [b"".join(text_of(connection, table.name, table.columns, table.key))]
            if any(spelling in content for spelling in spellings)
        }
        if any(word.encode() in unpack(bytes(facts.data)) for facts in BillFacts.objects.all()):
            found.add("bills_billfacts")
    return found


def test_what_is_erased_is_nowhere_but_in_the_documents_that_the_law_keeps(fresh_database: None) -> None:
    with acting(Scope.all()):
        customer = leaver()
        a_customer("South Law")
        seal_entries(now=MAY_2)
    mail_everything()
    with acting(Scope.all()):
        seal_entries(now=MAY_2)
    before = {word: found_in_tables(word) for word in (*ON_BILLS, *FORGOTTEN)}
    assert all(before.values()), "every canary is somewhere"

    with acting(Scope.all()):
        erase_customer(customer, by=BY, now=MAY_2)

    assert {word: tables for word in FORGOTTEN if (tables := found_in_tables(word))} == {}
    assert {word: tables for word in ON_BILLS if (tables := found_in_tables(word) - set(KEPT))} == {
        # The bill's explanation names the devices that it charges.
        "zz-pc": {"inventory_device", "inventory_presence"},
    }
    with acting(Scope.all()):
        assert Customer.objects.get(pk=customer.pk).name == f"Erased {customer.number}"
        assert not User.objects.get(role="contact").is_active
        assert [broken.words for broken in broken_seals()] == []
        entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor_name) == ("erased the personal data of", "Clara Clerk")
    assert len(entry.details["seals"]) == 1
    assert [kept.promise for kept in audit(now=MAY_2) if not kept.holds] == [], "the books hold"


def test_an_entry_that_changes_without_an_erasures_note_still_breaks_its_seal(fresh_database: None) -> None:
    with acting(Scope.all()):
        a_customer("North Dental")
        seal_entries(now=NOW)
    with acting(Scope.all()):
        seal_entries(now=NOW)
    with acting(Scope.all()), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('quarterday.erasing', 'on', true)")
        cursor.execute("UPDATE shared_auditentry SET details = '{}', subject_name = 'Nobody'")

    with acting(Scope.all()):
        assert [broken.words for broken in broken_seals()] == ["an entry after 0 up to 1 is not what was sealed"]


@pytest.mark.parametrize("change", ["verb = 'did nothing'", "at = now()", "user_id = 7", "customer_id = NULL"])
def test_an_erasure_takes_out_words_and_nothing_else(database: None, change: str) -> None:
    with acting(Scope.all()):
        a_customer()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('quarterday.erasing', 'on', true)")
            with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
                cursor.execute(f"UPDATE shared_auditentry SET {change}")


def test_a_customer_that_is_served_owes_or_waits_for_mail_is_not_erased(database: None) -> None:
    with acting(Scope.all()):
        open_shop()
        customer = a_customer()
        present(customer, "PC-1  #>", start=APRIL)
        a_subscription(customer, a_plan(), review_first_bill=False)
        bill_on(MAY_1)
        print_some(now=MAY_2)

        with pytest.raises(Refused) as refused:
            preview_erasure(customer)

    assert str(refused.value).splitlines() == [
        "customer: North Dental is not archived: end its plans and archive it first.",
        "customer: The account of North Dental in EUR is not settled: 35.70 is open.",
        "customer: 1 mails to North Dental are on their way: wait, or cancel them.",
    ]


def test_every_table_with_a_customers_words_is_kept_for_a_reason_or_erased() -> None:
    worded = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
    theirs = {
        table._meta.db_table
        for table in apps.get_models()
        if any(field.column == "customer_id" for field in table._meta.concrete_fields)
        and any(isinstance(field, worded) for field in table._meta.concrete_fields)
    }
    told = {*KEPT, *(place.table for place in PLACES), "shared_auditentry"}

    assert theirs - told == set(), "say in privacy/places.py what becomes of it"
    assert not set(KEPT) & {place.table for place in PLACES}


def test_a_portfolio_has_everything_of_one_customer_and_nothing_of_another(database: None) -> None:
    with acting(Scope.all()):
        customer = leaver()
        other = a_customer("South Law", notes="yy-note")
        present(other, "yy-pc  #>", start=APRIL)
    file = io.BytesIO()

    names = write_portfolio(file, customer, now=MAY_2)

    with zipfile.ZipFile(file) as portfolio:
        told = b"".join(portfolio.read(name) for name in names)
        data = json.loads(portfolio.read("data.json"))
        (pdf,) = [name for name in names if name.endswith(".pdf") and name.startswith("bills/")]
        assert portfolio.read(pdf).startswith(b"%PDF")
        assert json.loads(portfolio.read(pdf.replace(".pdf", ".json")))
    assert [word for word in (*ON_BILLS, *FORGOTTEN) if word.encode() not in told] == []
    assert b"yy-" not in told
    assert b"South" not in told
    assert data["customers_customer"][0]["notes"] == "zz-note"
    assert {"README.txt", "bills.csv", "trail.csv", "tables/customers_contact.csv"} <= set(names)


def test_the_commands_show_first_and_erase_when_told(database: None, tmp_path) -> None:
    with acting(Scope.all()):
        customer = leaver()
        Delivery.objects.update(state="cancelled")
    out = tmp_path / "data.zip"

    exported = run("customers", "export-data", customer.number, "--out", str(out))
    shown = run("customers", "erase", customer.number)

    assert exported.code == 0
    assert zipfile.is_zipfile(out)
    assert out.stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert shown.code == 0
    assert "Nothing was changed" in shown.out
    assert "1  contacts" in shown.out
    assert "1 issued bills and 1 payments stay" in shown.out
    with acting(Scope.all()):
        assert Customer.objects.get(pk=customer.pk).name == "zz-name"

    assert run("customers", "erase", customer.number, "--apply").code == 0
    with acting(Scope.all()):
        assert Customer.objects.get(pk=customer.pk).name == f"Erased {customer.number}"
        verbs = AuditEntry.objects.filter(subject_kind="customers.Customer", subject_id=customer.pk)
        assert {"exported the data of", "erased the personal data of"} <= set(verbs.values_list("verb", flat=True))
