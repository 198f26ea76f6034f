"""Devices: found, shown with their stays and what was known when, and every act on one, looked at before it is done."""

from datetime import date

import pytest

from quarterday.engine.periods import Period
from quarterday.inventory.actions import except_device, set_class
from quarterday.inventory.models import BillingException, Device, Replacement
from quarterday.plans.actions import change_plan
from quarterday.plans.models import Plan
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.subscriptions.actions import pause_silent_devices
from quarterday.subscriptions.models import Pause
from tests.inventory.ledger import JANE, days_later, known_now, stays_of, sync
from tests.shop import NOW, a_customer, a_plan, a_subscription
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

FLEET = """
    North  1  FRONT  computer  S1
    North  2  SRV    server
    South  3  DESK   computer
"""


@pytest.fixture
def desk(sign_in, time_machine):
    return at_desk(sign_in, time_machine)


@pytest.fixture
def fleet(desk):
    """North has FRONT and SRV, South has DESK, since 1 April; North has the plan Gold (30.00 and 90.00)."""
    with acting(Scope.all()):
        north = a_customer("North")
        a_customer("South", time_zone="America/New_York")
        sync(FLEET, days_later(0))
        a_subscription(north, a_plan())
        yield {device.external_id: device for device in Device.objects.all()}


def page(device):
    return f"/inventory/devices/{device.pk}/"


def act(desk, device, name, **fields):
    """Look at an act, then do it as it was shown: the page that was shown, and the answer."""
    address = f"{page(device)}{name}/"
    return desk.look_then_agree(address, {**fields_of(desk.get(address)), **fields})


def test_the_list_is_searched_and_filtered_in_the_address(desk, fleet):
    assert "FRONT 1 North Computer S1 csv 1 Apr 2026" in text_of(desk.get("/inventory/devices/"))
    for query, found in (
        ({"q": "s1"}, ["FRONT"]),
        ({"class": "server"}, ["SRV"]),
        ({"customer": "South"}, ["DESK"]),
        ({"customer": "C-0001", "class": "computer"}, ["FRONT"]),
        ({"there": "gone"}, []),
    ):
        said = text_of(desk.get("/inventory/devices/", **query))
        assert [name for name in ("FRONT", "SRV", "DESK") if name in said] == found, query
    assert "No device is found" in text_of(desk.get("/inventory/devices/", q="zzz"))
    assert "No customer has this number or exact name." in text_of(desk.get("/inventory/devices/", customer="Nobody"))


def test_an_empty_list_leads_to_the_upload(desk):
    answer = desk.get("/inventory/devices/")
    assert "No devices yet" in text_of(answer)
    assert b'href="/inventory/upload/"' in answer.content


def test_a_device_shows_its_stays_and_every_row_of_the_ledger(desk, fleet):
    sync("North 1 FRONT server S1\nNorth 2 SRV server\nSouth 3 DESK computer", days_later(5))
    said = text_of(desk.get(page(fleet["1"])))
    assert "North, Computer: 1 Apr 2026 to 5 Apr 2026; North, Server: since 6 Apr 2026." in said
    assert "1 Apr 2026 – 5 Apr 2026 North Computer FRONT class changed" in said
    assert "3 rows of the ledger; nothing in it is overwritten" in said
    assert "1 Apr 2026, 14:00 (Europe/Berlin) 6 Apr 2026, 14:00 (Europe/Berlin)" in said


def test_a_device_is_shown_as_it_was_known_on_a_day(desk, fleet):
    sync("North 1 FRONT server S1\nNorth 2 SRV server\nSouth 3 DESK computer", days_later(5))
    then = text_of(desk.get(page(fleet["1"]), known="2026-04-03"))
    assert "Where it was, as known on 3 Apr 2026" in then
    assert "North, Computer: since 1 Apr 2026." in then
    assert "Nothing was known of it then." in text_of(desk.get(page(fleet["1"]), known="2026-03-03"))
    assert "Nothing was known of it then." not in text_of(desk.get(page(fleet["1"]), known="9999-12-31"))


def test_a_move_shows_what_it_does_to_the_bills_and_then_does_it(desk, fleet):
    shown, done = act(desk, fleet["1"], "move", customer="South")
    said = text_of(shown)
    assert "North 1 May 2026 Europe/Berlin EUR 142.80 EUR 107.10 EUR −35.70" in said
    assert stays_of("1") == ["FRONT South computer 04-10..", "FRONT North computer 04-01..04-10"][::-1]
    assert done["Location"] == page(fleet["1"])


