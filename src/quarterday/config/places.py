"""Where the embedded PostgreSQL keeps its data and its socket: below its folder, or where its account can get."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from quarterday.config.postgres import Account, PostgresUnavailable

# A socket's whole path may have 107 bytes (103 on macOS), of which "/quarterday-xxxxxxxx/.s.PGSQL.5432" takes 35.
LONGEST_ROOF = 65

# Where Linux keeps files in memory; in a container it may be tiny.
MEMORY = Path("/dev/shm")  # noqa: S108
ROOM_IN_MEMORY = 4 * 1024**3


def choose_place(folder: Path, account: Account, *, in_memory: bool) -> None:
    """Below `folder` itself, or, when the server's account cannot get there, in a folder noted in `elsewhere`."""
    place = place_of(folder)
    if place.is_dir() and account.can_use(place):
        return
    if in_memory and not place.exists() and has_room(MEMORY):
        (folder / "elsewhere").write_text(str(private_folder([str(MEMORY)], account)), encoding="utf-8")
        return
    if not place.exists():
        place.mkdir(mode=0o700)
        account.own(place)
        if account.can_use(place):
            return
        place.rmdir()
    # /var/tmp outlives a restart of the machine, which the usual temporary folder may not.
    place = private_folder(["/var/tmp", tempfile.gettempdir()], account)  # noqa: S108
    (folder / "elsewhere").write_text(str(place), encoding="utf-8")
    print(f"PostgreSQL cannot run as root and cannot reach {folder}: its data is in {place}.", file=sys.stderr)


def has_room(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free >= ROOM_IN_MEMORY


def private_folder(roofs: list[str], account: Account) -> Path:
    """A new folder of the account's own, below the first roof where it can be used and a socket's path stays short."""
    for roof in roofs:
        if len(roof) > LONGEST_ROOF or not Path(roof).is_dir():
            continue
        folder = Path(tempfile.mkdtemp(prefix="quarterday-", dir=roof))
        account.own(folder)
        if account.can_use(folder):
            return folder
        folder.rmdir()
    raise PostgresUnavailable(f"PostgreSQL needs a temporary folder, and can use none of {roofs}: set TMPDIR.")


def socket_folder_of(folder: Path, account: Account) -> Path:
    """The folder's socket is at one place for ever, so that a process which outlives its server finds the next one.

    Its name is the same whoever asks, so somebody else may have made it: such a one is left alone, and a new is made.
    """
    roofs = [tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108
    name = f"quarterday-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:8]}"
    for roof in roofs:
        place = Path(roof) / name
        if len(roof) > LONGEST_ROOF or not place.parent.is_dir():
            continue
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
            account.own(place)
        if _is_private(place, account) and account.can_use(place):
            return place
    return private_folder(roofs, account)


def _is_private(place: Path, account: Account) -> bool:
    """Whether a folder is the account's own, is no link, and lets nobody else in."""
    found = place.lstat()
    owner = os.geteuid() if account.uid is None else account.uid
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not stat.S_IMODE(found.st_mode) & 0o077


def elsewhere(folder: Path) -> Path | None:
    try:
        return Path((folder / "elsewhere").read_text(encoding="utf-8"))
    except OSError:
        return None


def place_of(folder: Path) -> Path:
    return elsewhere(folder) or folder / "server"


def data_of(folder: Path) -> Path:
    return place_of(folder) / "data"


def log_of(folder: Path) -> Path:
    return place_of(folder) / "log"
