"""The inventory's overview: sources and syncs, what waits for a person, freshness, exceptions, unbilled devices."""

from datetime import date

import pytest

from quarterday.customers.models import Customer
from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device
from quarterday.inventory.models import CustomerMapping, Device, Replacement, SyncRun
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.inventory.ledger import JANE, days_later, known_now, sync
from tests.shop import NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

FIVE = "\n".join(f"North {number} PC-{number} computer" for number in range(1, 6))


@pytest.fixture
def desk(sign_in, time_machine):
    return at_desk(sign_in, time_machine)


@pytest.fixture
def everything(desk):
    with acting(Scope.all()):
        yield


def test_an_empty_inventory_leads_to_the_upload(desk):
    answer = desk.get("/inventory/")
    assert "No devices yet Export the devices of your RMM tool as CSV" in text_of(answer)
    assert b'href="/inventory/upload/"' in answer.content


def test_sources_are_listed_with_their_last_sync_and_what_it_changed(desk, everything):
    a_customer("North")
    sync(FIVE, days_later(0), source="RMM")
    sync(FIVE.replace("PC-1", "PC-ONE"), days_later(1), source="RMM")
    said = text_of(desk.get("/inventory/"))
    assert "RMM CSV file 2 Apr 2026, 12:00 (UTC) 5 1 device" in said
    assert "1 renamed" in said
    assert "5 new" in said


def test_a_held_sync_says_who_would_lose_what_and_is_confirmed_or_rejected(desk, everything):
    a_customer("North")
    sync(FIVE, days_later(0))
    for decision, left in (("reject", 5), ("confirm", 1)):
        sync("North 1 PC-1 computer", days_later(2))
        run = SyncRun.objects.latest("pk")
        overview = text_of(desk.get("/inventory/"))
        assert "A sync of csv is held: too many devices would be gone. North would lose 4 of 5 devices." in overview
        page = text_of(desk.get(f"/inventory/syncs/{run.pk}/"))
        assert "It is held: nothing was changed yet" in page
        assert "North 5 4" in page
        assert desk.post(f"/inventory/syncs/{run.pk}/{decision}/")["Location"] == f"/inventory/syncs/{run.pk}/"
        assert sum(line.endswith("..") for line in known_now()) == left
    again = desk.client.post(f"/inventory/syncs/{run.pk}/reject/", follow=True)
    assert f"Sync {run.pk} is applied, not held: there is nothing to decide." in text_of(again)
    assert desk.post("/inventory/syncs/999999/confirm/").status_code == 404


def test_an_unknown_name_is_mapped_to_a_customer(desk, everything):
    north = a_customer("North Dental GmbH")
    sync("N.Dental 1 PC computer", days_later(0))
    mapping = CustomerMapping.objects.get()
    assert "N.Dental csv 1" in text_of(desk.get("/inventory/customers/"))
    assert "N.Dental (1 device)" in text_of(desk.get("/inventory/"))

    address = f"/inventory/customers/{mapping.pk}/"
    wrong = desk.post(address, customer="Nobody")
    assert "'Nobody' is not known: see Customers." in text_of(wrong)
    assert b'id="id_customer_error"' in wrong.content
    future = desk.post(address, customer=north.number, present_since="2026-05-01")
    assert "2026-05-01 is still to come" in text_of(future)

    desk.post(address, customer=north.number, present_since="2026-04-01")
    assert "Every name is known" in text_of(desk.get("/inventory/customers/"))
    assert "N.Dental csv 1 North Dental GmbH" in text_of(desk.get("/inventory/customers/", decided="yes"))
    sync("N.Dental 1 PC computer", days_later(9))
    assert known_now() == ["1 PC North Dental GmbH computer 04-01.."]


