"""The MSP's month on the command line: from an empty database to a plan that customers have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quarterday.outbox.actions import NewMessage, Ready, make_ready, post_messages
from quarterday.outbox.models import MailServer, Message
from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from tests.cli.terminal import run
from tests.outbox.post import scripted_post

NOW = datetime(2026, 4, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def april(database: None, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def shop() -> None:
    """A provider with a mail server, two customers and the plan Gold."""
    done("provider", "set-up", "--name", "Shop", "--country", "DE", "--set", "vat_id=DE136695976")
    with acting(Scope.all()):
        MailServer.objects.create(pk=1, host="mail", sender_address="bills@shop.example", changed_at=NOW, tested_at=NOW)
    for name in ("North Dental", "South Law"):
        done(
            *("customers", "add", "--name", name, "--country", "DE", "--time-zone", "Europe/Berlin"),
            *("--currency", "EUR", "--email", "ap@x.example"),
        )
    done("plans", "add", "Gold", "--currency", "EUR", "--from", "2026-01-01", "--price", "computer=30.00")


def done(*arguments: str) -> str:
    answer = run(*arguments)
    assert answer.code == 0, answer.err
    return answer.out


def refused(*arguments: str) -> str:
    answer = run(*arguments)
    assert answer.code == 1, answer.out
    return answer.err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("customers list", "Add one with `quarterday customers add`"),
        ("plans list", "Make one with `quarterday plans add`"),
        ("subscriptions list", "Make one with `quarterday associate`"),
        ("adjustments list", "Add one with `quarterday adjustments add`"),
        ("users list", "Add somebody with `quarterday users add`"),
        ("provider classes", "run `quarterday provider set-up`"),
        ("provider taxes", "run `quarterday provider set-up`"),
    ],
)
def test_an_empty_list_says_how_to_begin_and_is_an_empty_list_as_json(command: str, words: str) -> None:
    assert words in done(*command.split())
    assert run(*command.split(), "--json").json == []


def test_an_empty_installation_says_who_is_missing() -> None:
    assert "provider set-up" in refused("provider", "show")
    assert "'standard' is no tax code" in refused(
        "plans", "add", "Gold", "--currency", "EUR", "--from", "2026-01-01", "--flat-fee", "5"
    )


def test_a_plan_is_associated_with_two_customers_after_a_look(shop: None) -> None:
    looked = run(
        *("associate", "Gold", "--customer", "C-0001", "--customer", "South Law", "--starts", "2025-10-31"),
        *("--cycle", "quarterly", "--due-days", "30", "--dry-run", "--json"),
    )
    assert looked.json[0] == {
        "customer": "C-0001",
        "name": "North Dental",
        "time_zone": "Europe/Berlin",
        "billed_from": "2026-01-31",
        "first_period": "2026-01-31 to 2026-04-29",
        "first_bill_on": "2026-04-30",
        "first_due_on": "2026-05-30",
        "second_period": "2026-04-30 to 2026-07-30",
        "second_bill_on": "2026-07-31",
        "second_due_on": "2026-08-30",
        "first_net": "0.00",
        "second_net": "0.00",
        "currency": "EUR",
    }
    assert run("subscriptions", "list", "--json").json == []

    out = done(
        *("associate", "Gold", "--customer", "C-0001", "--customer", "South Law", "--starts", "2026-04-01"),
        *("--email", "books@x.example", "--no-review"),
    )
    assert "2 associated with Gold." in out
    listed = run("subscriptions", "list", "--json").json
    assert [(row["customer"], row["cycle"], row["billed_from"], row["emails"]) for row in listed] == [
        ("C-0001", "monthly", "2026-04-01", ["books@x.example"]),
        ("C-0002", "monthly", "2026-04-01", ["books@x.example"]),
    ]


def test_a_look_before_associating_says_what_the_first_bills_come_to(shop: None) -> None:
    done("plans", "add", "Flat", "--currency", "EUR", "--from", "2026-01-01", "--flat-fee", "50")
    words = ("associate", "Flat", "--customer", "C-0001", "--starts", "2026-04-15", "--billing-day", "1")

    (looked,) = run(*words, "--dry-run", "--json").json

    # From 15 to 30 April are 16 of the 30 days of the whole period: 50.00 x 16/30.
    assert (looked["first_period"], looked["first_net"]) == ("2026-04-15 to 2026-04-30", "26.67")
    assert (looked["second_net"], looked["currency"]) == ("50.00", "EUR")
    assert "26.67" in done(*words, "--dry-run")
    assert run("subscriptions", "list", "--json").json == []


def test_an_address_that_bills_would_lack_is_told_before_the_first_one(shop: None, time_machine: Any) -> None:
    ours, theirs = "Warning: your own street or city is missing", "without the street or city of North Dental:"
    done("plans", "add", "Flat", "--currency", "EUR", "--from", "2026-01-01", "--flat-fee", "80")
    words = ("associate", "Flat", "--customer", "C-0001", "--starts", "2026-04-01")
    looked = run(*words, "--dry-run").err
    assert ours in looked
    assert theirs in looked

    done("provider", "change", "--set", "street=Hafen 1", "--set", "city=Kiel")
    associated = run(*words)
    assert theirs in associated.err
    assert ours not in associated.err

    time_machine.move_to(NOW + timedelta(days=22), tick=False)
    dry = run("bill", "--dry-run", "--json")
    assert theirs in dry.err
    assert [bill["net"] for bill in dry.json["bills"]] == ["80.00"]

    done("customers", "change", "C-0001", "--set", "street=Markt 2", "--set", "city=Bonn")
    assert "Warning" not in run("bill", "--dry-run").err


def test_months_that_are_not_billed_are_told_and_billed_after_all(shop: None) -> None:
    words = ("associate", "Gold", "--customer", "C-0001", "--starts", "2026-01-01")
    assert "To bill it, too, associate with --billed-from 2026-01-01." in done(*words, "--dry-run")
    assert "(quarterday disassociate Gold --customer ... --last-day 2025-12-31)" in done(*words)

    done("disassociate", "Gold", "--customer", "C-0001", "--last-day", "2025-12-31")
    assert "not billed" not in done(*words, "--billed-from", "2026-01-01")
    assert [row["billed_from"] for row in run("subscriptions", "list", "--json").json] == ["2026-01-01"]
    assert "not billed" not in done("associate", "Gold", "--customer", "C-0002", "--starts", "2026-04-01")


def test_what_forbids_it_is_named_and_nothing_is_done(shop: None) -> None:
    arguments = ("associate", "Gold", "--starts", "2026-04-01", "--customer")
    assert "customer: 'Nobody' is not known" in refused(*arguments, "Nobody")
    assert "plan: 'Silver' is not known: there are Gold" in refused(
        "associate", "Silver", "--starts", "2026-04-01", "--customer", "C-0001"
    )
    done(*arguments, "C-0001")
    assert "customer C-0001: North Dental has Gold already" in refused(*arguments, "C-0001", "--customer", "C-0002")
    assert len(run("subscriptions", "list", "--json").json) == 1


def test_a_subscription_is_changed_ended_and_taken_back(shop: None) -> None:
    done("associate", "Gold", "--customer", "C-0001", "--starts", "2026-04-01")
    number = str(run("subscriptions", "list", "--json").json[0]["id"])

    done("subscriptions", "change", number, "--set", "due_days=30", "--set", "bill_separately=yes")
    done("subscriptions", "agree", number, "--from", "2026-05-01", "--price", "computer=27.50")
    done("subscriptions", "uplift", "Gold", "--percent", "10", "--from", "2027-01-01", "--next-period")
    told = run("subscriptions", "show", number, "--json").json
    assert (told["due_days"], told["bill_separately"]) == (30, True)
    assert [(own["from"], own["prices"]["computer"]["unit_price"]) for own in told["own_prices"]] == [
        ("2026-05-01", "27.50"),
        ("2027-01-01", "30.25"),
    ]

    done("disassociate", "Gold", "--customer", "C-0001", "--last-day", "2026-04-20", "--full")
    assert "C-0002: South Law does not have Gold" in refused(
        "disassociate", "Gold", "--customer", "C-0002", "--last-day", "2026-04-20"
    )
    assert run("subscriptions", "list", "--ended", "--json").json[0]["ends_on"] == "2026-04-21"
    done("subscriptions", "undo", number)
    done("subscriptions", "restart", number, "--on", "2026-05-01", "--cycle", "2 weeks")
    listed = run("subscriptions", "list", "--all", "--json").json
    assert [(row["cycle"], row["ends_on"]) for row in listed] == [("monthly", "2026-05-01"), ("every 2 weeks", None)]
    assert "is not known" in refused("subscriptions", "show", "999999")


def test_a_plan_is_modified_after_a_look_at_whom_it_touches(shop: None) -> None:
    done("associate", "Gold", "--customer", "C-0001", "--starts", "2026-04-01")
    arguments = ("plans", "modify", "Gold", "--from", "2026-05-15", "--price", "server=90")

    looked = run(*arguments, "--dry-run", "--json")
    assert [(row["period_start"], row["new_prices_from"], row["billed_on"]) for row in looked.json] == [
        ("2026-05-01", "2026-05-15", "2026-06-01")
    ]
    assert len(run("plans", "show", "Gold", "--json").json["versions"]) == 1

    done(*arguments)
    versions = run("plans", "show", "Gold", "--json").json["versions"]
    assert versions[1]["prices"] == {"computer": {"unit_price": "30.00"}, "server": {"unit_price": "90"}}
    assert "has a version already" in refused(*arguments)
    done("plans", "withdraw", "Gold", "--from", "2026-05-15")
    assert "is the plan's first version" in refused("plans", "withdraw", "Gold", "--from", "2026-01-01")


def test_charges_and_discounts_are_added_listed_and_cancelled(shop: None) -> None:
    done("adjustments", "add", "C-0001", "Onboarding", "--amount", "100")
    done("adjustments", "add", "C-0001", "Loyalty", "--percent", "-5", "--until", "2027-01-01")
    done("adjustments", "add", "South Law", "Seats", "--quantity", "4", "--unit-price", "6.125", "--without-end")
    assert "give exactly one of" in refused("adjustments", "add", "C-0001", "Nothing")

    listed = {row["text"]: row for row in run("adjustments", "list", "--json").json}
    assert [(row["charge"], row["times"], row["starts_on"]) for row in listed.values()] == [
        ("4 x 6.125 EUR", None, "2026-04-10"),
        ("-5 %", None, "2026-04-10"),
        ("100 EUR", 1, "2026-04-10"),
    ]
    done("adjustments", "cancel", str(listed["Loyalty"]["id"]))
    assert "Loyalty" not in done("adjustments", "list", "--customer", "C-0001")


def test_customers_are_changed_archived_and_imported(shop: None, tmp_path: Path) -> None:
    done("customers", "change", "C-0001", "--set", "city=Kiel", "--set", "reminders=no")
    told = run("customers", "show", "C-0001", "--json").json
    assert (told["city"], told["reminders"], told["emails"]) == ("Kiel", False, ["ap@x.example"])
    assert "Nothing was different" in done("customers", "change", "C-0001", "--set", "city=Kiel")
    assert "colour: cannot be set here" in refused("customers", "change", "C-0001", "--set", "colour=red")
    assert "customer: 'C-9' is not known" in refused("customers", "show", "C-9")

    file = tmp_path / "customers.csv"
    file.write_text("name,city\nNorth Dental,Bonn\nEast,Ulm\n")
    assert "1 new, 1 changed, 0 as they are: say --apply" in done(
        "customers", "import", str(file), "--currency", "EUR", "--time-zone", "Europe/Berlin"
    )
    assert len(run("customers", "list", "--json").json) == 2
    assert "line 3, currency: is missing" in refused("customers", "import", str(file), "--apply")
    done("customers", "import", str(file), "--currency", "EUR", "--apply")
    assert [row["city"] for row in run("customers", "list", "--json").json] == ["Ulm", "Bonn", ""]

    done("customers", "archive", "C-0002")
    assert "South" not in done("customers", "list")
    done("customers", "restore", "C-0002")


def test_users_are_let_in_and_see_what_is_assigned(shop: None) -> None:
    answer = run(
        "users", "add", "ada@shop.example", "--role", "admin", "--password", typed="quiet evening 7\nquiet evening 7\n"
    )
    assert answer.code == 0
    done("users", "add", "it@partner.example", "--role", "customer_admin", "--customer", "C-0001")
    done("users", "assign", "it@partner.example", "--customer", "C-0002")
    done("users", "assign", "it@partner.example", "--customer", "C-0001", "--remove")

    listed = run("users", "list", "--json").json
    assert [(row["email"], row["role"], row["customers"]) for row in listed] == [
        ("ada@shop.example", "admin", []),
        ("it@partner.example", "customer_admin", ["C-0002"]),
    ]
    assert "it is the last admin" in refused("users", "close", "ada@shop.example")
    assert "too short" in run("users", "password", "it@partner.example", typed="short\nshort\n").err
    done("users", "close", "it@partner.example")


def test_the_provider_is_shown_and_changed(shop: None, tmp_path: Path) -> None:
    done("provider", "change", "--set", "iban=DE89 3704 0044 0532 0130 00", "--set", "review_all_bills=yes")
    done("provider", "numbering", "invoice", "R{year}-{number:06d}")
    done("provider", "add-class", "switch", "Network switch")
    done(
        *("provider", "add-tax", "hardware", "--name", "Hardware", "--category", "S", "--rate", "19"),
        *("--country", "DE", "--from", "2026-05-01"),
    )
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    done("provider", "logo", str(logo))

    told = run("provider", "show", "--json").json
    assert (told["iban"], told["review_all_bills"]) == ("DE89370400440532013000", True)
    assert told["numbering"]["invoice"] == "R{year}-{number:06d}"
    assert told["device_classes"] == ["computer", "server", "mobile", "switch"]
    assert told["tax_codes"] == ["hardware", "standard"]
    assert told["logo"] == "image/svg+xml"
    assert "iban: 'DE00' is not an IBAN" in refused("provider", "change", "--set", "iban=DE00")


def test_hostile_names_are_kept_and_shown_harmlessly(shop: None) -> None:
    name = '<script>alert("x")</script> [bold red]=cmd|’ ' + "x" * 200
    done(
        *("customers", "add", "--name", name, "--country", "DE", "--time-zone", "Europe/Berlin", "--currency", "EUR"),
    )

    assert run("customers", "list", "--search", "script", "--json").json[0]["name"] == name
    assert "<script>" in done("customers", "list", "--search", "script")
    assert "control character" in refused(
        *("customers", "add", "--name", "\x1b[2J", "--country", "DE", "--time-zone", "UTC", "--currency", "EUR")
    )


def test_the_doctor_finds_what_is_missing_and_says_the_cure(database: None) -> None:
    answer = run("doctor", "--json")

    assert answer.code == 1
    wrong = {finding["what"]: finding["cure"] for finding in answer.json if not finding["is_well"]}
    assert wrong["Provider"].startswith("Run `quarterday provider set-up")
    assert wrong["Mail"].startswith("Run `quarterday mail configure`")
    assert {"Settings", "PostgreSQL", "Roles", "Migrations", "Row-level security", "Fonts"} <= {
        finding["what"] for finding in answer.json if finding["is_well"]
    }


def test_the_doctor_misses_what_a_bill_says_of_its_provider(shop: None) -> None:
    assert "Shop, whose bills would lack street, city" in run("doctor").out


def test_the_doctor_is_content_with_a_whole_installation(shop: None) -> None:
    done("provider", "change", "--set", "street=Hafen 1", "--set", "city=Kiel")
    with scripted_post() as post:
        with acting(Scope.all()):
            MailServer.objects.update(host="127.0.0.1", port=post.port, security="none")
        answer = run("doctor")

    assert answer.code == 0, answer.out
    assert "LOOK" not in answer.out


def test_every_change_is_in_the_trail_with_its_actor(shop: None) -> None:
    done("associate", "Gold", "--customer", "C-0001", "--starts", "2026-04-01")

    with acting(Scope.all()):
        entries = [
            (entry.actor_name, entry.verb, entry.subject_name, entry.at) for entry in AuditEntry.objects.order_by("pk")
        ]
    assert {name for name, *_ in entries} == {"command line"}
    assert {at for *_, at in entries} == {NOW}
    assert [verb for _, verb, *_ in entries] == ["set up", "added", "added", "created", "associated"]


def test_a_run_that_is_still_to_come_is_looked_at_and_not_made(shop: None) -> None:
    answer = run("bill", "--at", "2026-05-01T07:00+02:00")

    assert answer.code == 2
    assert "is still to come" in answer.err
    assert "--dry-run" in answer.err
    assert run("bill", "--at", "2026-05-01T07:00+02:00", "--dry-run").code == 0
    assert run("bill", "--at", "2026-05-01T07:00+02:00", "--confirm").code == 0


def test_a_name_that_two_customers_have_is_told_at_once(shop: None) -> None:
    again = ("customers", "add", "--name", "South Law", "--country", "DE", "--time-zone", "UTC", "--currency", "EUR")
    assert "C-0002 has the same name" in done(*again)


def test_mail_that_waits_for_its_customers_morning_says_when_it_goes(shop: None) -> None:
    assert done("mail", "send") == "Nothing was due.\n"
    with acting(Scope.all()):
        post_messages(
            [NewMessage("bill/1", "bill", None, ["ap@x.example"], not_before=NOW + timedelta(hours=21))], now=NOW
        )
    assert "1 wait, for their prints" in done("mail", "send")
    with acting(Scope.all()):
        make_ready([Ready(Message.objects.get().pk, "Bill", "Hello", [])], now=NOW)
    assert "1 wait, the first one at 2026-04-11 06:00 UTC, in its customer's hours" in done("mail", "send")


def test_a_date_far_away_is_refused_and_never_a_stack_trace(shop: None) -> None:
    for far in ("0001-01-01", "9999-12-31"):
        for command in (
            ("associate", "Gold", "--customer", "C-0001", "--starts"),
            ("plans", "modify", "Gold", "--price", "computer=31", "--from"),
        ):
            answer = run(*command, far)
            assert answer.code == 2
            assert f"{far} is out of bounds: use a day between 1990 and 2199" in answer.err
