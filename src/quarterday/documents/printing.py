"""What other rooms call: paper in, PDF bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from quarterday.documents.fonts import font_set
from quarterday.documents.legible import legible
from quarterday.documents.press import Imprint, press
from quarterday.documents.sheets import Pen, Sheet, bill_sheet
from quarterday.documents.values import Attachment, BillPaper, Letterhead
from quarterday.documents.wording import language


def print_bill(paper: BillPaper, *, attachments: Sequence[Attachment] = (), font_folder: Path | None = None) -> bytes:
    """An invoice, credit note or draft as PDF/A-3a and PDF/UA-1: the same paper gives the same bytes.

    `font_folder` adds fonts for scripts that the installed ones do not have. Raises NotPrintable for a broken logo or
    an attachment that PDF/A refuses, and PrinterWasForked.
    """
    sheet = bill_sheet(paper, _pen(paper.language, font_folder))
    return _press([sheet], paper.letterhead, paper.issued_on, attachments=attachments, font_folder=font_folder)


def _pen(tag: str, font_folder: Path | None) -> Pen:
    fonts = font_set(font_folder)
    return Pen(language(tag), partial(legible, covered=fonts.covered), fonts.families_for)


def _press(
    sheets: list[Sheet],
    letterhead: Letterhead,
    dated: date,
    *,
    attachments: Sequence[Attachment] = (),
    font_folder: Path | None = None,
) -> bytes:
    first = sheets[0]
    imprint = Imprint(
        title=f"{first['title']} {first['number']}".strip(),
        author=first["provider"],
        dated=dated,
        logo=letterhead.logo,
        attachments=attachments,
    )
    return press(sheets, imprint, font_set(font_folder))
