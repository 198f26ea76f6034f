"""The sheet of a bill: facts, lines, taxes, totals, payment, and the annex of devices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from quarterday.documents.bridge_words import reason_words
from quarterday.documents.legible import NOTE_LIMIT
from quarterday.documents.line_words import line_words, tax_name, text_of
from quarterday.documents.payment_code import payment_code
from quarterday.documents.stationery import Pen, Sheet, stationery
from quarterday.documents.values import BillPaper, DeviceDays, Difference, Letterhead, LineGroup, PaperLine, TaxRow
from quarterday.documents.wording import Language
from quarterday.engine.periods import Period

_MOST_PERIODS = 2
_MOST_STAYS = 24


def bill_sheet(paper: BillPaper, pen: Pen) -> Sheet:
    """An invoice, a credit note, or the draft of one."""
    say = pen.language.say
    number = pen.short(paper.number or "")
    title = say(f"title.{paper.kind}")
    return {
        **stationery(paper.letterhead, paper.customer, pen),
        "kind": "bill",
        "title": title if number else f"{say('mark.draft')}: {title}",
        "number": number,
        "watermark": "" if number else say("mark.draft"),
        "mark": say("mark.copy") if paper.copy and number else "",
        "notice": "" if number else say("mark.draft_notice"),
        "facts": _facts(paper, number, pen),
        "columns": _columns(paper, pen),
        "groups": _groups(paper, pen),
        "tax": _tax_table(paper, pen),
        "totals": _totals(paper, pen),
        "reasons": pen.lines([*_reasons(paper.taxes, pen), *paper.remarks], limit=NOTE_LIMIT),
        "payment": _payment(paper, number, pen),
        "difference": _difference(paper, pen),
        "annex": _annex(paper, pen),
    }


def _facts(paper: BillPaper, number: str, pen: Pen) -> list[list[str]]:
    language = pen.language
    corrected = ", ".join(
        f"{pen.short(bill.number)} ({language.short_date(bill.issued_on)})" for bill in paper.corrects
    )
    return pen.labelled(
        [
            ("fact.number", number),
            ("fact.date", language.long_date(paper.issued_on) if number else ""),
            (
                "fact.due",
                language.long_date(paper.due_on) if number and paper.due_on and _asks_for_money(paper) else "",
            ),
            ("fact.service_period", _service_periods(paper, language)),
            ("fact.corrects", corrected),
            ("fact.customer_number", pen.short(paper.customer.number)),
            ("fact.po_number", pen.short(paper.po_number)),
            ("fact.buyer_reference", pen.short(paper.buyer_reference)),
            ("fact.your_vat_id", pen.short(paper.customer.vat_id)),
            ("fact.your_tax_number", pen.short(paper.customer.tax_number)),
        ],
    )


def _service_periods(paper: BillPaper, language: Language) -> str:
    """The periods served; many of them are named by their first and last day, each line has its own."""
    periods = sorted(set(paper.service_periods))
    if len(periods) > _MOST_PERIODS:
        periods = [Period(periods[0].start, max(period.end for period in periods))]
    return "\n".join(language.period(period) for period in periods)


def _columns(paper: BillPaper, pen: Pen) -> list[str]:
    names = ("position", "description", "quantity", "unit_price", "tax", "amount")
    return [pen.language.say(f"column.{name}", currency=paper.currency) for name in names]


def _groups(paper: BillPaper, pen: Pen) -> list[Sheet]:
    position, groups = 0, []
    for group in paper.groups:
        rows = []
        for line in group.lines:
            position += 1
            rows.append([str(position), *_cells(line, paper, pen)])
        groups.append({"title": _group_title(group, paper, pen), "note": pen.clean(group.note), "rows": rows})
    return groups


def _group_title(group: LineGroup, paper: BillPaper, pen: Pen) -> str:
    """Charges of the whole customer need a heading only where they follow a plan's lines."""
    if group.title:
        return pen.name(group.title)
    return pen.language.say("line.other_charges") if len(paper.groups) > 1 else ""


