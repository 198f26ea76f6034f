"""A file that is given as a table and is none: told by its first bytes, before anybody reads rows out of a picture."""

from __future__ import annotations

BEGINNINGS = (
    (b"PK\x03\x04", "Excel .xlsx, ZIP"),
    (b"\xd0\xcf\x11\xe0", "Excel .xls"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
)


def foreign_format(content: bytes) -> str | None:
    """The format of a file that is no text table, by the name that it has in every language; None for all others."""
    beginning = content[:100].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for first_bytes, name in BEGINNINGS:
        if beginning.startswith(first_bytes.lower()):
            return name
    return None
