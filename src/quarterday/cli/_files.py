"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from secrets import token_hex
from typing import IO

import typer


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[IO[bytes]]:
    """Write a file beside its place and move it there when it is complete; what fails leaves what was there before.

    Of several that write the same file at once each is whole, and the last to end stays. A `private` one is its owner's
    alone to read. An OSError names the file. A pipe or a device (`--out /dev/stdout`) is written as it comes.
    """
    draft: Path | None = None
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as special:
                yield special
            return
        _clear_drafts(path)
        file, draft = _new_draft(path, 0o600 if private else 0o666)
        with file:
            yield file
            file.flush()
            os.replace(draft, path)  # while it is open: once it is closed, it is anybody's to clear away
    except BaseException as error:
        if draft is not None:
            draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from None
        raise


def _new_draft(path: Path, mode: int) -> tuple[IO[bytes], Path]:
    """A file that nobody else has laid there, open or with rights of their own, locked as long as it is written."""
    while True:
        draft = path.with_name(f".{path.name}.{token_hex(4)}.part")
        file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")
        with suppress(OSError):  # some file systems have no locks: there nobody clears anything away
            fcntl.flock(file, fcntl.LOCK_EX)
        if draft.exists():
            return file, draft
        file.close()  # cleared away before it was locked


def _clear_drafts(path: Path) -> None:
    """Take away what those left who were killed while they wrote; whoever still writes holds a lock."""
    for draft in path.parent.glob(f".{escape(path.name)}.*.part"):
        with suppress(OSError), os.fdopen(os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink(missing_ok=True)


def write_file(path: Path, content: bytes) -> None:
    """Write a whole file, and say where."""
    with whole_file(path) as file:
        file.write(content)
    typer.echo(f"Written to {path}.")


def file_name(number: str) -> str:
    """A number as one file name, whatever its pattern holds."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in number)