def _cells(line: PaperLine, paper: BillPaper, pen: Pen) -> list[str]:
    words = line_words(line, paper.currency, pen.language)
    text, detail = pen.name(words.text), pen.clean(words.detail, limit=400)
    return [
        text,
        detail,
        words.quantity,
        words.unit,
        words.price,
        words.price_note,
        words.tax,
        words.tax_note,
        words.amount,
    ]


def _tax_table(paper: BillPaper, pen: Pen) -> Sheet:
    say, money = pen.language.say, pen.language.amount
    rows = [
        [pen.short(tax_name(row, pen.language)), money(row.base, paper.currency), money(row.amount, paper.currency)]
        for row in paper.taxes
    ]
    return {"columns": [say("tax.heading"), say("tax.base"), say("tax.amount")], "rows": rows}


def _totals(paper: BillPaper, pen: Pen) -> list[Sheet]:
    say, currency = pen.language.say, paper.currency
    plain = [(say("total.net"), pen.language.amount(paper.net, currency))]
    plain += [
        (pen.short(tax_name(row, pen.language)), pen.language.amount(row.amount, currency)) for row in paper.taxes
    ]
    total = (say(f"total.{paper.kind}"), pen.language.money(paper.total, currency))
    if paper.paid:
        plain += [(total[0], pen.language.amount(paper.total, currency))]
        plain += [(say("total.paid"), pen.language.amount(-paper.paid, currency))]
        total = (say("total.to_pay"), pen.language.money(paper.to_pay, currency))
    rows = [{"label": label, "value": value, "strong": False} for label, value in plain]
    return [*rows, {"label": total[0], "value": total[1], "strong": True}]


def _reasons(taxes: Iterable[TaxRow], pen: Pen) -> list[str]:
    """Why a tax is not charged, once for each reason."""
    reasons = []
    for row in taxes:
        key = f"reason.{row.category}"
        reason = row.reason or (pen.language.say(key) if pen.language.knows(key) else "")
        if reason and reason not in reasons:
            reasons.append(reason)
    return reasons


def _asks_for_money(paper: BillPaper) -> bool:
    return paper.kind == "invoice" and paper.to_pay > 0


def _payment(paper: BillPaper, number: str, pen: Pen) -> Sheet | None:
    """How to pay; nothing on a draft, which must not be paid."""
    if not number:
        return None
    note = pen.lines([paper.payment_note], limit=NOTE_LIMIT)
    if not _asks_for_money(paper):
        words = pen.language.say("payment.credited" if paper.kind == "credit_note" else "payment.nothing_due")
        return {"sentence": words, "note": note, "rows": [], "qr": "", "qr_alt": "", "qr_caption": ""}
    amount = pen.language.money(paper.to_pay, paper.currency)
    if paper.is_collected:
        # Who reads a bank account and a code here pays what is collected as well.
        sentence = _please_pay(paper, amount, number, pen, word="collected")
        return {"sentence": sentence, "note": note, "rows": [], "qr": "", "qr_alt": "", "qr_caption": ""}
    code = payment_code(paper)
    iban = paper.letterhead.bank.iban if paper.letterhead.bank else ""
    return {
        "sentence": _please_pay(paper, amount, number, pen),
        "note": note,
        "rows": _bank_rows(paper.letterhead, pen),
        "qr": code,
        "qr_alt": pen.language.say("payment.qr_alt", amount=amount, iban=pen.clean(iban), number=number),
        "qr_caption": pen.language.say("payment.qr_caption"),
    }


def _please_pay(paper: BillPaper, amount: str, number: str, pen: Pen, *, word: str = "please_pay") -> str:
    if paper.due_on is None:
        return pen.language.say(f"payment.{word}", amount=amount, number=number)
    due = pen.language.long_date(paper.due_on)
    return pen.language.say(f"payment.{word}_by", amount=amount, number=number, due=due)


