"""Gather the rooms' sentences into the pages' catalogues: `python -m tests.web.rooms_sentences`.

A sentence is what a room says to a person: words that end with a full stop, or that are given to a refusal. It is read
from the source, with {0}, {1} where an f-string has values, so nothing has to be marked for translation. New ones are
added untranslated to each catalogue that must have them, old ones are taken out, and what is missing is printed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from quarterday.web.translations import FOLDER

SOURCE = FOLDER.parents[1]
ROOMS = (
    *("shared", "provider", "customers", "plans", "inventory", "outbox"),
    *("subscriptions", "bills", "payments", "accounts", "connectors", "upkeep/privacy"),
)
# Of the engine, only what a form can meet: a currency, a time zone, a price.
ENGINE = ("engine/money.py", "engine/periods.py", "engine/json_values.py")
SAYING = re.compile(
    r"(Refused|Wrong|Unknown|UnknownCurrency|NotFound|Problem|Hold|Fault|ValueError|JsonError|_refused|_complain)$"
)
ANSWERS = re.compile(r"_(wrong|unknown)_")
"""A function that answers with what is wrong with a cell."""

NOT_SAID = ("to be filled by o.e.m.", "{0} is given {1} fields, the stage holds {2}")
COMMAND = re.compile(r"`?quarterday [a-z]|`| --[a-z]|: bills list")
"""How a sentence names a command; on a page it names the page."""


@cache
def sentences() -> dict[str, list[str]]:
    """Pattern -> what its values are, as the source calls them."""
    found: dict[str, list[str]] = {}
    files = [file for room in ROOMS for file in sorted((SOURCE / room).rglob("*.py")) if "migrations" not in file.parts]
    for file in [*files, *(SOURCE / name for name in ENGINE)]:
        for pattern, values in _said_in(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(pattern, values)
    return found


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES/rooms.po").open("rb") as file:
        return read_po(file, locale=language)


def wanted(language: str) -> dict[str, list[str]]:
    """The sentences that a language's catalogue has: all, and in English those that name a command."""
    return {pattern: values for pattern, values in sentences().items() if language != "en" or COMMAND.search(pattern)}


def _said_in(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    silent: set[int] = set()
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.Assert):  # docstrings, and what only a programmer reads
            silent.update(id(each) for each in ast.walk(node) if isinstance(node, ast.Assert) or each is node.value)
        if isinstance(node, ast.JoinedStr):
            silent.update(id(each) for part in node.values for each in ast.walk(part))
        if isinstance(node, ast.Call) and SAYING.search(_name(node.func)):
            told.update(id(each) for each in node.args if isinstance(each, ast.JoinedStr) or each is node.args[-1])
            told.update(id(each) for last in node.args[-1:] if isinstance(last, ast.IfExp) for each in ast.walk(last))
        if isinstance(node, ast.FunctionDef) and ANSWERS.match(node.name):
            answers = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
            told.update(id(each) for answer in answers for each in ast.walk(answer))
    for node in ast.walk(tree):
        if id(node) in silent or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        pattern, values = _pattern(node)
        is_sentence = pattern.count(" ") >= 2 and pattern.endswith(".")
        if (is_sentence or (id(node) in told and " " in pattern)) and pattern not in NOT_SAID:
            yield pattern, values


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _pattern(node: ast.Constant | ast.JoinedStr) -> tuple[str, list[str]]:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else "", []
    text = ""
    values: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            text += f"{{{len(values)}}}"
            values.append(ast.unparse(part.value))
    return text, values


def gather(language: str) -> list[str]:
    """Bring a catalogue up to the source; answers what has no translation."""
    old = {str(message.id): str(message.string) for message in catalogue(language) if message.id}
    new = Catalog(locale=language)
    for pattern, values in sorted(wanted(language).items()):
        told = [f"{{{n}}} {value}" for n, value in enumerate(values)]
        new.add(pattern, old.get(pattern, ""), auto_comments=[", ".join(told)] if told else [])
    with (FOLDER / language / "LC_MESSAGES/rooms.po").open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, new, width=0, omit_header=True, sort_output=True)
    return [str(message.id) for message in new if message.id and not message.string]


HEADER = r"""# What the rooms say, as the pages say it. To gather new sentences: python -m tests.web.rooms_sentences
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

if __name__ == "__main__":
    for language in ("de", "en"):
        for missing in gather(language):
            print(f"{language}: {missing}")
