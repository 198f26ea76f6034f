"""Compile the pages' catalogues (`locale/*/LC_MESSAGES/django.po`) where they are newer than what was compiled.

gettext's tools are needed to gather messages, not to use them: compiling is Babel's, which is installed anyway.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FOLDER = Path(__file__).parent / "locale"


def compile_catalogues(folder: Path = FOLDER) -> list[Path]:
    """Compile what is out of date; answers the catalogues written. A folder that cannot be written stays English."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with suppress(OSError):
            _compile(source, target)
            written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name, domain="django")
    # Several processes may start at once: each writes its own file, and the last one's takes the place whole.
    unfinished = target.with_suffix(f".{os.getpid()}.mo")
    with unfinished.open("wb") as file:
        write_mo(file, catalogue)
    unfinished.replace(target)
