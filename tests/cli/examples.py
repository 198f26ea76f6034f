"""The examples that `--help` teaches by: gathered from every command, and read as a shell would read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from quarterday.cli.main import COMMANDS, command_named

TOLD_BESIDE = re.compile(r" {3,}\S.*$")
"""What an example is for stands behind it, some spaces away."""


@dataclass(frozen=True, slots=True)
class Example:
    """One line to type: the command whose help has it, the words behind `quarterday`, and what is piped in."""

    taught_by: str
    words: tuple[str, ...]
    piped: str = ""

    @property
    def line(self) -> str:
        return shlex.join(self.words)


def every_command() -> dict[str, Any]:
    """Every command that can be run, by its words."""
    found: dict[str, Any] = {}
    for name in COMMANDS:
        command = command_named(name)
        inner = getattr(command, "commands", None)
        found |= {f"{name} {verb}": each for verb, each in inner.items()} if inner else {name: command}
    return found


def every_example() -> list[Example]:
    """Every line of every help that begins with `quarterday`, in the order of the commands."""
    return [
        Example(name, words, piped)
        for name, command in every_command().items()
        for words, piped in examples_in(command.help or "")
    ]


def examples_in(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The lines that can be typed, without what a shell does around them: a pipe into another program, `< FILE`."""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        typed = re.match(r"\s*(?:[A-Z_]+=\S+ )?quarterday (?=[a-z])(.*)$", line)
        if typed is None:
            continue
        command = re.sub(r"\$\(date \+%F\)", "2026-05-01", typed.group(1))
        command = TOLD_BESIDE.sub("", command).split(" | ")[0]
        command, _, piped = command.partition(" < ")
        yield tuple(shlex.split(command)), piped.strip()


def has_json(command: Any) -> bool:
    """Does it answer programs, by `--json`?"""
    return any("--json" in parameter.opts for parameter in command.params)
