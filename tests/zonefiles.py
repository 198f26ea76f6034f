"""Time zones as another release of the tz database has them: compiled from a rule, put before the machine's."""

from __future__ import annotations

import os
import struct
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


def compiled(rule: str, *, since: datetime | None = None, before: timedelta = timedelta()) -> bytes:
    """A zone as RFC 8536 stores it: it follows a POSIX rule such as "CET-1CEST,M3.5.0,M10.5.0/3", at all times.

    With `since` it follows it from that instant on, and was `before` ahead of UTC until then.
    """
    kinds = struct.pack(">lbb", int(before.total_seconds()), 0, 0)
    first = _block(b"", kinds)
    if since is None:
        return first + first + b"\n" + rule.encode() + b"\n"
    # The transition leads to a kind of its own, whose offset nobody asks for: after the last one the rule counts.
    second = _block(struct.pack(">qb", int(since.timestamp()), 1), kinds * 2)
    return first + second + b"\n" + rule.encode() + b"\n"


def _block(transitions: bytes, kinds: bytes) -> bytes:
    counts = struct.pack(">6l", 0, 0, 0, len(transitions) // 9, len(kinds) // 6, 4)
    return b"TZif2" + b"\0" * 15 + counts + transitions + kinds + b"LMT\0"


@contextmanager
def zone_rules(folder: Path, **zones: bytes) -> Iterator[None]:
    """Let zones be others for a while: `zone_rules(tmp_path, **{"Europe/Berlin": compiled("CET-1")})`."""
    before = zoneinfo.TZPATH
    for name, content in zones.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    try:
        zoneinfo.reset_tzpath([os.fspath(folder.resolve()), *before])
        ZoneInfo.clear_cache()
        yield
    finally:
        zoneinfo.reset_tzpath(before)
        ZoneInfo.clear_cache()