def _bank_rows(letterhead: Letterhead, pen: Pen) -> list[list[str]]:
    bank = letterhead.bank
    if bank is None:
        return []
    own = pen.labelled(
        [
            ("payment.holder", pen.clean(bank.holder)),
            ("payment.bank", pen.clean(bank.bank)),
            ("payment.iban", pen.clean(_in_fours(bank.iban))),
            ("payment.bic", pen.clean(bank.bic)),
        ],
    )
    return own + [[pen.short(label), pen.clean(value)] for label, value in bank.others]


def _in_fours(iban: str) -> str:
    """An IBAN as it is read aloud: DE89 3704 0044 0532 0130 00."""
    bare = iban.replace(" ", "")
    return "\N{NO-BREAK SPACE}".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def _difference(paper: BillPaper, pen: Pen) -> Sheet | None:
    """Why it differs from the bill before: that bill, the reasons, and this one."""
    differs, language = paper.difference, pen.language
    if differs is None:
        return None
    rows = [[language.say("bridge.of", **_named(differs, pen)), "", language.amount(differs.before, paper.currency)]]
    for reason in differs.reasons:
        words = reason_words(reason, language, paper.currency, differs.device_names)
        rows.append([pen.clean(words.text), pen.clean(words.detail), words.amount])
    rows.append([language.say("bridge.now"), "", language.amount(differs.now, paper.currency)])
    return {"title": language.say("bridge.title"), "rows": rows}


def _named(differs: Difference, pen: Pen) -> dict[str, str]:
    return {"number": pen.short(differs.number), "issued": pen.language.short_date(differs.issued_on)}


def _annex(paper: BillPaper, pen: Pen) -> Sheet | None:
    """Per line the devices that it charges, with their days."""
    language = pen.language
    lines = [line for group in paper.groups for line in group.lines]
    sections = [
        {
            "title": _section_title(position, line, pen),
            "count": _listed(line, language),
            "rows": [_device_cells(device, line.period, pen) for device in sorted(line.devices, key=_as_people_count)],
        }
        for position, line in enumerate(lines, start=1)
        if line.devices
    ]
    if not sections:
        return None
    names = ("device", "device_class", "days_present", "days")
    return {
        "title": language.say("title.annex"),
        "intro": language.say("annex.intro"),
        "columns": [language.say(f"column.{name}") for name in names],
        "sections": sections,
    }


def _section_title(position: int, line: PaperLine, pen: Pen) -> str:
    names = {"position": str(position), "text": pen.name(text_of(line, pen.language))}
    if line.period is None:
        return pen.language.say("annex.section_without_period", **names)
    return pen.language.say("annex.section", period=pen.language.period(line.period), **names)


def _listed(line: PaperLine, language: Language) -> str:
    """How many devices follow, and their days where days are charged: the sum that the line's quantity comes from."""
    count = language.number(len(line.devices))
    if line.unit != "device-day":
        return language.say("annex.whole_count", count=count)
    days = sum(device.days for device in line.devices)
    return language.say("annex.count_and_days", count=count, days=language.number(days))


def _as_people_count(device: DeviceDays) -> tuple[list[tuple[int, str]], str]:
    """The order of a list to be read: PC-2 before PC-10, capitals or not."""
    parts = re.split(r"(\d{1,18})", device.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], device.serial


def _device_cells(device: DeviceDays, period: Period | None, pen: Pen) -> list[str]:
    stays = [pen.language.days_within(present, period) for present in device.present[:_MOST_STAYS]]
    if more := len(device.present) - len(stays):
        stays.append(pen.language.say("annex.more", count=str(more)))
    return [
        pen.name(device.name),
        pen.short(device.serial),
        pen.short(pen.language.one_of_class(device.device_class)),
        ", ".join(stays),
        pen.language.number(Decimal(device.days)),
    ]
