"""The embedded PostgreSQL: started for a first look and for the tests, below one folder, by our own small launcher.

It listens on a Unix socket in a private folder and nowhere else, so that it needs no password and no port.
Any number of processes may call `ensure_cluster` at once, and each of them may be killed at any moment: a file lock
orders them, every step is repeatable, and the next call finishes what the last one began.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from quarterday.config.places import choose_place, data_of, elsewhere, log_of, place_of, socket_folder_of
from quarterday.config.postgres import (
    Account,
    PostgresUnavailable,
    Programs,
    find_programs,
    made_readable,
    server_account,
)
from quarterday.config.roles import create_database, make_roles
from quarterday.shared.database import LOGIN, OWNER

DATABASE = "quarterday"
SUPERUSER = "postgres"

# After a kill -9 the old server's children live on for a moment, and a new server will not start beside them.
START_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class ClusterUrls:
    """One server, addressed as the tables' owner, as the application, and as the superuser."""

    owner: str
    login: str
    superuser: str


NOT_RUNNING = ClusterUrls(*(f"postgresql://{role}@/{DATABASE}?host=/nonexistent" for role in (OWNER, LOGIN, SUPERUSER)))


def ensure_cluster(folder: Path, *, fsync: bool = True, in_memory: bool = False) -> ClusterUrls:
    """Start the PostgreSQL of `folder`, or find it running, with the roles and the database `quarterday` made.

    `fsync=False` is for tests: quick, and lost when the machine itself stops. So is `in_memory`, which puts new data
    where files are kept in memory if there is such a place with room: a copy of a database takes a tenth of the time.
    Raises PostgresUnavailable.
    """
    folder = folder.absolute()
    with _locked(folder):
        urls = _answering(folder)
        if urls is None:
            _start(folder, fsync=fsync, in_memory=in_memory)
            urls = _answering(folder)
        if urls is None:
            raise PostgresUnavailable(f"PostgreSQL was started and does not answer; its log is {log_of(folder)}.")
        create_database(urls.superuser, DATABASE)
        make_roles(urls.superuser, DATABASE)
    return urls


def urls(folder: Path) -> ClusterUrls | None:
    """The addresses of the server that `folder` says is running, without asking it; None when there is none."""
    server = _server(folder.absolute())
    return None if server is None else _urls(server.socket_folder)


def stop_cluster(folder: Path) -> None:
    """Stop the server and wait until its processes are gone; nothing happens when it does not run."""
    folder = folder.absolute()
    if not folder.exists():
        return
    with _locked(folder):
        _stop(folder)


def remove_cluster(folder: Path) -> None:
    """Stop the server and delete its data, also where it had to be put elsewhere."""
    folder = folder.absolute()
    if not folder.exists():
        return
    with _locked(folder):
        _stop(folder)
        if (place := elsewhere(folder)) is not None:
            shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(folder)


# What a running server says about itself -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Server:
    pid: int
    socket_folder: Path


