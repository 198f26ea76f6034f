"""Answers that a browser keeps as files: names that every system takes, PDF, and CSV in one piece or in many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope

CSV = "text/csv; charset=utf-8"


def safe_name(name: str) -> str:
    """A file's name without whatever a system, a header or a shell could trip over."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)


def csv_file(content: str, name: str) -> HttpResponse:
    """A whole CSV file; its name without the ending."""
    return _named(HttpResponse(content, content_type=CSV), f"{name}.csv")


def pdf_file(content: bytes, name: str, *, as_file: bool = True) -> HttpResponse:
    """A PDF to keep, or to be shown in the browser; its name without the ending."""
    return _named(HttpResponse(content, content_type="application/pdf"), f"{name}.pdf", as_file=as_file)


def csv_in_pieces(pieces: Callable[[], Iterable[str]], name: str, *, within: Scope | None) -> HttpResponse:
    """A CSV file that is made while it is sent, however long; inside `within`, or None where the pieces see to that.

    The page's own transaction has ended when a browser asks for the pieces.
    """

    def content() -> Iterator[bytes]:
        if within is None:
            yield from (piece.encode() for piece in pieces())
            return
        with acting(within):
            yield from (piece.encode() for piece in pieces())

    # To the door a response is a response; Django's two kinds have no type in common that a view could name.
    return _named(cast(HttpResponse, StreamingHttpResponse(content(), content_type=CSV)), f"{name}.csv")


def _named(answer: HttpResponse, name: str, *, as_file: bool = True) -> HttpResponse:
    answer["Content-Disposition"] = f'{"attachment" if as_file else "inline"}; filename="{safe_name(name)}"'
    return answer
