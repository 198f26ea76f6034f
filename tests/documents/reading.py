"""Reading a printed PDF again, as a person or another program would."""

from __future__ import annotations

import io

import pikepdf
import pypdf


def pages(pdf: bytes) -> list[str]:
    """The text of each page, in one line each, with plain blanks."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [" ".join(page.extract_text().replace("\N{ZERO WIDTH SPACE}", "").split()) for page in reader.pages]


def text(pdf: bytes) -> str:
    """The text of all pages."""
    return " ".join(pages(pdf))


def images_alternatives(pdf: bytes) -> list[str]:
    """What each picture says to those who do not see it."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [
            str(found.Alt)
            for found in opened.objects
            if isinstance(found, pikepdf.Dictionary) and found.get("/S") == "/Figure" and "/Alt" in found
        ]


def metadata(pdf: bytes) -> dict[str, str]:
    """What the PDF says about itself in its XMP packet."""
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_metadata() as xmp:
        return {key: str(value) for key, value in xmp.items()}
