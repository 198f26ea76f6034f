"""What other rooms call: paper in, PDF bytes out.

Every PDF is archivable (PDF/A-3a) and accessible (PDF/UA-1), and the same paper gives the same bytes. `font_folder`
adds fonts for scripts that the installed ones do not have. All raise NotPrintable for a logo or attachment that the
standards refuse, and for a paper whose layout finds no end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from quarterday.documents.account_sheets import consolidated_sheet, statement_sheet
from quarterday.documents.bill_sheet import bill_sheet
from quarterday.documents.fonts import font_set
from quarterday.documents.legible import legible
from quarterday.documents.press import Imprint, press
from quarterday.documents.stationery import Pen, Sheet, logo_name, logo_svg
from quarterday.documents.values import Attachment, BillPaper, ConsolidatedSummary, Letterhead, StatementPaper
from quarterday.documents.wording import language


def print_bill(paper: BillPaper, *, attachments: Sequence[Attachment] = (), font_folder: Path | None = None) -> bytes:
    """An invoice, a credit note, or the draft of one."""
    sheet = bill_sheet(paper, _pen(paper.language, font_folder))
    return _print([sheet], [paper.letterhead], paper.issued_on, attachments, font_folder)


def print_consolidated(
    summary: ConsolidatedSummary,
    bills: Sequence[BillPaper],
    *,
    statement: StatementPaper | None = None,
    font_folder: Path | None = None,
) -> bytes:
    """One PDF of a cover that is not an invoice, a statement of account if given, and all bills marked as copies."""
    sheets = [consolidated_sheet(summary, bills, _pen(summary.language, font_folder))]
    if statement is not None:
        sheets.append(statement_sheet(statement, _pen(statement.language, font_folder)))
    sheets += [bill_sheet(replace(paper, copy=True), _pen(paper.language, font_folder)) for paper in bills]
    letterheads = [summary.letterhead, *([statement.letterhead] if statement else []), *(b.letterhead for b in bills)]
    return _print(sheets, letterheads, summary.printed_on, (), font_folder)


def print_statement(paper: StatementPaper, *, font_folder: Path | None = None) -> bytes:
    """A statement of account."""
    sheet = statement_sheet(paper, _pen(paper.language, font_folder))
    return _print([sheet], [paper.letterhead], paper.printed_on, (), font_folder)


def _pen(tag: str, font_folder: Path | None) -> Pen:
    fonts = font_set(font_folder)
    return Pen(language(tag), partial(legible, covered=fonts.covered), fonts.families_for)


def _print(
    sheets: list[Sheet],
    letterheads: list[Letterhead],
    dated: date,
    attachments: Sequence[Attachment],
    font_folder: Path | None,
) -> bytes:
    first = sheets[0]
    logos = {logo_name(letterhead.logo): logo_svg(letterhead.logo) for letterhead in letterheads if letterhead.logo}
    title = f"{first['title']} {first['number']}".strip()
    imprint = Imprint(title, first["provider"], dated, logos, attachments)
    return press(sheets, imprint, font_set(font_folder))
