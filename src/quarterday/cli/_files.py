"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import typer


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[IO[bytes]]:
    """Write a file beside its place and move it there when it is complete; what fails leaves what was there before.

    A `private` one is its owner's alone to read. An OSError names the file. A pipe or a device (`--out /dev/stdout`) is
    written as it comes.
    """
    is_special = path.exists() and not path.is_file()
    draft = path if is_special else path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") if is_special else _new_file(draft, 0o600 if private else 0o666) as file:
            yield file
        if not is_special:
            os.replace(draft, path)
    except BaseException as error:
        if not is_special:
            draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from None
        raise


def _new_file(path: Path, mode: int) -> IO[bytes]:
    """A file that nobody else has laid there, open or with rights of their own, in a folder that others write in."""
    path.unlink(missing_ok=True)
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def write_file(path: Path, content: bytes) -> None:
    """Write a whole file, and say where."""
    with whole_file(path) as file:
        file.write(content)
    typer.echo(f"Written to {path}.")


def file_name(number: str) -> str:
    """A number as one file name, whatever its pattern holds."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in number)
