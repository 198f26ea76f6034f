"""What a clerk does from the tab Billing: each act states its consequence, and does what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from quarterday.bills.actions import find_late_truths
from quarterday.bills.models import BillDownload, LateTruth, Parking, PeriodClaim
from quarterday.inventory.models import Device
from quarterday.outbox.models import Delivery
from quarterday.payments.queries import settlements
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import moment
from tests.bills.ledger import present
from tests.web.bills_desk import APRIL, JUNE, MAY, agree, billed, customers, every, fill, open_the_shop, page
from tests.web.conftest import SignIn
from tests.web.plans_desk import text_of


@pytest.fixture(autouse=True)
def may(database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-05-02T09:00:00+00:00", tick=False)
    open_the_shop()


@pytest.fixture
def clerk(sign_in: SignIn) -> Client:
    return sign_in("clerk")


def test_a_draft_says_why_it_waits_and_what_releasing_does_and_is_released(clerk: Client) -> None:
    (draft,) = billed("North Dental", review=True)

    shown = page(clerk, f"/billing/bills/{draft.pk}/")
    after = text_of(clerk.post(f"/billing/bills/{draft.pk}/release/", follow=True))

    assert "This is the first bill for Gold" in shown
    assert "mailed to it@north.example, and EUR 178.50 are owed." in shown
    assert "INV-2026-00001 is issued, due on 16 May 2026." in after
    assert "Released as it was reviewed · Clerk" in after


def test_many_drafts_are_released_at_once(clerk: Client) -> None:
    first, second, third = billed("A", "B", "C", review=True)

    after = text_of(
        clerk.post("/billing/bills/waiting/decide/", {"draft": [str(first.pk), str(third.pk)]}, follow=True)
    )

    assert "2 bills are issued." in after
    assert [bill.pk for bill in every() if not hasattr(bill, "issue")] == [second.pk]
    assert "tick the bills" in text_of(clerk.post("/billing/bills/waiting/decide/", follow=True))


def test_many_drafts_are_counted_anew_or_discarded_for_now_or_for_good(clerk: Client) -> None:
    first, second, third = billed("A", "B", "C", review=True)

    def decide(act: str, *drafts: Any, **fields: str) -> str:
        told = {"act": act, "draft": [str(draft.pk) for draft in drafts], **fields}
        return text_of(clerk.post("/billing/bills/waiting/decide/", told, follow=True))

    assert "1 bill was counted anew." in decide("recount", first)
    assert "2 drafts are discarded. The next run bills their periods again." in decide("discard", second, third)
    again = every()[-1]
    assert "A: Draft" not in decide("waive", again, waive_reason=" ")
    assert "say why these periods are not billed" in decide("waive", again, waive_reason=" ")
    assert "1 draft is discarded, and its periods are never billed." in decide("waive", again, waive_reason="Trial")
    assert f"A: Draft {again.pk} was discarded." in decide("release", again)
    assert "Nothing was chosen" in decide("burn", again)


def test_a_draft_is_counted_anew(clerk: Client) -> None:
    (draft,) = billed("North Dental", review=True)
    with acting(Scope.all()):
        present(draft.customer, "PC-3 #>", start=APRIL, learned_at=moment(MAY, 12))

    after = text_of(clerk.post(f"/billing/bills/{draft.pk}/recount/", follow=True))

    assert "Counted anew: it comes to EUR 214.20 now." in after
    assert "See the bill that replaced it" in page(clerk, f"/billing/bills/{draft.pk}/")


def test_a_draft_is_discarded_for_now_or_for_good(clerk: Client) -> None:
    first, second = billed("A", "B", review=True)

    again = fill(clerk, f"/billing/bills/{first.pk}/discard/", what="again")
    refused = fill(clerk, f"/billing/bills/{second.pk}/discard/", what="waive", waive_reason="")
    waived = fill(clerk, f"/billing/bills/{second.pk}/discard/", what="waive", waive_reason="Trial month")

    assert (again.status_code, refused.status_code, waived.status_code) == (302, 200, 302)
    assert "say why these periods are not billed" in text_of(refused)
    with acting(Scope.all()):
        assert [c.reason for c in PeriodClaim.objects.filter(released_at=None)] == ["Trial month"]
    assert "Discarded by Clerk" in page(clerk, f"/billing/bills/{second.pk}/")


def test_a_charge_on_a_draft_shows_its_new_total_first(clerk: Client) -> None:
    (draft,) = billed("North Dental", review=True)
    address = f"/billing/bills/{draft.pk}/charge/"
    said = {"kind": "discount", "text": "Good will", "value": "50.00", "look": "yes"}

    looked = fill(clerk, address, **said)

    assert "After, with tax EUR 119.00" in text_of(looked)
    assert len(every()) == 1
    assert "it comes to EUR 119.00 now" in agree(clerk, address, looked)


def test_a_bill_is_credited_by_line_after_a_look_and_then_whole(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/credit/"

    nothing = fill(clerk, address, what="lines", reason="Idle")
    looked = fill(clerk, address, what="lines", reason="Idle", **{"line.1": "10.00"})

    assert "Enter an amount beside at least one line." in text_of(nothing)
    assert "Credited EUR 11.90" in text_of(looked)
    assert len(every()) == 1
    assert "CN-2026-00001 credits EUR 11.90 of INV-2026-00001." in agree(clerk, address, looked)
    too_much = fill(clerk, address, what="lines", reason="Idle", **{"line.1": "51.00"})
    assert "50.00" in text_of(too_much)
    whole = fill(clerk, address, what="again", reason="Wrong plan")
    assert "The next run bills its periods again." in text_of(whole)
    assert "credits EUR 166.60" in agree(clerk, address, whole)
    assert "Corrects INV-2026-00001" in page(clerk, f"/billing/bills/{every()[1].pk}/")


def test_a_changed_field_is_looked_at_again_before_it_is_credited(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/credit/"
    looked = fill(clerk, address, what="lines", reason="Idle", **{"line.1": "10.00"})

    from tests.web.plans_desk import fields_of

    answer = clerk.post(address, {**fields_of(looked), "line.1": "60.00", "agree": "yes"})

    assert "You changed something after looking." in text_of(answer)
    assert "Credited EUR 71.40" in text_of(answer)
    assert len(every()) == 1


def test_a_payment_settles_the_bill_and_the_rest_is_credit(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    address = f"/billing/bills/{bill.pk}/payment/"

    assert 'value="178.50"' in clerk.get(address).content.decode()
    refused = fill(clerk, address, amount="1.234")
    part = fill(clerk, address, amount="100.00", follow=True)
    with acting(Scope.all()):
        assert settlements([bill.pk], on=MAY)[bill.pk].status == "partly paid"
    after = clerk.post(
        address, {"amount": "90", "currency": "eur", "received_on": "2026-05-02", "method": "cash"}, follow=True
    )

    assert "decimals" in text_of(refused) or "digits" in text_of(refused)
    assert part.status_code == 302
    assert "North Dental has a credit of EUR 11.50." in text_of(after)
    assert "by payment cash, 2 May 2026 EUR 78.50" in page(clerk, f"/billing/bills/{bill.pk}/")
    assert "paid" in page(clerk, "/billing/bills/?paid=paid")
    assert "No bill is like this" in page(clerk, "/billing/bills/?paid=open")


def test_a_payment_of_a_customer_settles_its_oldest_bills(clerk: Client) -> None:
    (bill,) = billed("North Dental")

    after = clerk.post(
        f"/billing/bills/payment/?customer={bill.customer_id}",
        {"amount": "178.50", "currency": "EUR", "received_on": "2026-05-02", "method": "transfer"},
        follow=True,
    )

    assert "North Dental owes nothing." in text_of(after)


def test_a_charge_of_a_customer_shows_the_bills_to_come_first(clerk: Client) -> None:
    (customer,) = customers("North Dental")
    address = f"/billing/bills/charge/?customer={customer.pk}"

    looked = fill(clerk, address, kind="charge", text="Onboarding", value="100.00", how_often="once")

    shown = text_of(looked)
    assert "EUR 178.50 EUR 297.50 +EUR 119.00" in shown
    assert "“Onboarding” waits for the next bill." in agree(clerk, address, looked)


def test_a_bill_is_mailed_again(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    page(clerk, f"/billing/bills/{bill.pk}/")
    clerk.get(f"/billing/bills/{bill.pk}/pdf/")

    wrong = fill(clerk, f"/billing/bills/{bill.pk}/resend/", to="nobody")
    right = fill(clerk, f"/billing/bills/{bill.pk}/resend/", to="accounts@north.example")

    assert "is not an e-mail address" in text_of(wrong)
    assert right.status_code == 302
    with acting(Scope.all()):
        assert sorted(Delivery.objects.values_list("address", "state")) == [
            ("accounts@north.example", "queued"),
            ("it@north.example", "queued"),
        ]
    assert "Mail is queued · accounts@north.example" in page(clerk, f"/billing/bills/{bill.pk}/")


def test_a_download_is_told_in_the_history_and_a_look_is_not(sign_in: SignIn) -> None:
    (bill,) = billed("North Dental")
    reader = sign_in("customer_admin", customers=[bill.customer_id])

    seen = reader.get(f"/billing/bills/{bill.pk}/pdf/")
    taken = reader.get(f"/billing/bills/{bill.pk}/pdf/?download=yes")

    assert seen.content == taken.content
    assert seen.content.startswith(b"%PDF-")
    assert taken["Content-Disposition"] == 'attachment; filename="INV-2026-00001.pdf"'
    with acting(Scope.all()):
        assert [row.downloaded_by for row in BillDownload.objects.all()] == ["Customer_Admin"]
    assert "Downloaded · Customer_Admin" in page(reader, f"/billing/bills/{bill.pk}/")


def test_a_consolidated_bill_is_one_pdf_of_a_range(clerk: Client) -> None:
    (bill,) = billed("North Dental")

    answer = clerk.get("/billing/bills/consolidated/?customer=C-0001&first=2026-05-01&last=2026-05-31")
    wrong = clerk.get("/billing/bills/consolidated/?customer=Nobody&first=2026-06-01&last=2026-05-31")

    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"] == 'attachment; filename="C-0001-2026-05-01-2026-05-31.pdf"'
    assert "The last day is before the first: exchange them." in text_of(wrong)
    assert "'Nobody' is not known" in text_of(wrong)
    assert "9999-12-31 is out of bounds: use a day between 1990 and 2199." in page(
        clerk, "/billing/bills/consolidated/?customer=C-0001&first=2026-05-01&last=9999-12-31"
    )
    assert "Downloaded · Clerk" in page(clerk, f"/billing/bills/{bill.pk}/")


def test_the_export_holds_the_lines_of_the_list(clerk: Client) -> None:
    billed("North Dental", "South Law")

    text = b"".join(clerk.get("/billing/bills/export.csv?q=south")).decode()

    assert text.startswith("number,kind,issued_on")
    assert text.count("South Law") == 2
    assert "North" not in text


def test_a_parked_customer_is_tried_again(clerk: Client) -> None:
    (customer,) = customers("North Dental")
    with acting(Scope.all()):
        Parking.objects.create(customer=customer, reason="It contradicts itself.", parked_at=moment(MAY))

    assert "It contradicts itself." in page(clerk, "/billing/bills/waiting/")
    after = clerk.post(f"/billing/bills/waiting/parked/{customer.pk}/", follow=True)
    assert "The next run bills North Dental again." in text_of(after)
    assert "Nobody is parked." in text_of(after)


@pytest.mark.parametrize(
    ("decision", "told"), [("catch_up", "It is charged on the next bill"), ("forgiven", "It is forgiven")]
)
def test_what_was_learned_late_is_decided(clerk: Client, decision: str, told: str) -> None:
    (bill,) = billed("North Dental")
    with acting(Scope.all()):
        present(bill.customer, "PC-3 #>", start=APRIL, learned_at=moment(MAY, 12))
        assert find_late_truths([bill.customer_id], now=moment(JUNE)) == 1
        truth = LateTruth.objects.get()
    assert truth.difference == Decimal(30)

    asked = page(clerk, "/billing/bills/late/")
    assert "PC-3 Computer: 0 days were known, 30 are" in asked
    assert "EUR 30.00 net more on the next bill of North Dental" in asked
    assert "1 question about a billed period is open" in page(clerk, "/billing/bills/waiting/")
    after = text_of(clerk.post(f"/billing/bills/waiting/late/{truth.pk}/", {"decision": decision}, follow=True))

    assert told in after
    with acting(Scope.all()):
        assert LateTruth.objects.get().decision == decision


@pytest.mark.parametrize("role", ["auditor", "customer_admin"])
def test_who_only_reads_is_offered_nothing_and_can_do_nothing(sign_in: SignIn, role: str) -> None:
    (draft,) = billed("North Dental", review=True)
    reader = sign_in(role, customers=[draft.customer_id])

    shown = page(reader, f"/billing/bills/{draft.pk}/") + page(reader, "/billing/bills/waiting/")

    for offer in ("Release", "Discard", "Count it anew", "Add a charge"):
        assert offer not in shown
    for act in ("release", "recount", "discard", "charge", "resend", "credit", "payment"):
        assert reader.post(f"/billing/bills/{draft.pk}/{act}/").status_code == 403
    assert reader.get("/billing/bills/run/").status_code == 403
    assert not hasattr(every()[0], "issue")


def test_days_of_a_device_are_credited_after_a_look(clerk: Client) -> None:
    (bill,) = billed("North Dental")
    with acting(Scope.all()):
        device = Device.objects.get(name="PC-1")
    address = f"/billing/bills/{bill.pk}/credit/"
    told = {"what": "days", "reason": "In repair", "device": str(device.pk), "first_day": "2026-04-11"}

    assert "Say which device and which days." in text_of(fill(clerk, address, **told))
    wrong = text_of(fill(clerk, address, **told, last_day="2026-04-10"))
    assert "The last day is before the first" in wrong
    assert "charges nothing for this device" in text_of(
        fill(clerk, address, **{**told, "first_day": "2026-05-01"}, last_day="2026-05-02")
    )
    look = fill(clerk, address, **told, last_day="2026-04-20")
    after = agree(clerk, address, look)

    assert "Net EUR 10.00 Tax EUR 1.90 Credited EUR 11.90" in text_of(look)
    assert "CN-2026-00001 credits EUR 11.90 of INV-2026-00001" in after
    assert "CN-2026-00001" in page(clerk, f"/billing/bills/{bill.pk}/")
