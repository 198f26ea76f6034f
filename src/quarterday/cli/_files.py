"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import typer


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file beside its place and move it there when it is complete; what fails leaves what was there before.

    An OSError names the file. A pipe or a device (`--out /dev/stdout`) is written as it comes.
    """
    is_special = path.exists() and not path.is_file()
    draft = path if is_special else path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        if not is_special:
            os.replace(draft, path)
    except BaseException as error:
        if not is_special:
            draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from None
        raise


def write_file(path: Path, content: bytes) -> None:
    """Write a whole file, and say where."""
    with whole_file(path) as file:
        file.write(content)
    typer.echo(f"Written to {path}.")


def file_name(number: str) -> str:
    """A number as one file name, whatever its pattern holds."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in number)
