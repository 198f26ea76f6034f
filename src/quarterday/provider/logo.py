"""The provider's logo: a PNG, JPEG or SVG that paper can print and that does nothing but be looked at."""

from __future__ import annotations

import re
import struct
from xml.etree import ElementTree

LARGEST_BYTES = 1_000_000
LARGEST_SIDE = 4_000

DEEPEST = 64
"""Elements within each other. Whoever draws the picture goes down them one by one, and falls at some thousand."""

_FROM_ELSEWHERE = re.compile(
    r"""url\(\s*+['"]?+\s*+(?!#|data:image/(?!svg)|data:(application/)?font)|@import|javascript:""", re.IGNORECASE
)
"""In a style, or an attribute that is one or animates one: what would be fetched, or run."""

_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG's markers of a frame, which carry height and width."""


def logo_type(content: bytes) -> str:
    """The media type by the bytes themselves; ValueError says what is wrong with the picture."""
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"is too large ({len(content):,} bytes): use a picture of at most {LARGEST_BYTES:,} bytes.")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        _check_sides(_png_sides(content))
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        _check_sides(_jpeg_sides(content))
        return "image/jpeg"
    if b"<svg" in content[:4096].lower():
        _check_svg(content)
        return "image/svg+xml"
    raise ValueError("is no PNG, JPEG or SVG picture: save it as one of them.")


def _check_sides(sides: tuple[int, int] | None) -> None:
    # A picture of 1 MB can unfold into gigabytes of pixels.
    if sides is None or 0 in sides:
        raise ValueError("is damaged: save the picture again.")
    if max(sides) > LARGEST_SIDE:
        raise ValueError(f"is {sides[0]} x {sides[1]} pixels: use at most {LARGEST_SIDE} on each side.")


def _png_sides(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_sides(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _SIZES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None


def _check_svg(content: bytes) -> None:
    if b"\0" in content:
        # In UTF-16 a document type would not be seen below.
        raise ValueError("is an SVG that is not in UTF-8: save it as a plain SVG.")
    if re.search(rb"<!\s*(doctype|entity)", content, re.IGNORECASE):
        raise ValueError("is an SVG with a document type: save it as a plain SVG.")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314  (no document type, so no entities to unfold)
    except (ElementTree.ParseError, LookupError, UnicodeError) as error:  # the latter two of an encoding that it names
        raise ValueError(f"is not a readable SVG ({error}): save the picture again.") from None
    if _is_deeper(root, DEEPEST):
        raise ValueError(f"is an SVG of more than {DEEPEST} elements within each other: save it as a plain SVG.")
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2].lower()
        if name in ("script", "foreignobject", "iframe"):
            raise ValueError(f"is an SVG with a {name} element: save it as a plain SVG.")
        if name == "style" and _FROM_ELSEWHERE.search("".join(element.itertext())):
            raise ValueError("is an SVG that refers to something else (style): save it as a plain SVG.")
        for attribute, value in element.attrib.items():
            kind = attribute.rpartition("}")[2].lower()
            is_foreign = kind == "href" and not re.match(r"\s*(#|data:image/(?!svg))", value, re.IGNORECASE)
            if kind.startswith("on") or is_foreign or _FROM_ELSEWHERE.search(value):
                raise ValueError(f"is an SVG that refers to something else ({kind}): save it as a plain SVG.")


def _is_deeper(root: ElementTree.Element, most: int) -> bool:
    """Whether elements stand within each other more than so many times; walked level by level, never down."""
    level = [root]
    for _ in range(most):
        level = [child for element in level for child in element]
    return bool(level)