def test_customers_with_a_similar_name_are_offered(desk, everything):
    a_customer("Dental North GmbH")
    a_customer("South Law")
    sync("Dental.North 1 PC computer", days_later(0))
    CustomerMapping.objects.update(external_name="Dental North (HQ)")
    said = text_of(desk.get(f"/inventory/customers/{CustomerMapping.objects.get().pk}/"))
    assert "Perhaps it is Dental North GmbH C-0001" in said


def test_a_new_customer_is_made_of_an_unknown_name(desk, everything):
    sync("Nordlicht 1 PC computer", days_later(0))
    mapping = CustomerMapping.objects.get()
    address = f"/inventory/customers/{mapping.pk}/new/"
    form = fields_of(desk.get(address))
    assert (form["name"], form["country"], form["time_zone"]) == ("Nordlicht", "DE", "UTC")
    desk.post(address, fields={**form, "currency": "EUR", "tax_status": "standard"})
    mapping.refresh_from_db()
    assert mapping.customer == Customer.objects.get(name="Nordlicht")


def test_a_name_is_ignored_and_can_be_decided_anew(desk, everything):
    sync("Our-office 1 PC computer", days_later(0))
    mapping = CustomerMapping.objects.get()
    desk.post(f"/inventory/customers/{mapping.pk}/ignore/")
    assert "Our-office csv 1 ignored Change" in text_of(desk.get("/inventory/customers/", decided="yes"))
    assert "Until now it is ignored." in text_of(desk.get(f"/inventory/customers/{mapping.pk}/"))


def test_a_proposed_replacement_is_confirmed_or_rejected(desk, everything):
    a_customer("North")
    sync("North 1 PC-A computer\nNorth 2 PC-B computer\nNorth 3 SRV server\nNorth 4 X computer", days_later(0))
    sync(
        "North 11 PC-A computer\nNorth 22 PC-B computer\nNorth 3 SRV server\nNorth 4 X computer",
        days_later(2),
        confirm_drop=True,
    )
    said = text_of(desk.get("/inventory/replacements/"))
    assert "PC-A 1 PC-A 11 North 3 Apr 2026 Europe/Berlin same name within 7 days" in said
    first, second = Replacement.objects.order_by("pk")
    desk.post(f"/inventory/replacements/{first.pk}/", decision="confirm")
    desk.post(f"/inventory/replacements/{second.pk}/", decision="reject")
    assert list(Replacement.objects.order_by("pk").values_list("state", flat=True)) == ["confirmed", "rejected"]
    assert "Nothing to decide" in text_of(desk.get("/inventory/replacements/"))
    assert desk.post("/inventory/replacements/999999/", decision="confirm").status_code == 404


def test_a_feed_that_fell_silent_is_marked_and_can_be_listed_alone(desk, everything):
    a_customer("North")
    a_customer("South")
    sync("North 1 PC computer", days_later(0))
    sync("South 2 PC computer", days_later(8))
    said = text_of(desk.get("/inventory/freshness/"))
    assert "North csv 1 Apr 2026, 14:00 (Europe/Berlin) 8 days too old 1" in said
    assert "South csv 9 Apr 2026, 14:00 (Europe/Berlin) 0 days 1" in said
    old = text_of(desk.get("/inventory/freshness/", old="yes"))
    assert "North csv" in old
    assert "South csv" not in old


def test_exceptions_are_listed_with_their_reason_and_what_they_cost(desk, everything):
    north = a_customer("North")
    sync("North 1 PC computer\nNorth 2 SRV server", days_later(0))
    a_subscription(north, a_plan())
    server = Device.objects.get(external_id="2")
    except_device(
        server, days=Period(date(2026, 4, 2), date(2026, 4, 21)), reason="a trial", agreed_by="Ada", now=NOW, by=JANE
    )
    said = text_of(desk.get("/inventory/exceptions/"))
    assert "SRV Server North 2 Apr 2026 – 20 Apr 2026 Europe/Berlin" in said
    assert "a trial Ada EUR 90.00 End it" in said
    assert "No exception is found" in text_of(desk.get("/inventory/exceptions/", q="zzz"))


