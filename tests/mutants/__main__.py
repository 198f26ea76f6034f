"""`python -m tests.mutants [NAME ...]`: make small mistakes in the code, one at a time, and see whether a test notices.

Which files, and with which tests, is said in pyproject.toml (`[tool.mutmut]`). Names such as `engine.money` take these
modules alone; without names all is done anew. The page gets what was found of each file that was taken.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

from tests.mutants.page import PAGE, Found, Page, Survivor, read, write

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = ROOT / "mutants"
SOURCE = Path("src/quarterday")

KILLED = {1, 3, -24, 24, 36, 152, 255}
"""mutmut's codes of a test that failed, and of one that did not come to its end (an endless loop)."""
REFUSED = 37
SURVIVED = {0, 5, 33}
"""All tests passed, or none of them comes there."""


def main(names: list[str]) -> int:
    """Run; the exit code says whether the promise is kept."""
    patterns = [f"quarterday.{name}*" for name in names]
    if not names:
        shutil.rmtree(MUTANTS, ignore_errors=True)
    with one_server() as environment:
        if subprocess.run(
            [sys.executable, "tests/mutants/warm.py", "run", *_children(), *patterns], env=environment, cwd=ROOT
        ).returncode:
            return 1
    before = PAGE.read_text(encoding="utf-8")
    page = what_was_found(names, read(before))
    for file, figures in page.found.items():
        print(f"{file}: {figures.killed} noticed, {figures.survived} not ({figures.percent:.1f} %)")
    if names:
        page = read(before).with_files_of(page)
    PAGE.write_text(write(page, introduction=before.split("\n| file ")[0]), encoding="utf-8")
    complaints = page.complaints()
    print("\n".join(complaints) or "Every mistake was noticed, or is known to be none.")
    return 1 if complaints else 0


@contextmanager
def one_server() -> Iterator[dict[str, str]]:
    """The environment of a run: the test database's server stays up, so that no mutant has to start its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from tests.databases import Server

    server = Server(ROOT / "var" / "tests", given=os.environ["QUARTERDAY_TEST_SERVER"])
    try:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        yield {**os.environ, "PATH": path, "DATABASE_URL": server.superuser, "QUARTERDAY_TEST_SERVER": server.superuser}
    finally:
        server.close()


def what_was_found(names: list[str], before: Page) -> Page:
    """What mutmut noted of each file, with the reasons that the page had."""
    page = Page({}, {})
    for notes in sorted((MUTANTS / SOURCE).glob("**/*.meta")):
        file = str(notes.relative_to(MUTANTS / SOURCE).with_suffix(""))
        codes: dict[str, int | None] = json.loads(notes.read_text(encoding="utf-8"))["exit_code_by_key"]
        if not codes or (names and not file.removesuffix(".py").replace("/", ".").startswith(tuple(names))):
            continue
        figures = page.found[file] = Found()
        for mutant, code in codes.items():
            if code == REFUSED:
                figures.refused += 1
            elif code in KILLED:
                figures.killed += 1
            elif code in SURVIVED:
                figures.survived += 1
                survivor = _told(mutant, file)
                page.reasons[survivor] = before.reasons.get(survivor, "")
            else:
                raise SystemExit(f"{mutant} ended with {code}, which is neither a pass nor a failure: run it again")
    return page


def _told(mutant: str, file: str) -> Survivor:
    changed = get_diff_for_mutant(mutant, path=SOURCE / file).splitlines()
    lines = {sign: [line[1:].strip() for line in changed if line[0] == sign and line[:3] != sign * 3] for sign in "-+"}
    function = mutant.rpartition(".")[2].rpartition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ")
    return Survivor(file, function.replace("ǁ", "."), " ".join(lines["-"]), " ".join(lines["+"]))


def _children() -> list[str]:
    wanted = os.environ.get("MUTANTS_AT_ONCE")
    return ["--max-children", wanted] if wanted else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
