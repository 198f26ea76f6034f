"""What a backup says of itself: when it was taken, of which tables, with how many rows and which digests."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from quarterday.engine.canonical import canonical_json, digest_of
from quarterday.shared.refusal import Refused

FORMAT = 1
MANIFEST = "manifest.json"
KEYS = "keys.json"
MOST_MANIFEST_BYTES = 16 * 2**20


class BackupUnusable(Refused):
    """The file is no whole backup, or not one that this version can read; nothing was changed."""


@dataclass(frozen=True, slots=True)
class SavedTable:
    """One table as it is in the file: `sha256` is that of its text, every row in the order of its key."""

    name: str
    columns: list[str]
    rows: int
    sha256: str

    @property
    def member(self) -> str:
        """Its name within the file."""
        return f"tables/{self.name}.tsv"


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a restore is compared with."""

    version: str
    taken_at: datetime
    postgresql: int
    migrations: list[list[str]]
    tables: list[SavedTable]
    sequences: dict[str, int]
    heads: dict[str, str]
    left_out: list[str]
    has_keys: bool

    @property
    def row_count(self) -> int:
        """Rows in all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def digest(self) -> str:
        """The sha256 that names this backup: it covers every table's digest."""
        return digest_of(self.content())

    def content(self) -> bytes:
        """The manifest as it is written."""
        return canonical_json({"format": FORMAT, **asdict(self), "taken_at": self.taken_at.isoformat()})


UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(KeyError, ValueError, NotImplementedError, RuntimeError),
)
"""What the reader of zip files and of JSON raises for damaged bytes; RuntimeError for encrypted and for deep ones,
NotImplementedError for a compression that Python does not know."""


def read_manifest(path: Path) -> Manifest:
    """The manifest of a backup file; BackupUnusable says what is wrong with the file."""
    try:
        with zipfile.ZipFile(path) as backup:
            if backup.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
                raise BackupUnusable("file", f"{path.name} is no backup: its manifest is far too long.")
            told = json.loads(backup.read(MANIFEST))
    except UNREADABLE as error:
        # What cannot be opened at all (it is not there, it is a folder) has a name, and its own words.
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise BackupUnusable("file", f"{path.name} is no whole backup: take another one.") from None
    if not isinstance(told, dict):
        raise BackupUnusable("file", f"{path.name} is no whole backup: its manifest cannot be read.")
    if told.pop("format", None) != FORMAT:
        raise BackupUnusable("file", f"{path.name} was made by another version: restore it with that version.")
    return _manifest(told, path)


def _manifest(told: dict[str, Any], path: Path) -> Manifest:
    try:
        told["taken_at"] = datetime.fromisoformat(told["taken_at"])
        told["tables"] = [SavedTable(**table) for table in told["tables"]]
        return Manifest(**told)
    except (TypeError, KeyError, ValueError):
        raise BackupUnusable("file", f"{path.name} is no whole backup: its manifest cannot be read.") from None
