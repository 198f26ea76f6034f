"""Files that commands write: whole or not at all, also when several write the same one at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from quarterday.cli._files import whole_file


def test_of_two_that_write_one_file_at_once_each_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "books.zip"
    with whole_file(place) as first:
        first.write(b"first, in ")
        with whole_file(place) as second:
            second.write(b"second")
        assert place.read_bytes() == b"second"
        first.write(b"two parts")

    assert place.read_bytes() == b"first, in two parts"
    assert os.listdir(tmp_path) == ["books.zip"]


def test_what_fails_leaves_what_was_there_and_no_draft(tmp_path: Path) -> None:
    place = tmp_path / "books.zip"
    place.write_bytes(b"of yesterday")

    with pytest.raises(ZeroDivisionError), whole_file(place) as file:
        file.write(b"half" * (1 // 0))

    assert place.read_bytes() == b"of yesterday"
    assert os.listdir(tmp_path) == ["books.zip"]


def test_what_a_killed_one_left_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    place = tmp_path / "books[1].zip"
    code = (
        "import os, pathlib, quarterday.cli._files as files\n"
        f"with files.whole_file(pathlib.Path({str(place)!r})) as file:\n"
        f"    os.kill(os.getpid(), {signal.SIGKILL:d})"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": "src"}, check=False)
    assert len(os.listdir(tmp_path)) == 1

    with whole_file(place, private=True) as file:
        file.write(b"whole")

    assert os.listdir(tmp_path) == ["books[1].zip"]
    assert place.stat().st_mode & 0o777 == 0o600
