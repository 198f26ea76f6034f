"""Bad input of every verb in a bill's life: a missing id, a wrong day, an amount that cannot be, what was decided
before, another customer's, an empty text. Each is refused in words with the cure, and changes nothing.

Exit code 1: refused by a room. 2: wrong usage, seen before anything was asked. `{names}` are those of decided_shop.py.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from quarterday.shared.database import acting
from quarterday.shared.models import AuditEntry
from quarterday.shared.scope import Scope
from tests.cli.decided_shop import NOW, decided_shop
from tests.cli.terminal import run

HUGE = "9" * 30

BAD: dict[str, list[tuple[str, int, str]]] = {
    "bill": [
        ("bill --at yesterday", 2, "write it like 2026-04-30T06:00+02:00"),
        ("bill --at 2026-06-10", 2, "has no offset from UTC"),
        ("bill --at 2026-07-01T07:00+02:00", 2, "is still to come"),
        ("bill --customer Nobody", 1, "customer: 'Nobody' is not known: see `quarterday customers list`"),
        ("bills list --customer Nobody", 1, "'Nobody' is not known"),
        ("bills list --since 2026-06-02 --until 2026-06-01", 2, "is before --since 2026-06-02: exchange them"),
        ("bills export --since 2026-06-02 --until 2026-06-01", 2, "exchange them"),
        ("bills show INV-9", 1, "There is no bill 'INV-9': bills list names them"),
        ("bills pdf INV-9", 1, "There is no bill 'INV-9'"),
        ("bills resend INV-9", 1, "There is no bill 'INV-9'"),
        ("bills resend {draft}", 1, "is not issued: release it"),
        ("bills consolidated {north} --since 2026-06-02 --until 2026-06-01", 2, "exchange them"),
        ("bills unpark {north}", 1, "North is not parked"),
    ],
    "review": [
        ("bills release", 2, "Name the drafts, or say --all"),
        ("bills release {draft} --all", 2, "Name the drafts, or say --all"),
        *(
            (f"bills {verb} {number}", 1, words)
            for verb in ("release", "recount", "discard")
            for number, words in (
                ("999999", "There is no bill 'draft 999999': bills list names them"),
                (HUGE, "There is no bill"),
                ("{paid_bill}", "is issued: correct it by a credit note"),
                ("{note}", "is issued: correct it by a credit note"),
            )
        ),
        ("bills discard {draft} --waive ''", 1, "waive_reason: is missing: say why"),
        ("bills discard {draft} --waive ' '", 1, "waive_reason: is missing: say why"),
    ],
    "credit": [
        ("bills credit INV-9 --reason x", 1, "There is no bill 'INV-9'"),
        ("bills credit {open_bill}", 2, "--reason"),
        ("bills credit {open_bill} --reason ' '", 1, "reason: is missing"),
        *(
            (f"bills credit {{open_bill}} --reason x --line {told}", code, words)
            for told, code, words in (
                ("1=0", 1, "no amount is given"),
                ("1=-5", 1, "-5 cannot be credited: 90.00 is left of line 1"),
                ("1=1000", 1, "1000 cannot be credited: 90.00 is left of line 1"),
                (f"1={HUGE}", 1, "90.00 is left of line 1"),
                ("1=1.001", 1, "1.001 is finer than the currency's 2 decimals"),
                ("9=1", 1, "line 9 is not on this bill, which has lines 1 to 1"),
                ("x=1", 2, "write it like 2=45.00"),
                ("1=abc", 2, "'abc' is not a number"),
                ("1=1 --line 1=2", 2, "Line 1 is told twice: add its amounts up"),
                ("1=1 --bill-again", 1, "Only a bill that is credited whole can be billed again"),
            )
        ),
        *(
            (f"bills credit {{open_bill}} --reason x --device {told}", code, words)
            for told, code, words in (
                ("PC-9 --from 2026-05-01 --to 2026-05-02", 1, "'PC-9' is not known"),  # another customer's
                ("PC-77 --from 2026-05-01 --to 2026-05-02", 1, "see `quarterday devices list`"),
                ("PC-1 --from 2026-04-01 --to 2026-04-02", 1, "charges nothing for this device"),
                ("PC-1 --from 2026-05-05 --to 2026-05-02", 2, "exchange them"),
                ("PC-1 --from april --to 2026-05-02", 2, "'april' is not a day: write it like 2026-04-30"),
                ("PC-1 --from 2026-05-01 --to 9999-12-31", 2, "use a day between 1990 and 2199"),
                ("PC-1", 2, "--device, --from and --to together"),
            )
        ),
        ("bills credit {credited_bill} --reason x", 1, "nothing of this bill is left to credit"),
        ("bills credit {credited_bill} --reason x --bill-again", 1, "nothing of this bill is left to credit"),
        ("bills credit {note} --reason x", 1, "A credit note cannot be credited"),
        ("bills credit {draft} --reason x", 1, "is not issued: discard it instead"),
    ],
    "second person": [
        ("payments approve 999", 1, "proposal: There is no proposal 999: see quarterday payments proposals"),
        (f"payments approve {HUGE}", 1, "There is no proposal"),
        ("payments approve {proposal}", 1, "has decided this before"),
        ("payments refuse 999 --reason x", 1, "There is no proposal 999"),
        ("payments refuse {proposal} --reason x", 1, "has decided this before"),
        ("payments refuse {proposal}", 2, "--reason"),
    ],
    "write-off": [
        ("payments write-off INV-9 --reason x", 1, "There is no bill 'INV-9'"),
        ("payments write-off {open_bill} --reason ''", 1, "reason: is missing: say why"),
        *(
            (f"payments write-off {{open_bill}} --reason x {told}", code, words)
            for told, code, words in (
                ("--amount 0", 1, "amount: 0 is not more than nothing: write an amount above 0"),
                ("--amount -1", 1, "amount: -1 is not more than nothing"),
                ("--amount 1.001", 1, "amount: 1.001 has more than the 2 decimals of EUR: round it"),
                ("--amount 100000", 1, "EUR that are open"),
                ("--amount 1e400", 1, "absurdly large: check the decimal point"),
                ("--on 2026-01-01", 1, "written_off_on: 2026-01-01 is not between the bill's issue"),
                ("--on 2026-07-01", 1, "and today (2026-06-10)"),
                ("--on soon", 2, "'soon' is not a day"),
            )
        ),
        ("payments write-off {paid_bill} --reason x", 1, "is paid: nothing is open to write off"),
        ("payments write-off {credited_bill} --reason x", 1, "nothing is open to write off"),
        ("payments write-off {note} --reason x", 1, "Only an issued invoice is written off"),
        ("payments write-off {draft} --reason x", 1, "Only an issued invoice is written off"),
        ("payments take-back 999 --reason x", 1, "There is no write-off 999: see quarterday payments write-offs"),
        ("payments take-back {undone} --reason x", 1, "It was taken back before"),
        ("payments take-back {write_off} --reason ''", 1, "reason: is missing: say why"),
    ],
    "payment": [
        ("payments add Nobody 10", 1, "'Nobody' is not known: see `quarterday customers list`"),
        *(
            (f"payments add {{north}} {told}", code, words)
            for told, code, words in (
                ("0", 1, "amount: 0 is not more than nothing: write an amount above 0"),
                ("-1", 1, "amount: -1 is not more than nothing"),
                ("1.001", 1, "has more than the 2 decimals of EUR: round it"),
                ("1e400", 1, "absurdly large: check the decimal point"),
                ("abc", 2, "'abc' is not a number: write it like 30.00"),
                ("NaN", 2, "'NaN' is not a number"),
                ("10 --currency euro", 1, "three capital letters of ISO 4217"),
                ("10 --on 2030-01-01", 1, "received_on: 2030-01-01 is far in the future: check the year"),
                ("10 --on 2006-06-01", 1, "received_on: 2006-06-01 is more than ten years ago: check the year"),
                ("10 --on 0001-01-01", 2, "use a day between 1990 and 2199"),
                ("10 --on soon", 2, "'soon' is not a day"),
                ("10 --bill INV-9", 1, "There is no bill INV-9"),
                ("10 --bill {other_bill}", 1, "is no issued invoice of North: name one of theirs"),
                ("10 --bill {note}", 1, "is no issued invoice of North"),
            )
        ),
        ("payments add {tokyo} 1.5", 1, "has more than the 0 decimals of JPY: round it"),
        ("payments refund 999 1", 1, "There is no payment 999: see quarterday payments list"),
        ("payments refund {paid} 0", 1, "amount: 0 is not more than nothing"),
        ("payments refund {paid} -1", 1, "amount: -1 is not more than nothing"),
        ("payments refund {paid} 1.001", 1, "has more than the 2 decimals of EUR"),
        ("payments refund {paid} 500", 1, "500 is more than the 107.10 EUR that is left of the payment"),
        ("payments refund {paid} 1 --on 2000-01-01", 1, "refunded_on: 2000-01-01 is more than ten years ago"),
        ("payments refund {paid} 1 --on 2025-01-01", 1, "is long before the money came, on 2026-06-01"),
        ("payments refund {paid} 1 --on 2099-01-01", 1, "refunded_on: 2099-01-01 is far in the future"),
        ("payments refund {given_back} 1", 1, "more than the 0.00 EUR that is left"),
        ("payments refund {withdrawn} 1", 1, "It was withdrawn, so there is nothing to give back"),
        ("payments withdraw 999 --reason x", 1, "There is no payment 999"),
        ("payments withdraw {withdrawn} --reason x", 1, "It was withdrawn before"),
        ("payments withdraw {given_back} --reason x", 1, "give back the rest"),
        ("payments withdraw {paid} --reason ''", 1, "reason: is missing: say why"),
    ],
    "bank": [
        ("payments confirm", 2, "Name lines, or say --sure"),
        ("payments confirm 999", 1, "There is no bank line 999: see quarterday payments suggestions"),
        ("payments confirm {line}", 1, "Nobody knows what this line is: say who paid, or ignore it"),
        ("payments confirm {ignored}", 1, "was ignored by Clara Clerk before: let it wait again first"),
        ("payments confirm {confirmed}", 1, "was confirmed by Clara Clerk before: withdraw or refund its payment"),
        ("payments confirm {line} --customer Nobody", 1, "'Nobody' is not known"),
        ("payments confirm {line} --customer {north} --bill {other_bill}", 1, "is no issued invoice of North"),
        ("payments confirm {line} --kind magic --customer {north}", 1, "say payment, recorded, refund, bounce"),
        ("payments confirm {line} --kind refund --payment {paid}", 1, "kind: 5.00 EUR came: it is no refund"),
        ("payments confirm {line} --kind recorded --payment {paid}", 1, "It is 107.10 EUR, the line 5.00"),
        ("payments confirm {line} --kind recorded", 1, "payment: is missing: say which payment"),
        ("payments ignore {line} --reason ''", 1, "reason: is missing: say what it is"),
        ("payments ignore {confirmed} --reason x", 1, "was confirmed by Clara Clerk before"),
        ("payments reopen {confirmed}", 1, "only what was ignored can wait again"),
    ],
    "reports": [
        ("payments statement Nobody --since 2026-01-01 --until 2026-02-01", 1, "'Nobody' is not known"),
        ("payments statement {north} --since 2026-02-01 --until 2026-01-01", 2, "exchange them"),
        ("payments statement {north} --since 2026-01-01 --until 9999-12-31", 2, "use a day between 1990 and 2199"),
        ("payments ledger --since 2026-01-01 --until 9999-12-31", 2, "use a day between 1990 and 2199"),
        ("payments ledger --since 2026-01-01 --until 2026-02-01 --customer Nobody", 1, "'Nobody' is not known"),
        ("payments ageing --on soon", 2, "'soon' is not a day"),
        ("payments ageing --customer Nobody", 1, "'Nobody' is not known"),
        ("bills conservation --month 2026-13", 2, "is not a month: write it like 2026-04"),
        ("bills conservation --month 9999-12", 2, "use a day between 1990 and 2199"),
        ("bills conservation --customer Nobody", 1, "'Nobody' is not known"),
        ("bills unbilled --month 9999-12", 2, "use a day between 1990 and 2199"),
        ("audit --only magic", 2, "'magic' is no promise: choose from"),
    ],
    "reminders and late fees": [
        ("payments pause INV-9 --reason x", 1, "There is no bill 'INV-9'"),
        ("payments pause {note} --reason x", 1, "Only an issued invoice is reminded of"),
        ("payments pause {open_bill} --reason ''", 1, "reason: is missing: say what is disputed"),
        ("payments pause {open_bill} --reason x --line 9", 1, "has no line 9: its lines are counted from 1"),
        ("payments pause {open_bill} --reason x --until 2020-01-01", 1, "is over: choose a day to come"),
        ("payments resume {open_bill}", 1, "Its reminders are not paused"),
        ("provider change --set reminder_days_after=400", 1, "write a number from 0 to 365"),
        ("provider change --set late_fee_days=0 --set late_fee_amount=1", 1, "write a number from 1 to 365"),
        ("provider change --set late_fee_days=14 --set late_fee_amount=-1", 1, "-1 is negative"),
        ("provider change --set late_fee_days=14 --set late_fee_percent=2000", 1, "at most 100 percent"),
        ("payments let-late-fee-go INV-9 --reason x", 1, "was charged no late fee: see quarterday payments late-fees"),
        ("payments let-late-fee-go {fee_bill} --reason x", 1, "It was let go before"),
    ],
    "late truths": [
        ("bills late --decide 999 --catch-up", 1, "There is no question 999: see `quarterday bills late`"),
        ("bills late --decide {late}", 2, "Say either --catch-up or --forgive"),
        ("bills late --decide {late} --catch-up --forgive", 2, "Say either --catch-up or --forgive"),
        ("bills late --decide {late} --forgive", 1, "late: It is decided already"),
    ],
    "why and what if": [
        ("bills bridge INV-9", 1, "There is no bill 'INV-9'"),
        ("bills bridge {open_bill} {open_bill}", 1, "does not differ from itself: name another one"),
        ("bills bridge {open_bill} {other_bill}", 1, "different customers: take two of one"),
        ("whatif recount Nobody --since 2026-04-01 --until 2026-04-30", 1, "'Nobody' is not known"),
        ("whatif recount {north} --since 2026-04-30 --until 2026-04-01", 2, "exchange them"),
        ("whatif recount {north} --since 2026-04-01 --until 9999-12-31", 2, "use a day between 1990 and 2199"),
        ("whatif recount {north} --since 2026-04-01 --until 2026-04-30 --counting magic", 2, "at_end"),
        ("whatif recount {north} --since 2026-04-01 --until 2026-04-30 --known-on 2030-01-01", 2, "still to come"),
        ("whatif replay Nothing --flat-fee 1", 1, "'Nothing' is not known: there are Gold"),
        ("whatif replay Gold", 1, "say what is to be tried out"),
        ("whatif replay Gold --flat-fee -1", 1, "flat_fee: -1 is negative"),
        ("whatif replay Gold --price toaster=1", 1, "prices.toaster: is no device class: use one of computer"),
        ("whatif replay Gold --price computer=1.1234567", 1, "at most 6 decimals"),
        ("whatif replay Gold --price computer=1e400", 1, "below 1000000000000"),
        ("whatif replay Gold --instead Gold", 1, "is the plan itself: name another one"),
        ("whatif replay Gold --flat-fee 1 --months 0", 1, "months: say 1 to 60"),
    ],
    "devices": [
        ("devices except PC-77 --reason x --agreed-by y --from 2026-06-01", 1, "see `quarterday devices list`"),
        ("devices except PC-1 --reason '' --agreed-by y --from 2026-06-01", 1, "reason: Say why it is not billed"),
        ("devices except PC-1 --reason x --agreed-by '' --from 2026-06-01", 1, "agreed_by: Say who agreed"),
        ("devices except PC-1 --reason x --agreed-by y --from 2026-06-05 --to 2026-06-01", 2, "exchange them"),
        ("devices except PC-1 --reason x --agreed-by y --from 2026-06-05 --to 9999-12-31", 2, "between 1990 and 2199"),
        ("devices except PC-1 --reason x --agreed-by y --from 2026-06-05 --customer South", 1, "'PC-1' is not known"),
        ("devices bill-again {exception}", 1, "in force: see `quarterday devices exceptions`"),
        ("devices unpause 999", 1, "There is no pause 999 in force: see `quarterday devices paused`"),
        ("devices decide 999 --accept", 1, "There is no replacement 999: see `quarterday devices replacements`"),
        ("devices decide {replaced} --accept", 1, "It is confirmed already"),
        ("devices replace PC-1 PC-1", 1, "cannot replace itself"),
        ("devices replace PC-1 PC-9", 1, "at two customers: a replacement stays at one"),
        ("devices replace PC-1 PC-3 --on 2030-01-01", 1, "on: 2030-01-01 is still to come"),
        ("adjustments add {north} '' --amount 1", 1, "text: is missing"),
        ("adjustments add {north} X --amount 0", 1, "amount: is 0"),
        ("adjustments add {north} X --amount 1.001", 1, "more than the 2 decimals of EUR"),
        ("adjustments cancel {adjustment}", 1, "was cancelled before"),
    ],
}


@pytest.mark.sweep
@pytest.mark.parametrize("verb", BAD)
def test_bad_input_is_refused_with_the_cure_and_changes_nothing(verb: str, database: None, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    names = decided_shop()
    before = _entries()

    wrong = []
    for told, code, words in BAD[verb]:
        answer = run(*shlex.split(told.format(**names)))
        said = " ".join(answer.err.replace("│", " ").split())
        if answer.code != code or words not in said or "should not have happened" in said:
            wrong.append(f"{told} -> {answer.code}: {said or answer.out}")
    assert wrong == []
    assert _entries() == before


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("31.13.2026;119,00", "“31.13.2026” is no day: write 2026-04-14 or 14.04.2026"),
        ("01.06.2030;1,00", "far in the future: check how the file writes days"),
        ("01.06.1026;1,00", "long ago: check how the file writes days"),
        ("01.06.2026;0,00", "There is no booked movement in this file"),
        ("01.06.2026;1,005", "“1,005” is no amount: write 1234.56 or 1.234,56"),
        (f"01.06.2026;{HUGE},00", "is no amount"),
    ],
)
def test_a_statement_with_a_bad_row_imports_nothing(
    row: str, words: str, database: None, time_machine: Any, tmp_path: Path
) -> None:
    time_machine.move_to(NOW, tick=False)
    file = tmp_path / "june.csv"
    file.write_text(f"Wann;Wieviel\n{row}\n")

    answer = run("payments", "import", str(file), "--column", "day=Wann", "--column", "amount=Wieviel")

    assert answer.code in (1, 2)
    assert words in answer.err
    assert run("payments", "suggestions", "--json").json == []


def _entries() -> int:
    with acting(Scope.all()):
        return AuditEntry.objects.count()