def test_devices_that_no_plan_prices_are_counted_and_lead_on(desk, everything):
    north = a_customer("North")
    a_customer("South")
    sync("North 1 PC mobile\nSouth 2 PC computer", days_later(0))
    a_subscription(north, a_plan())
    answer = desk.get("/inventory/unbilled/")
    said = text_of(answer)
    assert "2 devices are there and on no bill." in said
    assert "North Mobile device 1 Gold has no price for this class." in said
    assert "South Computer 1 It has no plan." in said
    assert b'href="/inventory/devices/?customer=North&amp;class=mobile"' in answer.content


def test_lists_of_nothing_say_so(desk):
    assert "No exceptions" in text_of(desk.get("/inventory/exceptions/"))
    assert "Every device is billed" in text_of(desk.get("/inventory/unbilled/"))
    assert "No customers yet" in text_of(desk.get("/inventory/freshness/"))
    assert "Every source has told everything in time" in text_of(desk.get("/inventory/freshness/", old="yes"))
    assert "Nothing was decided yet" in text_of(desk.get("/inventory/customers/", decided="yes"))


def test_syncs_and_names_of_all_customers_are_not_for_a_customer_admin(desk, everything, sign_in):
    north = a_customer("North")
    a_customer("South")
    sync("North 1 PC computer\nSouth 2 PC computer\nWest 3 PC computer", days_later(0))
    admin = sign_in("customer_admin", customers=[north.pk])
    assert admin.get(f"/inventory/syncs/{SyncRun.objects.get().pk}/").status_code == 404
    for address in (
        "/inventory/freshness/",
        "/inventory/customers/",
        "/inventory/customers/?decided=yes",
        "/inventory/exceptions/",
        "/inventory/unbilled/",
        "/inventory/replacements/",
    ):
        answer = admin.get(address)
        assert answer.status_code == 200
        assert "South" not in text_of(answer), address
        assert "West" not in text_of(answer), address
    assert admin.post(f"/inventory/syncs/{SyncRun.objects.get().pk}/confirm/").status_code == 403
    assert admin.get(f"/inventory/customers/{CustomerMapping.objects.first().pk}/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_more_rows_need_no_more_queries(desk, everything, count):
    plan = a_plan()
    for number in range(count):
        customer = a_customer(f"Customer{number}")
        sync(
            f"Customer{number} {number} PC computer\nCustomer{number} x{number} S server\n"
            f"Unknown{number} u{number} X computer",
            days_later(number),
            source=f"source {number}",
        )
        sync(
            f"Customer{number} new{number} PC computer\nCustomer{number} x{number} S server",
            days_later(number, 1),
            source=f"source {number}",
            confirm_drop=True,
        )
        a_subscription(customer, plan)
        device = Device.objects.get(external_id=f"x{number}")
        except_device(device, days=Period.since(date(2026, 4, 5)), reason="r", agreed_by="Ada", now=NOW, by=JANE)
    unknown = CustomerMapping.objects.filter(customer=None).first()
    for address, expected in (
        ("/inventory/", 10),
        ("/inventory/freshness/", 7),
        ("/inventory/freshness/?old=yes", 7),
        (f"/inventory/syncs/{SyncRun.objects.first().pk}/", 5),
        ("/inventory/customers/", 5),
        ("/inventory/customers/?decided=yes", 5),
        (f"/inventory/customers/{unknown.pk}/", 6),
        (f"/inventory/customers/{unknown.pk}/new/", 5),
        ("/inventory/replacements/", 5),
        ("/inventory/exceptions/", 9),
        ("/inventory/exceptions/?soon=yes", 6),
        ("/inventory/paused/", 5),
        ("/inventory/unbilled/", 9),
    ):
        with counting_queries() as asked:
            assert desk.get(address).status_code == 200
        assert len(asked) == expected, (address, len(asked), asked)
