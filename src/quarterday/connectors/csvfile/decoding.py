"""Bytes to text: which encoding is this file in? Excel, RMM tools and editors each have their own habit."""

import codecs
from typing import BinaryIO

from quarterday.connectors.shape import Fault, SourceRefused
from quarterday.shared.foreign_files import foreign_format

MAX_BYTES = 128 * 1024 * 1024
"""The largest file that is read: about a million devices. A larger one is refused before it fills the memory."""

_BYTE_ORDER_MARKS = (  # the longer mark first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bytes(file: BinaryIO | bytes) -> bytes:
    """The file's content, at most `MAX_BYTES`. Raises `SourceRefused` for an empty, larger or foreign file."""
    content = file if isinstance(file, bytes) else file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _refused(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB; split it by customer")
    if format_name := foreign_format(content):
        raise _refused(f"the file has another format ({format_name}); save the table as “CSV UTF-8” and import that")
    return content


def decode(content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text and the encoding that it was found to be in.

    A byte order mark decides; without one, a file whose every other byte is NUL is UTF-16; then UTF-8 if it is valid,
    else Windows-1252 (Western Excel), else Latin-1. A given `encoding` is believed and must fit. Raises
    `SourceRefused` for what is no text in any of them.
    """
    if encoding is not None:
        return _decode_as(content, encoding), encoding
    for mark, marked_encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decode_as(content, marked_encoding), marked_encoding
    if utf16 := _utf16_without_mark(content):
        return _decode_as(content, utf16), utf16
    if b"\0" in content[:4096].partition(b"\n")[0]:
        raise _refused("the file is no text; save the table as “CSV UTF-8” and import that")
    for candidate in ("utf-8", "cp1252"):
        try:
            return content.decode(candidate), candidate
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def _utf16_without_mark(content: bytes) -> str | None:
    """A table's punctuation and digits are below 256, so UTF-16 shows by NULs at every other byte."""
    beginning = content[:4096]
    if len(beginning) < 4 or len(content) % 2:
        return None
    even, odd = beginning[0::2].count(0), beginning[1::2].count(0)
    half = len(beginning) // 2
    if odd > half * 0.4 and even < half * 0.02:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.02:
        return "utf-16-be"
    return None


def _decode_as(content: bytes, encoding: str) -> str:
    try:
        # A byte order mark is no part of the first column's name.
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise _refused(f"there is no encoding called “{encoding}”; usual ones are utf-8, utf-16 and cp1252") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceRefused(
            [Fault(line, "", f"the file is not {encoding} (byte {error.start + 1}); give its encoding, e.g. cp1252")]
        ) from None
    except UnicodeError:
        raise _refused(f"the file is not {encoding}; give its encoding, e.g. cp1252") from None


def _refused(reason: str) -> SourceRefused:
    return SourceRefused([Fault(0, "", reason)])