def _server(folder: Path) -> _Server | None:
    """What postmaster.pid says: line 1 the process, line 5 the socket's folder. It may be of a server long dead."""
    try:
        lines = (data_of(folder) / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return _Server(int(lines[0]), Path(lines[4]))
    except (OSError, IndexError, ValueError):
        return None


def _answering(folder: Path) -> ClusterUrls | None:
    server = _server(folder)
    if server is None:
        return None
    urls = _urls(server.socket_folder)
    try:
        with psycopg.connect(urls.superuser.replace(f"/{DATABASE}?", "/postgres?"), connect_timeout=5) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return None
    return urls if row is not None and Path(row[0]).resolve() == data_of(folder).resolve() else None


def _urls(socket_folder: Path) -> ClusterUrls:
    return ClusterUrls(*(f"postgresql://{role}@/{DATABASE}?host={socket_folder}" for role in (OWNER, LOGIN, SUPERUSER)))


# Starting and stopping -----------------------------------------------------------------------------------------------


def _start(folder: Path, *, fsync: bool, in_memory: bool) -> None:
    account = server_account()
    choose_place(folder, account, in_memory=in_memory)
    programs = made_readable(find_programs(), account, place_of(folder))
    _initialise(folder, programs, account, fsync=fsync)
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    while True:
        _stop(folder)  # a server that does not answer, or whose socket was cleaned away, is in the way
        socket_folder = socket_folder_of(folder, account)
        _configure(folder, socket_folder, account, fsync=fsync)
        answer = account.run(
            programs.bin / "pg_ctl", "start", "--wait", "--timeout=60", "-D", data_of(folder), "-l", log_of(folder)
        )
        if answer.returncode == 0:
            return
        shutil.rmtree(socket_folder, ignore_errors=True)
        if time.monotonic() > deadline:
            last_words = log_of(folder).read_text(errors="replace").splitlines()[-5:] if log_of(folder).exists() else []
            raise PostgresUnavailable(
                "\n    ".join([f"PostgreSQL does not start; its log is {log_of(folder)} and ends with:", *last_words])
            )
        time.sleep(0.5)


def _initialise(folder: Path, programs: Programs, account: Account, *, fsync: bool) -> None:
    """Make the data folder: under another name first, so that one made half is never taken for a whole one."""
    data = data_of(folder)
    if (data / "PG_VERSION").exists():
        version = int((data / "PG_VERSION").read_text())
        if version != programs.version:
            raise PostgresUnavailable(
                f"The data in {data} is PostgreSQL {version}'s, and this is {programs.version}. Dump it with the old "
                "version and restore it with the new one; demo data can simply be removed with `make clean`."
            )
        return
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    # The builtin collation sorts the same on every machine; it came with PostgreSQL 17.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    answer = account.run(
        programs.bin / "initdb",
        *(locale if programs.version >= 17 else ["--locale=C"]),
        "--encoding=UTF8",
        "--auth=trust",
        f"--username={SUPERUSER}",
        "--no-instructions",
        *([] if fsync else ["--no-sync"]),
        "-D",
        unfinished,
    )
    if answer.returncode != 0:
        raise PostgresUnavailable(f"PostgreSQL cannot make its data folder {data}: {answer.stdout.strip()[-500:]}")
    unfinished.rename(data)


def _configure(folder: Path, socket_folder: Path, account: Account, *, fsync: bool) -> None:
    lines = [
        "# Written anew by Quarterday at each start.",
        "listen_addresses = ''",
        f"unix_socket_directories = '{socket_folder}'",
        "unix_socket_permissions = 0700",
        "max_connections = 100",
        "shared_buffers = 256MB",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "jit = off",
    ]
    if not fsync:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_wal_size = 256MB"]
        lines += ["wal_level = minimal", "max_wal_senders = 0", "autovacuum = off", "checkpoint_timeout = 1h"]
    path = data_of(folder) / "postgresql.conf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    account.own(path)


def _stop(folder: Path) -> None:
    """SIGINT asks for a fast, clean shutdown; a server that does not obey is killed, which its data survives."""
    server = _server(folder)
    if server is None:
        return
    for request, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
        if not _is_ours(server.pid, data_of(folder)):
            break
        os.kill(server.pid, request)
        deadline = time.monotonic() + patience
        while _is_ours(server.pid, data_of(folder)) and time.monotonic() < deadline:
            time.sleep(0.02)
    # A pid file left by a killed server may name a process that is somebody else's by now, which would keep
    # PostgreSQL from starting for ever.
    (data_of(folder) / "postmaster.pid").unlink(missing_ok=True)
    if server.socket_folder.name.startswith("quarterday-"):
        shutil.rmtree(server.socket_folder, ignore_errors=True)


def _is_ours(pid: int, data: Path) -> bool:
    """Whether the process is alive and the server of this data folder, which is where a server's process lives."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(os.readlink(f"/proc/{pid}/cwd")) == data.resolve()
        except OSError:
            return False  # no such process, or a dead one that nobody has collected
    answer = Account().run("ps", "-o", "command=", "-p", str(pid))
    return "postgres" in answer.stdout and str(data) in answer.stdout


# Where things are ----------------------------------------------------------------------------------------------------


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One launcher at a time; the lock goes with its process, so a killed one leaves none behind.

    Whoever may open the file may hold the lock for ever, so nobody else may, whatever made it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(os.open(folder / "lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """`python -m quarterday.config.cluster start|stop|remove FOLDER`, for the Makefile and for a look by hand."""
    verb, folder = (arguments[0], Path(arguments[1])) if len(arguments) == 2 else ("", Path())
    try:
        if verb == "start":
            print(ensure_cluster(folder).superuser)
        elif verb == "stop":
            stop_cluster(folder)
        elif verb == "remove":
            remove_cluster(folder)
        else:
            print(main.__doc__, file=sys.stderr)
            return 2
    except PostgresUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
