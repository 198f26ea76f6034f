"""The press: sheets in, PDF bytes out. Archivable (PDF/A-3a), accessible (PDF/UA-1), the same bytes each time.

A compiler belongs to one thread (a shared one refuses to work) and does not survive a fork (it would hang): processes
that print are spawned, and each thread gets a compiler of its own, kept warm for its next bill.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, cast

import typst

from quarterday.documents.fonts import FontSet
from quarterday.documents.legible import plain
from quarterday.documents.values import Attachment

_STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
_LARGE_PAPER = 200_000
"""Bytes of values from which on a compiler remembers too much of a paper: 5,000 devices cost it 350 MB."""

_of_this_thread = threading.local()
_printing_process: int | None = None


class NotPrintable(ValueError):
    """A logo or an attachment that cannot be part of an archivable PDF; the message says what is wrong with it."""


class PrinterWasForked(RuntimeError):
    """This process was forked from one that had printed: start printing processes by spawn."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a PDF says about itself, and the files that go into it: attachments, and logos by the name in the sheets."""

    title: str
    author: str
    dated: date
    logos: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()


def press(sheets: Sequence[Mapping[str, Any]], imprint: Imprint, fonts: FontSet) -> bytes:
    """All sheets as one PDF. Raises NotPrintable and PrinterWasForked."""
    try:
        return _compile(sheets, imprint, fonts)
    except typst.TypstError as error:
        try:
            # No name may stop a bill: a combination of characters that no font shapes is printed letter by letter.
            return _compile(_plain_texts(sheets), imprint, fonts)
        except typst.TypstError:
            raise NotPrintable(f"the logo or an attachment cannot be printed: {error.message}") from error


def _compile(sheets: Any, imprint: Imprint, fonts: FontSet) -> bytes:
    values = _as_json(sheets, imprint)
    logos = {name: svg.encode() for name, svg in imprint.logos.items()}
    project = {**_templates(), **logos, "paper.json": values}
    moment = datetime(imprint.dated.year, imprint.dated.month, imprint.dated.day, tzinfo=UTC)
    compiler = _compiler(fonts)
    # The binding takes a project as a dictionary of text files, which its type hints do not say.
    pdf = compiler.compile(cast(Any, project), format="pdf", pdf_standards=cast(Any, _STANDARDS), timestamp=moment)
    assert isinstance(pdf, bytes), f"a PDF is one file, not {type(pdf).__name__}"
    if len(values) > _LARGE_PAPER:
        _forget(compiler)
    return pdf


def _forget(compiler: typst.Compiler) -> None:
    """What the compiler remembers goes after ten more papers: ten empty ones make it forget a large one at once."""
    for _ in range(10):
        compiler.compile(b"", format="pdf")


def _compiler(fonts: FontSet) -> typst.Compiler:
    global _printing_process
    if _printing_process not in (None, os.getpid()):
        raise PrinterWasForked("this process was forked after printing, and would hang: start it by spawn")
    _printing_process = os.getpid()
    compilers: dict[FontSet, typst.Compiler] = _of_this_thread.__dict__.setdefault("compilers", {})
    if fonts not in compilers:
        compilers[fonts] = typst.Compiler(font_paths=fonts.fonts, ignore_system_fonts=True)
    return compilers[fonts]


@cache
def _templates() -> dict[str, bytes]:
    folder = files(__package__) / "templates"
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".typ")}


def _as_json(sheets: Any, imprint: Imprint) -> bytes:
    paper = {
        "title": imprint.title,
        "author": imprint.author,
        "date": [imprint.dated.year, imprint.dated.month, imprint.dated.day],
        "attachments": [{**asdict(attachment), "data": list(attachment.data)} for attachment in imprint.attachments],
        "sheets": sheets,
    }
    return json.dumps(paper, ensure_ascii=False).encode()


def _plain_texts(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return {key: _plain_texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_texts(part) for part in value]
    return value
