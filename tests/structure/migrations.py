"""A migration that was released is never edited: `migrations.lock` notes the digest of each that was.

`make lock-migrations`, run for a release, adds the new ones. It changes no line that is there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.structure.house import ROOT, SOURCE

LOCK = Path(__file__).with_name("migrations.lock")


def read(lock: Path = LOCK) -> dict[str, str]:
    """Path -> digest of every released migration."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in lines if not line.startswith("#"))}


def digests(source: Path = SOURCE, root: Path = ROOT) -> dict[str, str]:
    """Path -> digest of every migration there is."""
    paths = sorted(source.glob("*/migrations/[0-9]*.py"))
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def edited(released: dict[str, str], found: dict[str, str]) -> list[str]:
    """Released migrations that are not what they were."""
    return [path for path, digest in released.items() if found.get(path) != digest]


def main() -> None:
    released, found = read(), digests()
    new = [path for path in found if path not in released]
    with LOCK.open("a", encoding="utf-8") as file:
        file.writelines(f"{found[path]}  {path}\n" for path in new)
    print("\n".join(f"locked {path}" for path in new) or "Every migration is locked already.")


if __name__ == "__main__":
    main()
