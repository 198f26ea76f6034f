"""`quarterday bill` and `quarterday bills`, as typed."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from quarterday.bills.models import Bill, LateTruth
from quarterday.customers.models import Customer
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.bills.desk import bill_on, moment
from tests.bills.ledger import present
from tests.cli.terminal import run
from tests.shop import a_customer, a_plan, a_subscription, open_shop

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))
AT = "2026-05-01T09:00+02:00"


@pytest.fixture(autouse=True)
def shop(database: None, time_machine: Any) -> None:
    time_machine.move_to(moment(MAY, 12), tick=False)
    with acting(Scope.all()):
        open_shop()
        plan = a_plan()
        for name, review in (("Alpha", False), ("Beta", True)):
            customer = a_customer(name)
            a_subscription(customer, plan, review_first_bill=review)
            present(customer, "PC-1 #>", start=APRIL)


def test_a_dry_run_prints_what_the_run_then_does_with_the_same_digests() -> None:
    dry = run("bill", "--at", AT, "--dry-run", "--json")
    with acting(Scope.all()):
        assert Bill.objects.count() == 0
    real = run("bill", "--at", AT, "--json")

    assert (dry.code, real.code) == (0, 1)  # something is held
    assert [b["content_digest"] for b in dry.json["bills"]] == [b["content_digest"] for b in real.json["bills"]]
    assert real.json["summary"] == {"issued": 1, "held": 1, "empty": 0, "parked": 0, "waiting": 0, "faults": 0}
    assert real.json["totals"] == {"EUR": "35.70"}


def test_the_run_is_told_in_a_table_with_what_is_held_and_why() -> None:
    answer = run("bill", "--at", AT)

    assert "INV-2026-00001" in answer.out
    assert "This is the first bill for Gold" in answer.out
    assert "1 issued (35.70 EUR), 1 held, 0 empty, 0 parked, 0 waiting." in answer.out
    again = run("bill", "--at", AT)
    assert (again.code, "0 issued (nothing), 0 held" in again.out) == (0, True)


def test_only_the_customers_that_are_named_are_billed() -> None:
    assert run("bill", "--at", AT, "--customer", "Alpha", "--json").json["summary"]["issued"] == 1
    with acting(Scope.all()):
        assert Bill.objects.count() == 1


def test_a_clock_that_went_back_bills_nobody_until_it_is_confirmed() -> None:
    run("bill", "--at", AT)

    refused = run("bill", "--at", "2026-04-01T09:00+02:00")

    assert refused.code == 1
    assert "before the last run" in refused.out
    assert run("bill", "--at", "2026-04-01T09:00+02:00", "--confirm").code == 0


def test_periods_that_were_missed_are_told_with_the_command_that_bills_them(time_machine: Any) -> None:
    time_machine.move_to("2026-08-03T09:00+02:00", tick=False)

    waits = run("bill", "--customer", "Alpha")

    assert "4 periods of Gold were missed" in waits.out
    assert "See them with quarterday bill --dry-run --confirm; bill them with quarterday bill --confirm." in waits.out
    assert run("bill", "--customer", "Alpha", "--confirm", "--json").json["summary"]["waiting"] == 0


def test_a_draft_is_listed_shown_recounted_and_released() -> None:
    run("bill", "--at", AT)
    [draft] = run("bills", "list", "--state", "draft", "--json").json
    assert (draft["customer"], draft["why"]) == (
        "Beta",
        "This is the first bill for Gold: look at it, then release it.",
    )

    recounted = run("bills", "recount", draft["number"])
    [again] = run("bills", "list", "--state", "draft", "--json").json
    released = run("bills", "release", again["number"])

    assert recounted.out == f"Now {again['number']}: 35.70 EUR.\n"
    assert released.out == "Issued as INV-2026-00002, due on 2026-05-15.\n"
    shown = run("bills", "show", "INV-2026-00002", "--json").json
    assert (shown["customer"], shown["recomputed"], shown["lines"][0]["devices"][0]["name"]) == (
        "Beta",
        "the same",
        "PC-1",
    )
    assert "computer" in run("bills", "show", "INV-2026-00002").out


def test_the_list_says_how_each_bill_stands_and_how_many_are_not_listed(time_machine: Any) -> None:
    run("bill", "--at", AT)
    run("bills", "release", "--all")
    run("payments", "add", "C-0001", "10.00", "--on", "2026-05-01")

    assert {row["customer"]: row["status"] for row in run("bills", "list", "--json").json} == {
        "Alpha": "partly paid",
        "Beta": "open",
    }
    time_machine.move_to("2026-07-01T09:00+02:00", tick=False)
    assert {row["status"] for row in run("bills", "list", "--json").json} == {"overdue"}
    short = run("bills", "list", "--limit", "1")
    assert "INV-2026-00001" not in short.out
    assert "1 more is not listed: --limit 2 lists all." in short.err
    assert not run("bills", "list").err


def test_a_draft_is_discarded_and_waived() -> None:
    run("bill", "--at", AT)
    [draft] = run("bills", "list", "--state", "draft", "--json").json

    assert "periods are waived" in run("bills", "discard", draft["number"], "--waive", "trial month").out
    assert run("bill", "--at", AT, "--json").json["bills"] == []
    assert run("bills", "release", draft["number"]).code == 1


def test_a_bill_is_credited_by_line_and_whole() -> None:
    run("bill", "--at", AT)

    part = run("bills", "credit", "INV-2026-00001", "--reason", "Idle", "--line", "1=10.00")
    rest = run("bills", "credit", "INV-2026-00001", "--reason", "Wrong plan", "--bill-again")
    wrong = run("bills", "credit", "INV-2026-00001", "--reason", "Idle", "--line", "ten")

    assert part.out == "Credited by CN-2026-00001: 11.90 EUR.\n"
    assert rest.out == "Credited by CN-2026-00002: 23.80 EUR.\n"
    assert (wrong.code, "write it like 2=45.00" in wrong.err) == (2, True)
    assert len(run("bills", "list", "--json").json) == 3


def test_parked_customers_and_late_truths_wait_for_their_commands() -> None:
    with acting(Scope.all()):
        from quarterday.customers.models import Customer

        Customer.objects.filter(name="Alpha").update(country="FR", tax_status="business", vat_id="")
    run("bill", "--at", AT)
    assert [row["customer"] for row in run("bills", "parked", "--json").json] == ["Alpha"]
    with acting(Scope.all()):
        Customer.objects.filter(name="Alpha").update(country="DE", tax_status="standard")
    assert "is billed again with the next run" in run("bills", "unpark", "Alpha").out
    run("bill", "--at", AT)
    with acting(Scope.all()):
        present(Customer.objects.get(name="Alpha"), "PC-2 #>", start=APRIL, learned_at=moment(date(2026, 5, 9)))
        bill_on(date(2026, 6, 1))

    [asked] = run("bills", "late", "--json").json
    assert (asked["customer"], asked["difference"]) == ("Alpha", "30.00")
    assert run("bills", "late", "--decide", str(asked["id"])).code == 2
    assert run("bills", "late", "--decide", str(asked["id"]), "--forgive").out == "Nothing was learned late.\n"
    with acting(Scope.all()):
        assert LateTruth.objects.get().decision == "forgiven"


def test_bills_are_written_as_papers_and_as_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("bill", "--at", AT)

    assert run("bills", "pdf", "INV-2026-00001").out == "Written to INV-2026-00001.pdf.\n"
    assert Path("INV-2026-00001.pdf").read_bytes().startswith(b"%PDF-")
    many = run("bills", "consolidated", "Alpha", "--since", "2026-05-01", "--until", "2026-05-31")
    assert many.out == "Written to C-0001-2026-05-01-2026-05-31.pdf.\n"
    assert run("bills", "export", "--out", "may.csv").code == 0
    header, line = list(csv.reader(Path("may.csv").read_text(encoding="utf-8").splitlines()))
    row = dict(zip(header, line, strict=True))
    assert (row["number"], row["customer"], row["net"], row["currency"]) == ("INV-2026-00001", "Alpha", "30.00", "EUR")
    assert (row["first_day"], row["last_day"], row["quantity"], row["unit_price"]) == (
        *("2026-04-01", "2026-04-30"),
        *("1", "30.00"),
    )
    assert (row["tax_code"], row["tax_category"], row["tax_rate"]) == ("standard", "S", "19")
    assert run("bills", "export", "--since", "2027-01-01").out.count("\n") == 1


def test_a_bill_is_mailed_again_to_whom_it_is_asked(tmp_path: Path) -> None:
    run("bill", "--at", AT)
    run("bills", "pdf", "INV-2026-00001", "--folder", str(tmp_path))

    again = run("bills", "resend", "INV-2026-00001", "--to", "accounts@alpha.example")

    assert again.out == "It goes to accounts@alpha.example.\n"
    assert "is not an e-mail address" in run("bills", "resend", "INV-2026-00001", "--to", "nobody").err


@pytest.mark.parametrize(
    "command",
    [
        "pdf",
        "consolidated",
        "export",
        "resend",
        "bridge",
        "list",
        "show",
        "release",
        "recount",
        "discard",
        "credit",
        "parked",
        "unpark",
        "late",
    ],
)
def test_every_command_teaches_by_an_example(command: str) -> None:
    answer = run("bills", command, "--help")

    assert answer.code == 0
    assert f"quarterday bills {command}" in answer.out


def test_a_bill_is_explained_from_the_one_before(time_machine: Any) -> None:
    run("bill", "--at", AT)
    assert (
        run("bills", "bridge", "INV-2026-00001").out == "No bill is before this one: name another to compare it with.\n"
    )
    with acting(Scope.all()):
        present(Customer.objects.get(name="Alpha"), "PC-2 #>", start=MAY)
    time_machine.move_to(moment(JUNE, 12), tick=False)
    run("bill", "--at", "2026-06-01T09:00+02:00")
    with acting(Scope.all()):
        may = f"draft {Bill.objects.get(customer__name='Alpha', billing_date=JUNE).pk}"  # twice as much: it is held
        other = f"draft {Bill.objects.filter(customer__name='Beta')[0].pk}"

    answer = run("bills", "bridge", may, "--json").json

    assert (answer["earlier"]["total"], answer["later"]["total"], answer["difference"]) == ("35.70", "71.40", "35.70")
    assert [(each["kind"], each["amount"], each["devices"]) for each in answer["reasons"]] == [
        ("came", "30.00", ["PC-2"]),
        ("tax", "5.70", []),
    ]
    told = run("bills", "bridge", may, "INV-2026-00001").out
    assert "Computers: 1 new" in told
    assert "different customers" in run("bills", "bridge", may, other).err


def test_a_line_is_explained_by_rule_price_version_and_the_days_of_its_devices() -> None:
    run("bill", "--at", AT)

    [line] = run("bills", "show", "INV-2026-00001", "--json").json["lines"]

    assert (line["plan"], line["counting"], line["counted_on"]) == ("Gold", "at_end", "2026-04-30")
    assert (line["unit_price"], line["price_since"], line["price_is_own"]) == ("30.00", "2026-01-01", False)
    assert line["devices"] == [{"name": "PC-1", "days": 30, "present": ["2026-04-01 to 2026-05-01"]}]
    told = run("bills", "show", "INV-2026-00001", "--devices").out
    assert "at_end" in told
    assert "PC-1" in told


def test_many_drafts_are_decided_each_on_its_own_and_a_refused_one_is_told() -> None:
    run("bill", "--at", AT)
    [draft] = run("bills", "list", "--state", "draft", "--json").json
    number = draft["number"].removeprefix("draft ")

    refused = run("bills", "release", number, "999999")

    assert refused.code == 1
    assert f"draft {number}: Issued as INV-2026-00002, due on 2026-05-15." in refused.out
    assert "draft 999999: " in refused.out
    assert run("bills", "release", "--all").out == "No draft waits.\n"
    assert run("bills", "discard").code == 2


def test_a_month_is_accounted_for_and_days_of_a_device_are_credited() -> None:
    run("bill", "--at", AT)

    told = run("bills", "conservation", "--month", "2026-04", "--json").json
    credited = run(
        *("bills", "credit", "INV-2026-00001", "--reason", "Repair", "--device", "PC-1"),
        *("--from", "2026-04-11", "--to", "2026-04-20"),
    )

    assert (told["faults"], told["total"]["ledger"]) == ([], 30 * len(told["customers"]))
    assert "Alpha" in run("bills", "conservation", "--month", "2026-04").out
    assert run("bills", "conservation", "--month", "April").code == 2
    assert run("bills", "unbilled", "--month", "2026-04").out == "Every device has a plan that prices it.\n"
    assert credited.out == "Credited by CN-2026-00001: 11.90 EUR.\n"
    assert run("bills", "credit", "INV-2026-00001", "--reason", "Repair", "--device", "PC-1").code == 2
    assert run("devices", "exceptions").out == "No exception is in force.\n"
    assert run("devices", "paused").out == "Nothing is paused.\n"
    assert run("devices", "unpause", "7").code == 1
    assert run("devices", "replacements", "--look").out == "No replacement waits for a decision.\n"


def test_a_credited_bill_is_owed_no_longer_at_once_and_says_so() -> None:
    run("bill", "--at", AT)
    assert run("payments", "show", "C-0001", "--json").json[0]["status"] == "open"

    run("bills", "credit", "INV-2026-00001", "--reason", "Wrong plan")

    assert run("payments", "show", "C-0001").out == "Nothing is open.\n"
    history = run("bills", "show", "INV-2026-00001", "--json").json["history"]
    assert ("corrected", "CN-2026-00001") in [(each["what"], each["words"]) for each in history]