def test_what_was_changed_after_looking_is_looked_at_again(desk, fleet):
    address = f"{page(fleet['1'])}retire/"
    shown = fields_of(desk.post(address, on="2026-04-09", look="yes"))
    answer = desk.post(address, on="2026-04-10", shown=shown["shown"], agree="yes")
    assert "You changed something after looking." in text_of(answer)
    assert Device.objects.get(external_id="1").retired_at is None


def test_a_class_that_a_person_sets_stays_until_the_source_decides_again(desk, fleet):
    act(desk, fleet["1"], "class", device_class="server", on="2026-04-05")
    assert stays_of("1") == ["FRONT North computer 04-01..04-05", "FRONT North server 04-05.."]
    assert "Server set by Clerk" in text_of(desk.get(page(fleet["1"])))
    desk.post(f"{page(fleet['1'])}follow/")
    assert Device.objects.get(external_id="1").class_set_by == ""


def test_a_device_is_retired_and_reinstated(desk, fleet):
    shown, _ = act(desk, fleet["2"], "retire")
    assert "EUR 142.80 EUR 35.70 EUR −107.10" in text_of(shown)
    assert stays_of("2") == ["SRV North server 04-01..04-10"]
    said = text_of(desk.get(page(fleet["2"])))
    assert "retired at 10 Apr 2026, 11:00 (Europe/Berlin)" in said
    act(desk, fleet["2"], "reinstate")
    assert stays_of("2") == ["SRV North server 04-01.."]


def test_a_replacement_counts_two_as_one_and_can_be_rejected_again(desk, fleet):
    sync("North 1 FRONT computer S1\nNorth 2 SRV server\nNorth 4 LAPTOP computer", days_later(6))
    act(desk, fleet["1"], "replaced", new="LAPTOP")
    replacement = Replacement.objects.get()
    assert (replacement.state, replacement.replaced_on) == ("confirmed", date(2026, 4, 7))
    assert "FRONT LAPTOP 7 Apr 2026 a person said so confirmed" in text_of(desk.get(page(fleet["1"])))
    desk.post(f"/inventory/replacements/{replacement.pk}/", decision="reject", device=fleet["1"].pk)
    replacement.refresh_from_db()
    assert replacement.state == "rejected"


def test_a_replacement_by_an_unknown_device_is_said_beside_its_field(desk, fleet):
    answer = desk.post(f"{page(fleet['1'])}replaced/", new="DESK", look="yes")
    assert "'DESK' is not known, neither as a device's id nor as its name: see Inventory, Devices." in text_of(answer)
    assert b'id="id_new_error"' in answer.content


def test_an_exception_has_a_reason_somebody_who_agreed_and_an_end(desk, fleet):
    wrong = desk.post(f"{page(fleet['1'])}except/", first_day="2026-04-05", last_day="2026-04-01", look="yes")
    assert "The last day is before the first" in text_of(wrong)
    assert b'id="id_reason_error"' in wrong.content
    act(desk, fleet["1"], "except", first_day="2026-04-05", reason="a spare", agreed_by="Ada")
    exception = BillingException.objects.get()
    said = text_of(desk.get(page(fleet["1"])))
    assert "5 Apr 2026 – until it is ended now Europe/Berlin a spare Ada End it" in said

    address = f"/inventory/exceptions/{exception.pk}/end/"
    assert "It was made because of “a spare”, agreed by Ada." in text_of(desk.get(address))
    desk.look_then_agree(address, {**fields_of(desk.get(address)), "how": "on", "on": "2026-04-08"})
    (ended,) = BillingException.objects.filter(withdrawn_at=None)
    assert (ended.valid.lower, ended.valid.upper) == (date(2026, 4, 5), date(2026, 4, 8))
    assert desk.get(address).status_code == 404


def test_a_correction_overwrites_nothing(desk, fleet):
    shown, _ = act(
        desk,
        fleet["1"],
        "correct",
        where="nowhere",
        customer="",
        first_day="2026-04-02",
        last_day="2026-04-04",
        reason="It stood in our shop.",
    )
    assert "No bill to come changes." in text_of(shown)
    assert stays_of("1") == ["FRONT North computer 04-01..04-02", "FRONT North computer 04-05.."]
    missing = desk.post(f"{page(fleet['1'])}correct/", where="at", first_day="2026-04-02", reason="x", look="yes")
    assert b'id="id_customer_error"' in missing.content


