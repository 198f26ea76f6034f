"""The press: sheets in, PDF bytes out. Archivable (PDF/A-3a), accessible (PDF/UA-1), the same bytes each time.

What is set on paper is somebody else's text, so it is laid out by a process of its own (printers.py), with limits and
without a network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from quarterday.documents.fonts import FontSet
from quarterday.documents.legible import plain
from quarterday.documents.printers import CompilerRefused, PrinterStopped, printers
from quarterday.documents.values import Attachment


class NotPrintable(ValueError):
    """A paper that there can be no PDF of; the message says what is wrong with its logo, or an attachment."""


class TooMuchToPrint(NotPrintable):
    """A paper whose layout found no end, in time or in memory: the next try would find none either."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a PDF says about itself, and the files that go into it: attachments, and logos by the name in the sheets."""

    title: str
    author: str
    dated: date
    logos: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()


def press(sheets: Sequence[Mapping[str, Any]], imprint: Imprint, fonts: FontSet) -> bytes:
    """All sheets as one PDF. Raises NotPrintable, and TooMuchToPrint after as long as a printer may take."""
    try:
        try:
            return _printed(sheets, imprint, fonts)
        except CompilerRefused:
            # No name may stop a bill: a combination of characters that no font shapes is printed letter by letter.
            return _printed(_plain_texts(sheets), imprint, fonts)
    except CompilerRefused as error:
        raise NotPrintable(f"the logo or an attachment cannot be printed: {error}") from error
    except PrinterStopped as error:
        raise TooMuchToPrint(str(error)) from error


def _printed(sheets: Any, imprint: Imprint, fonts: FontSet) -> bytes:
    logos = {name: svg.encode() for name, svg in imprint.logos.items()}
    project = {**_templates(), **logos, "paper.json": _as_json(sheets, imprint)}
    moment = datetime(imprint.dated.year, imprint.dated.month, imprint.dated.day, tzinfo=UTC)
    return printers.print_files(project, fonts=fonts.folders, moment=moment)


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
