"""The press: sheets in, PDF bytes out. Archivable (PDF/A-3a), accessible (PDF/UA-1), the same bytes each time.

A compiler belongs to one thread (a shared one refuses to work) and does not survive a fork (it would hang): processes
that print are spawned, and each thread gets a compiler of its own, kept warm for its next bill.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, cast

import typst

from quarterday.documents.fonts import FontSet
from quarterday.documents.legible import plain
from quarterday.documents.values import Attachment, Picture

_STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
_ENDINGS = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}

_of_this_thread = threading.local()
_printing_process: int | None = None


class NotPrintable(ValueError):
    """A logo or an attachment that cannot be part of an archivable PDF; the message says what is wrong with it."""


class PrinterWasForked(RuntimeError):
    """This process was forked from one that had printed: start printing processes by spawn."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a PDF says about itself, and the files that go into it besides the sheets."""

    title: str
    author: str
    dated: date
    logo: Picture | None = None
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
    project = {**_templates(), **_files(imprint), "paper.json": _as_json(sheets, imprint)}
    moment = datetime(imprint.dated.year, imprint.dated.month, imprint.dated.day, tzinfo=UTC)
    # The binding takes a project as a dictionary of files, which its type hints do not say.
    pdf = _compiler(fonts).compile(
        cast(Any, project), format="pdf", pdf_standards=cast(Any, _STANDARDS), timestamp=moment
    )
    assert isinstance(pdf, bytes), f"a PDF is one file, not {type(pdf).__name__}"
    return pdf


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


def _files(imprint: Imprint) -> dict[str, bytes]:
    attached = {f"attachment-{n}": attachment.data for n, attachment in enumerate(imprint.attachments)}
    return attached if imprint.logo is None else {**attached, _logo_path(imprint.logo): imprint.logo.data}


def _logo_path(logo: Picture) -> str:
    return f"logo.{_ENDINGS[logo.mime]}"


def _as_json(sheets: Any, imprint: Imprint) -> bytes:
    paper = {
        "title": imprint.title,
        "author": imprint.author,
        "date": [imprint.dated.year, imprint.dated.month, imprint.dated.day],
        "logo": _logo_path(imprint.logo) if imprint.logo else "",
        "attachments": [
            {
                "path": f"attachment-{n}",
                "name": attachment.name,
                "mime": attachment.mime,
                "description": attachment.description,
                "relationship": attachment.relationship,
            }
            for n, attachment in enumerate(imprint.attachments)
        ],
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
