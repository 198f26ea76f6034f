"""What is committed speaks to everyone: it names no machine and no registry, and its documents lead somewhere."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer.main

from quarterday.cli.main import COMMANDS
from tests.structure.house import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|[`\s])quarterday ([a-z][a-z-]*(?: [a-z][a-z-]+)?)")
OPTION = re.compile(r"--[a-z][a-z-]+")

# Written in two parts, so that this file does not name them itself.
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npm" + "js.org", "deb.debian" + ".org"]
HOMES = re.compile(r"(?<![\w.])/(?:home|Users)/(?!user/)[a-z]\w*/|(?<![\w.])/ro" + r"ot/")


def committed_files(*patterns: str) -> list[Path]:
    """Files that are committed or about to be: whatever git does not ignore."""
    git = ["git", "-c", "safe.directory=*", "-C", str(ROOT)]  # also where the tests run as another user
    command = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def local_names(text: str, *, root: Path = ROOT) -> list[str]:
    """Paths of one machine, and addresses of registries, that a text gives away."""
    found = [registry for registry in REGISTRIES if registry in text]
    found += HOMES.findall(text)
    if f"{root}/" in text:
        found.append(str(root))
    return found


def dead_links(text: str, *, of: Path) -> list[str]:
    """Relative links of a Markdown file that lead to no file, or to no heading in it."""
    found = []
    for target in LINK.findall(CODE_BLOCK.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (of.parent / name).resolve() if name else of
        if not path.exists():
            found.append(target)
        elif anchor and path.suffix == ".md":
            headings = HEADING.findall(text if path == of else path.read_text(encoding="utf-8"))
            if anchor not in {anchor_of(heading) for heading in headings}:
                found.append(target)
    return found


def anchor_of(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.strip().replace(" ", "-")


def unknown_commands(text: str) -> list[str]:
    """Commands and options of `quarterday` that a text teaches and that do not exist."""
    found = []
    for line in text.splitlines():
        for match in COMMAND.finditer(line):
            name, *rest = match.group(1).split()
            module = f"quarterday.cli.{COMMANDS[name][0]}" if name in COMMANDS else ""
            if not module or find_spec(module) is None:
                found.append(f"quarterday {name}")
                continue
            command = typer.main.get_command(import_module(module).app)
            inner = getattr(command, "commands", None)
            if inner and rest:
                if rest[0] not in inner:
                    found.append(f"quarterday {name} {rest[0]}")
                    continue
                command = inner[rest[0]]
            known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
            rest_of_line = re.split(r"[`|;#]", line[match.end() :])[0]
            unknown = set(OPTION.findall(rest_of_line)) - known - {"--help"}
            found += [f"quarterday {match.group(1)} {option}" for option in sorted(unknown)]
    return found


@pytest.fixture(scope="module")
def documents() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in committed_files("*.md")}


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for path in committed_files():
        try:
            names = local_names(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a picture or a font
        if names:
            found[str(path.relative_to(ROOT))] = names
    assert found == {}


def test_every_link_leads_somewhere(documents: dict[Path, str]) -> None:
    assert {path.name: links for path, text in documents.items() if (links := dead_links(text, of=path))} == {}


def test_every_command_in_the_documents_exists(documents: dict[Path, str]) -> None:
    assert {path.name: names for path, text in documents.items() if (names := unknown_commands(text))} == {}


def test_planted_names_are_found() -> None:
    home = "/ho" + "me/ada/"
    text = f"see {ROOT}/src, {home}notes, and https://{REGISTRIES[0]}/simple"

    assert local_names(text) == [REGISTRIES[0], home, str(ROOT)]


def test_planted_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "here.md").write_text("# What is counted, and how\n")
    text = (
        "[a](here.md) [b](gone.md) [c](here.md#what-is-counted-and-how) [d](here.md#nothing)\n"
        "[e](https://example.com/x) ```\n[f](in-code.md)\n"
    )

    assert dead_links(text, of=tmp_path / "README.md") == ["gone.md", "here.md#nothing", "in-code.md"]


def test_every_command_that_the_source_tells_people_to_give_exists() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in committed_files("src/*.py")}
    assert {path.name: found for path, text in sources.items() if (found := unknown_commands(text))} == {}


def test_planted_commands_are_found() -> None:
    text = "Run `quarterday migrate --quiet`, then `quarterday dance` or `quarterday migrate --slowly`."

    assert unknown_commands(text) == ["quarterday dance", "quarterday migrate --slowly"]
