"""The office of which the examples in the help speak: its customers, devices, bills, money and what waits there.

North Dental (C-0001) and South Law (C-0002) have no plan yet. C-0003 to C-0005 have Gold, and their first bills wait as
drafts. C-0007 has Managed Basic since January and devices that the examples name. C-0008 has devices and questions.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP
from psycopg.types.range import DateRange  # type: ignore[attr-defined]

from quarterday.accounts.models import User
from quarterday.bills.models import Bill, LateTruth, Parking
from quarterday.bills.printing import print_some
from quarterday.customers.models import Customer
from quarterday.inventory.models import BillingException, Device, Replacement, SyncRun
from quarterday.outbox.actions import send_again
from quarterday.outbox.models import Delivery, MailServer
from quarterday.payments.actions import write_off, write_off_or_propose
from quarterday.payments.models import BankLine, Payment
from quarterday.provider.models import Provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Actor, Scope
from quarterday.subscriptions.models import Adjustment, Pause, Subscription
from tests.cli.terminal import run
from tests.outbox.post import ScriptedPost
from tests.payments.bank import camt, details, ntry
from tests.settings import ROOT
from tests.shop import open_shop

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
CLARA = Actor("person", "Clara Clerk", 1)
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
CUSTOMERS = ("North Dental", "South Law", "East Works", "West Clinic", "Hill School", "Lake Bank", "Bay Group", "Isle")
DEVICES = """Customer,Device ID,Name,Class,Serial
Bay Group,4711,FRONT-PC,computer,S1
Bay Group,2,OLD-PC,computer,S2
Bay Group,3,NEW-PC,computer,S3
Bay Group,4,LOAN-PC,computer,S4
Bay Group,5,PC-7,computer,S5
Bay Group,6,SPARE-PC,computer,S6
Bay Group,7,NAS-1,server,S7
Isle,8,ISLE-1,computer,S8
Isle,9,ISLE-1,computer,S8
East Works,10,EAST-1,computer,S10
West Clinic,13,WEST-1,computer,S13
Hill School,14,HILL-1,computer,S14
N. Dental (HQ),11,HQ-1,computer,S11
Our own office,12,OWN-1,computer,S12
"""


def files_to_try(folder: Path) -> None:
    """The files that the examples name, in the folder where they are typed."""
    (folder / "devices.csv").write_text(DEVICES)
    (folder / "geraete.csv").write_text("Mandant,Device ID,Name,Class\nIsle,20,KIOSK-1,kiosk\n")
    (folder / "customers.csv").write_text("name,country,time_zone\nNew Baker,DE,Europe/Berlin\n")
    scenario = re.search(r"```json\n(.*?)```", (ROOT / "docs/scenario.md").read_text(), re.DOTALL)
    assert scenario
    (folder / "shop.jsonl").write_text(json.dumps(json.loads(scenario.group(1))) + "\n")
    (folder / "june.csv").write_text("Buchungstag;Betrag\n2026-05-19;12.00\n")
    (folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "statement.xml").write_bytes(camt(ntry("33.00", details=details("thanks"))))


def open_office(post: ScriptedPost, time_machine: Any, folder: Path) -> dict[str, dict[str, str]]:
    """Live from January to May; returns, for each command, what stands for the numbers in its examples."""
    with acting(Scope.all()):
        open_shop(street="Hafen 1", postal_code="24103", city="Kiel", total_change_percent=1000)
        MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
    for name in CUSTOMERS:
        typed("customers", "add", "--name", name, "--country", "DE", "--time-zone", "Europe/Berlin",
              "--currency", "EUR", "--email", "ap@x.example")  # fmt: skip
    typed("customers", "change", "C-0001", "--set", "city=Bremen")
    for plan in ("Gold", "Managed Basic", "Managed Plus"):
        typed("plans", "add", plan, "--currency", "EUR", "--from", "2026-01-01", "--price", "computer=30.00",
              "--price", "server=90.00")  # fmt: skip
    typed("users", "add", "hanna@shop.example", "--role", "admin")
    for email, role in (("clara", "clerk"), ("carl", "clerk")):
        typed("users", "add", f"{email}@shop.example", "--role", role)
    typed("users", "add", "it@partner.example", "--role", "customer_admin")
    _bill_from_january(time_machine, folder)
    time_machine.move_to(NOW, tick=False)
    return _what_waits(folder)


def typed(*words: str, code: int = 0) -> str:
    answer = run(*words)
    assert answer.code == code, (words, answer.out, answer.err)
    return answer.out


def _bill_from_january(time_machine: Any, folder: Path) -> None:
    """Devices since January, and five mornings of the first: Bay Group's bills are issued, three customers' wait."""
    time_machine.move_to(datetime(2026, 1, 1, 12, tzinfo=UTC), tick=False)
    typed("associate", "Managed Basic", "--customer", "C-0007", "--starts", "2026-01-01", "--no-review")
    for month in (1, 2, 3, 4, 5):
        if month == 5:
            typed("associate", "Gold", "--customer", "C-0003", "--customer", "C-0004", "--customer", "C-0005",
                  "--starts", "2026-04-01", "--billed-from", "2026-04-01")  # fmt: skip
        time_machine.move_to(datetime(2026, month, 1, 12, tzinfo=UTC), tick=False)
        typed("inventory", "import", str(folder / "devices.csv"))
        run("bill")


def _what_waits(folder: Path) -> dict[str, dict[str, str]]:
    """What a person has to decide, as the doors have written it; by the command whose examples name its number."""
    files = {
        "whole.csv": "Customer,Device ID,Name,Class\n" + "".join(f"Isle,{n},I-{n},computer\n" for n in range(30, 50)),
        "half.csv": "Customer,Device ID,Name,Class\nIsle,30,I-30,computer\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        run("inventory", "import", str(folder / name), "--source", "rmm")
    typed("devices", "except", "SPARE-PC", "--from", "2026-04-01", "--reason", "spare", "--agreed-by", "Ms Bay")
    typed("devices", "replacements", "--look")
    typed("payments", "add", "C-0007", "250.00", "--on", "2026-03-14")
    typed("adjustments", "add", "C-0001", "Loyalty", "--percent", "-5")
    typed("mail", "test", "--to", "me@example.com")
    (folder / "lines.xml").write_bytes(
        camt(
            ntry("321.30", details=details("INV-2026-00004", "Bay Group")),
            ntry("321.31", details=details("INV-2026-00003", "Bay Group")),
            ntry("11.00"),
            ntry("250.00", "DBIT"),
            ntry("4.90", "DBIT"),
        )
    )
    typed("payments", "import", str(folder / "lines.xml"))
    print_some(now=NOW)
    typed("payments", "remind")
    print_some(now=NOW)
    typed("mail", "send")
    with acting(Scope.all()):
        bay, isle = (Customer.objects.get(number=number) for number in ("C-0007", "C-0008"))
        april, march = Bill.objects.filter(customer=bay, issue__isnull=False).order_by("-pk")[:2]
        Parking.objects.create(customer=isle, reason="Its tax status is odd.", parked_at=NOW)
        subscription = Subscription.objects.get(customer=bay)
        late = LateTruth.objects.create(
            subscription=subscription, customer=bay, period=DateRange(date(2026, 4, 1), date(2026, 5, 1)),
            difference=Decimal("5.000"), currency="EUR", details={"text": "PC-8"}, found_at=NOW, decision="asked",
        )  # fmt: skip
        pause = Pause.objects.create(
            customer=bay, subscription=subscription, device=Device.objects.get(name="PC-7"),
            valid=DateRange(date(2026, 5, 5), None), silent_since=NOW, recorded_at=NOW,
        )  # fmt: skip
        taken = write_off(march, reason="cents", amount=Decimal("1.00"), now=NOW, by=CLARA)
        Provider.objects.update(two_persons_above=Decimal(1))
        proposal = write_off_or_propose(march, reason="poor", amount=Decimal("2.00"), now=NOW, by=CLARA)
        Provider.objects.update(two_persons_above=None)
        sent = Delivery.objects.select_related("message").earliest("pk")
        copy = send_again(sent.message, to=[sent.address], now=NOW, by=CLARA)
        drafts = list(Bill.objects.filter(issue=None).order_by("pk"))
        lines = list(BankLine.objects.order_by("pk"))
        gold = Subscription.objects.get(customer__number="C-0003")
        held = SyncRun.objects.get(state="held").pk
        bill = {"INV-2026-00017": april.issue.number}
        TOTP.activate(User.objects.get(email="clara@shop.example"), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        line = {str(number): str(each.pk) for number, each in zip((17, 18, 19, 20, 21), lines, strict=True)}
        draft = {str(number): str(each.pk) for number, each in zip((17, 18, 19), drafts, strict=True)}
        payment = {"12": str(Payment.objects.get().pk)}
        return {
            "adjustments cancel": {"3": str(Adjustment.objects.get().pk)},
            "bills": bill,
            **{
                f"bills {verb}": draft | {"draft 17": f"draft {drafts[0].pk}"}
                for verb in ("release", "recount", "discard")
            },
            "bills pdf": bill | {"draft 18": f"draft {drafts[1].pk}"},
            "bills unpark": {"C-0007": "C-0008"},
            "bills late": {"3": str(late.pk)},
            "devices bill-again": {"5": str(BillingException.objects.get().pk)},
            "devices decide": {"3": str(Replacement.objects.get().pk)},
            "devices unpause": {"5": str(pause.pk)},
            "inventory": {"12": str(held)},
            "mail resend": {"17": str(Delivery.objects.earliest("pk").pk)},
            "mail take-back": {"17": str(copy.deliveries.get().pk)},
            "payments": bill | payment,
            **dict.fromkeys(("payments confirm", "payments ignore", "payments reopen"), bill | payment | line),
            **{name: {"3": str(proposal.pk)} for name in ("payments approve", "payments refuse")},
            "payments take-back": {"3": str(taken.pk)},
            "subscriptions": {"17": str(gold.pk)},
        }