def test_a_device_is_added_by_hand(desk, fleet):
    form = fields_of(desk.get("/inventory/devices/add/"))
    fields = {**form, "customer": "South", "name": "PRINTER", "device_class": "computer", "on": "2026-04-03"}
    shown, done = desk.look_then_agree("/inventory/devices/add/", fields)
    assert "No plan is associated here, so no bill changes." in text_of(shown)
    added = Device.objects.get(name="PRINTER")
    assert done["Location"] == page(added)
    assert known_now()[-1] == f"{added.external_id} PRINTER South computer 04-03.."
    wrong = desk.post("/inventory/devices/add/", fields={**fields, "on": "2026-05-03", "name": "X", "look": "yes"})
    assert "2026-05-03 is still to come; today is 2026-04-10 at South." in text_of(wrong)
    assert b'id="id_on_error"' in wrong.content


def test_a_customer_admin_sees_own_devices_only_and_changes_none(desk, fleet, sign_in):
    north = fleet["1"].customer_id
    admin = sign_in("customer_admin", customers=[north])
    assert admin.get("/inventory/")["Location"] == "/inventory/devices/"
    listed = text_of(admin.get("/inventory/devices/"))
    assert "FRONT" in listed
    assert "DESK" not in listed
    foreign, missing = admin.get(page(fleet["3"])), admin.get(f"/inventory/devices/{10**9}/")
    assert foreign.status_code == missing.status_code == 404
    assert text_of(foreign) == text_of(missing)
    assert admin.get(f"{page(fleet['1'])}move/").status_code == 403
    own = admin.get(page(fleet["1"]))
    assert own.status_code == 200
    assert b"/move/" not in own.content


def test_a_device_that_moved_away_is_its_new_customers_to_see(desk, fleet, sign_in):
    north = fleet["1"].customer_id
    act(desk, fleet["1"], "move", customer="South")
    admin = sign_in("customer_admin", customers=[north])
    assert admin.get(page(fleet["1"])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_more_rows_need_no_more_queries(desk, count):
    with acting(Scope.all()):
        plan = a_plan()
        for number in range(count):
            customer = a_customer(f"Customer{number}")
            a_subscription(customer, plan)
        for day in range(count):
            table = "".join(f"Customer{number} {number} PC{day} computer S{number}\n" for number in range(count))
            sync(table, days_later(day))
        device = Device.objects.latest("pk")
        for start in range(count):
            days = Period(date(2026, 5, 1 + start), date(2026, 5, 2 + start))
            except_device(device, days=days, reason="a spare", agreed_by="Ada", now=NOW, by=JANE)
        set_class(device, device_class="server", now=NOW, by=JANE)
    for address, expected in (
        ("/inventory/devices/", 8),
        ("/inventory/devices/?customer=Customer0&q=PC", 9),
        ("/inventory/devices/add/", 4),
        (page(device), 9),
        (f"{page(device)}move/", 4),
        (f"{page(device)}class/", 4),
        (f"{page(device)}replaced/", 5),
        (f"{page(device)}except/", 4),
        (f"{page(device)}correct/", 4),
    ):
        with counting_queries() as asked:
            assert desk.get(address).status_code == 200
        assert len(asked) == expected, (address, len(asked), asked)


def test_a_paused_device_is_listed_and_charged_again_after_a_look(desk, fleet):
    plan = Plan.objects.get()
    change_plan(plan, pause_after_days=2, by=JANE, now=NOW)
    Device.objects.filter(pk=fleet["2"].pk).update(silent_since=days_later(0))
    pause_silent_devices(now=days_later(4), by=JANE)
    (pause,) = Pause.objects.all()

    listed = text_of(desk.get("/inventory/paused/"))
    assert "SRV North Gold 1 Apr 2026" in listed
    assert "No paused device is found" in text_of(desk.get("/inventory/paused/", q="zzz"))
    address = f"/inventory/paused/{pause.pk}/end/"
    desk.look_then_agree(address, {"how": "on", "on": "2026-04-08"})

    assert "SRV is charged again." in text_of(desk.get(page(fleet["2"])))
    kept = Pause.objects.get(withdrawn_at=None)
    assert (kept.valid.lower, kept.valid.upper) == (date(2026, 4, 3), date(2026, 4, 8))
    assert desk.get("/inventory/paused/999/end/").status_code == 404
