"""Every room has the same files, so a reader knows where to look before opening one."""

from __future__ import annotations

from pathlib import Path

from tests.structure.house import ROOMS, SOURCE, python_files

LONGEST_FILE = 400
"""Lines. About three hundred feel good; beyond this, two files with two good names."""

FOUND_EVERYWHERE = {"__init__", "apps", "models", "migrations"}


def what_is_missing(room: Path) -> list[str]:
    """A room's files that are not there; each may be a folder instead."""
    return [
        f"{room.name}/{name}"
        for name in ("apps", "models", "queries", "actions", "migrations")
        if not (room / f"{name}.py").is_file() and not (room / name / "__init__.py").is_file()
    ]


def own_files(room: Path) -> set[str]:
    """What a room holds besides the files that each has."""
    return {path.stem for path in room.iterdir() if not path.name.startswith(("_", "."))} - FOUND_EVERYWHERE


def too_long(paths: list[Path]) -> list[str]:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return [f"{path.name}: {length} lines" for path, length in lengths.items() if length > LONGEST_FILE]


def test_every_room_has_the_same_files() -> None:
    assert [missing for room in ROOMS for missing in what_is_missing(SOURCE / room)] == []


def test_the_shared_room_stays_small() -> None:
    assert len(own_files(SOURCE / "shared")) <= 7, own_files(SOURCE / "shared")


def test_no_file_grows_beyond_a_few_screens() -> None:
    assert too_long(python_files()) == []


def test_a_room_without_actions_is_found(tmp_path: Path) -> None:
    for name in ("apps.py", "models.py", "queries.py", "migrations/__init__.py"):
        path = tmp_path / "attic" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    assert what_is_missing(tmp_path / "attic") == ["attic/actions"]


def test_every_file_of_a_room_is_counted(tmp_path: Path) -> None:
    for name in ("__init__.py", "apps.py", "models.py", "a.py", "b.py", "c.py", "d.py", "e.py", "f.py"):
        (tmp_path / name).touch()

    assert own_files(tmp_path) == {"a", "b", "c", "d", "e", "f"}


def test_a_file_of_500_lines_is_found(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text("line = 1\n" * 500)

    assert too_long([tmp_path / "endless.py"]) == ["endless.py: 500 lines"]
