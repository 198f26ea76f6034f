"""A day at the desk: what people bring in by the pages and take along. It may be lived twice, like the day of day.py.

Who comes to grief in the middle of a page goes no further that day, as a browser that gets no answer does not.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from quarterday.accounts.actions import create_user
from quarterday.accounts.models import User
from quarterday.customers.models import Customer
from quarterday.inventory.models import Device, Presence
from quarterday.outbox.models import Message
from quarterday.outbox.secrets import body_of
from quarterday.payments.models import BankLine, Payment
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from tests.cli.terminal import run
from tests.payments.bank import camt, details, ntry
from tests.shop import BY, NOW, a_customer, open_shop
from tests.web.plans_desk import fields_of

DEVICES = b"customer,device id,name,class\nNorth,1,FRONT,computer\nNorth,2,SRV,server\nSouth,3,DESK,computer\n"
CUSTOMERS = b"name;number;city\nNorth;C-1;Kiel\nSouth;C-2;Bonn\nWest;C-3;Essen\n"
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>'
BANK = camt(ntry("35.70", details=details("thanks", name="North")))
ADMIN, CONTACT = "ada@msp.example", "eva@north.example"


def prepare() -> None:
    """A shop with two customers, an admin, and a customer's contact who comes by mailed links."""
    with acting(Scope.all()):
        open_shop()
        north, _ = a_customer("North", number="C-1"), a_customer("South", number="C-2")
        create_user(email=ADMIN, role="admin", password="three plain words", by=BY, now=NOW)
        create_user(email=CONTACT, role="contact", customers=[north], by=BY, now=NOW)


def live(folder: Path, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Bring in the lists, devices, the logo and the bank's file; take a customer's data along; come in by a link."""
    as_in_a_test = {"SECOND_FACTOR_FOR": (), "ALLOWED_HOSTS": ["testserver"]}
    with override_settings(**as_in_a_test, EMAIL_BACKEND="quarterday.web.mail.OutboxBackend"):
        cache.clear()
        with acting(Scope.all()):
            ada = User.objects.get(email=ADMIN)
        desk = Client()
        desk.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
        for deed in (_customers, _devices, _logo, _bank, _take_along, _come_by_link):
            if goes_on():
                deed(desk, folder)


def a_minute_later(folder: Path) -> None:
    """Nobody has to come back: what was not done is done by whoever does it next."""


def outcome() -> dict[str, Any]:
    """What is there in the end, however often it was begun."""
    with acting(Scope.all()):
        exports = AuditEntry.objects.filter(verb="exported the data of").count()
        return {
            "customers": sorted(Customer.objects.values_list("number", "name", "city")),
            "devices": sorted(Device.objects.values_list("external_id", "name")),
            "stays": Presence.objects.filter(recorded__upper_inf=True).count(),
            "logo": bytes(Provider.objects.values_list("logo", flat=True).get() or b"") == LOGO,
            "bank": sorted(BankLine.objects.values_list("state", "note")),
            "payments": sorted(map(str, Payment.objects.values_list("amount", flat=True))),
            "noted": exports >= 2,
        }


def _customers(desk: Client, folder: Path) -> None:
    defaults = {"country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR", "language": "de"}
    given = {"file": SimpleUploadedFile("customers.csv", CUSTOMERS), **defaults}
    preview = desk.post("/customers/import/", given)["Location"]
    desk.post(preview, {**fields_of(desk.get(preview)), "import": "yes"})


def _devices(desk: Client, folder: Path) -> None:
    given = {"file": SimpleUploadedFile("devices.csv", DEVICES), "source": "csv"}
    columns = desk.post("/inventory/upload/", given)["Location"]
    preview = desk.post(columns, fields_of(desk.get(columns)))["Location"]
    desk.post(preview, {**fields_of(desk.get(preview)), "apply": "yes"})


def _logo(desk: Client, folder: Path) -> None:
    desk.post("/settings/appearance/logo/", {"logo": SimpleUploadedFile("logo.svg", LOGO)})


def _bank(desk: Client, folder: Path) -> None:
    desk.post("/billing/payments/bank/", {"file": SimpleUploadedFile("june.xml", BANK), "currency": "EUR"})
    with acting(Scope.all()):
        line = BankLine.objects.get()
    desk.post(f"/billing/payments/bank/{line.pk}/", {"customer": "North", "bills": ""})


def _take_along(desk: Client, folder: Path) -> None:
    with acting(Scope.all()):
        north = Customer.objects.get(number="C-1")
    answer = desk.post(f"/customers/{north.pk}/data.zip")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    out = folder / "north.zip"
    run("customers", "export-data", "C-1", "--out", str(out))
    if out.exists():
        assert zipfile.ZipFile(out).testzip() is None
        assert "tables/customers_customer.csv" in zipfile.ZipFile(out).namelist()


def _come_by_link(desk: Client, folder: Path) -> None:
    Client().post("/account/link/", {"email": CONTACT})
    Client().post("/account/password/reset/", {"email": ADMIN})
    with acting(Scope.all()):
        bodies = [body_of(message) for message in Message.objects.filter(recipients=[CONTACT]).order_by("pk")]
    links = [link for body in bodies for link in re.findall(r"/account/link/\S+", body)]
    if links:
        Client().post(links[-1])
