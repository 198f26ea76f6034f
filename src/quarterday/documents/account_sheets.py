"""The sheets about many bills: the cover of a consolidated bill, and the statement of account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from quarterday.documents.stationery import Pen, Sheet, stationery
from quarterday.documents.values import BillPaper, ConsolidatedSummary, StatementEntry, StatementPaper


def consolidated_sheet(summary: ConsolidatedSummary, bills: Sequence[BillPaper], pen: Pen) -> Sheet:
    """The cover: a row for each bill, credit notes below zero, and a sum for each currency."""
    language, say = pen.language, pen.language.say
    currencies = sorted({paper.currency for paper in bills})
    columns = ("document", "document_date", "due", "net", "tax_amount", "total")
    return {
        **stationery(summary.letterhead, summary.customer, pen),
        "kind": "consolidated",
        "title": say("title.consolidated"),
        "number": "",
        "mark": "",
        "notice": say("mark.not_an_invoice"),
        "facts": pen.labelled(
            [
                ("fact.period", language.period(summary.period)),
                ("fact.printed", language.long_date(summary.printed_on)),
                ("fact.customer_number", pen.short(summary.customer.number)),
            ]
        ),
        "columns": [say(f"column.{name}") for name in columns],
        "tables": [_table([paper for paper in bills if paper.currency == code], code, pen) for code in currencies],
        "closing": "" if bills else say("consolidated.nothing"),
    }


def statement_sheet(paper: StatementPaper, pen: Pen) -> Sheet:
    """The account: the opening balance, each movement with the balance after it, the closing balance."""
    language, say = pen.language, pen.language.say
    return {
        **stationery(paper.letterhead, paper.customer, pen),
        "kind": "statement",
        "title": say("title.statement"),
        "number": "",
        "mark": "",
        "notice": say("mark.not_a_demand"),
        "facts": pen.labelled(
            [
                ("fact.period", language.period(paper.period)),
                ("fact.printed", language.long_date(paper.printed_on)),
                ("fact.currency", paper.currency),
                ("fact.customer_number", pen.short(paper.customer.number)),
            ]
        ),
        "columns": [say(f"column.{name}") for name in ("document_date", "entry", "entry_amount", "balance")],
        "opening": [
            language.short_date(paper.period.start),
            say("statement.opening"),
            "",
            language.amount(paper.opening, paper.currency),
        ],
        "rows": _movements(paper, pen),
        "total": [say("statement.closing"), language.money(paper.closing, paper.currency)],
        "closing": _what_now(paper, pen),
    }


def _table(bills: Sequence[BillPaper], currency: str, pen: Pen) -> Sheet:
    signed = [(paper, _sign(paper)) for paper in bills]
    sums = [
        sum((sign * paper.net for paper, sign in signed), Decimal(0)),
        sum((sign * (paper.total - paper.net) for paper, sign in signed), Decimal(0)),
        sum((sign * paper.total for paper, sign in signed), Decimal(0)),
    ]
    return {
        "rows": [_bill_row(paper, pen) for paper in bills],
        "sums": [
            pen.language.say("consolidated.sum", currency=currency),
            *_amounts(sums, currency, pen),
        ],
    }


def _bill_row(paper: BillPaper, pen: Pen) -> list[str]:
    language = pen.language
    amounts = [_sign(paper) * amount for amount in (paper.net, paper.total - paper.net, paper.total)]
    is_due = paper.due_on is not None and paper.kind == "invoice"
    return [
        f"{language.say(f'title.{paper.kind}')} {pen.short(paper.number or '')}",
        language.short_date(paper.issued_on),
        language.short_date(paper.due_on) if is_due and paper.due_on else "",
        *_amounts(amounts, paper.currency, pen),
    ]


def _sign(paper: BillPaper) -> int:
    """A credit note has positive amounts on its own paper, and lowers what bills add up to."""
    return -1 if paper.kind == "credit_note" else 1


def _amounts(amounts: Iterable[Decimal], currency: str, pen: Pen) -> list[str]:
    return [pen.language.amount(amount, currency) for amount in amounts]


def _movements(paper: StatementPaper, pen: Pen) -> list[list[str]]:
    rows, balance = [], paper.opening
    for entry in paper.entries:
        balance += entry.amount
        amounts = _amounts([entry.amount, balance], paper.currency, pen)
        rows.append([pen.language.short_date(entry.on), *_entry_words(entry, pen), *amounts])
    return rows


def _entry_words(entry: StatementEntry, pen: Pen) -> list[str]:
    words = pen.language.say(f"statement.{entry.kind}", reference=entry.reference)
    due = pen.language.say("statement.due", due=pen.language.short_date(entry.due_on)) if entry.due_on else ""
    return [pen.name(words), ", ".join(part for part in (due, pen.clean(entry.note)) if part)]


def _what_now(paper: StatementPaper, pen: Pen) -> str:
    if not paper.closing:
        return pen.language.say("statement.settled")
    asked = "statement.collected" if paper.is_collected else "statement.you_owe"
    key = asked if paper.closing > 0 else "statement.in_credit"
    return pen.language.say(key, amount=pen.language.money(abs(paper.closing), paper.currency))
