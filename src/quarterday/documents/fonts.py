"""Which fonts paper is set in, and which characters they can show.

Latin, Greek, Cyrillic and Arabic come with the font packages that Quarterday installs, Chinese, Japanese and Korean
too; a folder of one's own adds whatever else is needed. The machine's own fonts are looked at only for Chinese,
Japanese and Korean, and only if that package is missing: paper should look the same on every machine.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import fontpkg
import typst

TEXT_FAMILY = "Noto Sans"
_CJK_PACKAGE = "manimgx_fonts_cjk"
_CJK_ON_DEBIAN = Path("/usr/share/fonts/opentype/noto")
_CJK_FAMILY_OF_COUNTRY = {"JP": "JP", "KR": "KR", "KP": "KR", "TW": "TC", "HK": "HK", "MO": "HK"}


@dataclass(frozen=True)
class FontSet:
    """The fonts of one print shop: where the compiler finds them, in which order it looks, and what they cover."""

    folders: tuple[str, ...]
    families: tuple[str, ...]
    covered: frozenset[int]

    def families_for(self, country: str) -> list[str]:
        """The families in order of choice: one ideograph has other strokes in Japan than in China."""
        wanted = f"Noto Sans CJK {_CJK_FAMILY_OF_COUNTRY.get(country.upper(), 'SC')}"
        return sorted(self.families, key=lambda family: (family != TEXT_FAMILY, family != wanted and "CJK" in family))


@cache
def font_set(own_folder: Path | None = None) -> FontSet:
    """The installed font packages, and the fonts in a folder of one's own."""
    folders = tuple(str(folder) for folder in _folders(own_folder))
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*folders]).fonts()
    covered: set[int] = set()
    for path, faces in groupby(sorted({(font.path, font.index) for font in found if font.path}), itemgetter(0)):
        file = Path(path).read_bytes()
        for _, index in faces:
            covered.update(*_characters(file, index))
    # IBM Plex Sans Arabic comes before Noto Sans Arabic, whose letters are drawn from parts: copied out of a PDF, or
    # read aloud, they come twice.
    families = sorted({font.family for font in found})
    return FontSet(folders, tuple(families), frozenset(covered))


def has_cjk(font_set: FontSet) -> bool:
    """Whether Chinese, Japanese and Korean names can be read: tried with one character of each."""
    return all(ord(character) in font_set.covered for character in "中あ한")


def _folders(own_folder: Path | None) -> Iterator[Path]:
    for _, family in sorted(fontpkg.families().items()):
        yield from sorted({file.path.parent for file in family.files})
    package = find_spec(_CJK_PACKAGE)
    if package is not None and package.submodule_search_locations:
        yield Path(package.submodule_search_locations[0])
    elif _CJK_ON_DEBIAN.is_dir():
        yield _CJK_ON_DEBIAN
    if own_folder is not None:
        yield own_folder


def _characters(font: bytes, index: int) -> Iterator[Iterable[int]]:
    """The code points that a TrueType or OpenType font, or one font of a collection, has a glyph for.

    Reads the `cmap` table, format 12 or else 4 (OpenType specification, "cmap — Character to Glyph Index Mapping
    Table"): format 12, where there is one, holds all of format 4.
    """
    start = struct.unpack_from(">I", font, 12 + 4 * index)[0] if font[:4] == b"ttcf" else 0
    (table_count,) = struct.unpack_from(">H", font, start + 4)
    tables = (struct.unpack_from(">4sIII", font, start + 12 + 16 * n) for n in range(table_count))
    cmap = next((offset for tag, _, offset, _ in tables if tag == b"cmap"), None)
    if cmap is None:
        return
    (subtable_count,) = struct.unpack_from(">H", font, cmap + 2)
    subtables = [struct.unpack_from(">HHI", font, cmap + 4 + 8 * n) for n in range(subtable_count)]
    by_format = {struct.unpack_from(">H", font, cmap + offset)[0]: cmap + offset for _, _, offset in subtables}
    if 12 in by_format:
        yield from _format_12(font, by_format[12])
    elif 4 in by_format:
        yield _format_4(font, by_format[4])


def _format_12(font: bytes, table: int) -> Iterator[range]:
    (group_count,) = struct.unpack_from(">I", font, table + 12)
    for first, last, glyph in struct.iter_unpack(">III", font[table + 16 : table + 16 + 12 * group_count]):
        yield range(first if glyph else first + 1, last + 1)


def _format_4(font: bytes, table: int) -> Iterator[int]:
    segments = struct.unpack_from(">H", font, table + 6)[0] // 2

    def row(offset: int, kind: str = "H") -> tuple[int, ...]:
        return struct.unpack_from(f">{segments}{kind}", font, table + offset)

    ends, starts = row(14), row(16 + 2 * segments)
    deltas, distances = row(16 + 4 * segments, "h"), row(16 + 6 * segments)
    for n, (first, last, delta, distance) in enumerate(zip(starts, ends, deltas, distances, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code + delta
            if distance:  # the glyph stands so many bytes after its own place in this row
                at = table + 16 + 6 * segments + 2 * n + distance + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", font, at)
            if glyph & 0xFFFF:
                yield code
