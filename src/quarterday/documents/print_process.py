"""The process that prints: `python -m quarterday.documents.print_process`, started by printers.py alone.

It binds itself first (confinement.py) and says on standard output whether it has a network. Then it reads papers from
standard input and answers each with a PDF, or with why there is none, until its input ends. It knows no settings, no
database and nobody's session: what it is given is what it has.

A paper:   length of the header (4 bytes), header as JSON {"fonts": [folder], "moment": ISO, "files": {name: bytes},
           "is_large": true}, then the files one after the other
An answer: "P" with a PDF or "R" with the typesetter's words, their length (8 bytes), then they themselves
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from quarterday.documents.confinement import Limits, allow_computing, confine

if TYPE_CHECKING:
    import typst

HEADER, ANSWER = struct.Struct(">I"), struct.Struct(">cQ")
PRINTED, REFUSED = b"P", b"R"
WITHOUT_NETWORK, WITH_NETWORK = b"-", b"+"
STANDARDS = ["a-3a", "ua-1"]


def main(arguments: list[str]) -> int:
    """Print until the input ends."""
    limits = Limits(*(int(argument) for argument in arguments))
    papers, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library says stays out of the answers
    answers.write(WITHOUT_NETWORK if confine(limits) else WITH_NETWORK)
    answers.flush()
    while header := papers.read(HEADER.size):
        told = json.loads(_exactly(papers, *HEADER.unpack(header)))
        files = {name: _exactly(papers, size) for name, size in told["files"].items()}
        allow_computing(limits.computing_seconds)
        kind, content = _answer(told, files)
        answers.write(ANSWER.pack(kind, len(content)) + content)
        answers.flush()
    return 0


def _answer(told: dict[str, Any], files: dict[str, bytes]) -> tuple[bytes, bytes]:
    # Only now: its threads must come after the confinement, which binds the thread it is called in.
    import typst

    compiler = _compiler(tuple(told["fonts"]))
    try:
        # The binding takes a project as a dictionary of files, which its type hints do not say.
        pdf = compiler.compile(
            cast(Any, files),
            format="pdf",
            pdf_standards=cast(Any, STANDARDS),
            timestamp=datetime.fromisoformat(told["moment"]),
        )
    except typst.TypstError as error:
        return REFUSED, error.message.encode(errors="replace")
    assert isinstance(pdf, bytes), f"a PDF is one file, not {type(pdf).__name__}"
    if told["is_large"]:
        _forget(compiler.compile)
    return PRINTED, pdf


def _forget(compile_paper: Callable[..., Any]) -> None:
    """What the compiler remembers goes after ten more papers: ten empty ones make it forget a large one at once."""
    for _ in range(10):
        compile_paper(b"", format="pdf")


@cache
def _compiler(folders: tuple[str, ...]) -> typst.Compiler:
    """Kept warm for the next paper; packages are looked for where nothing is."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*folders])
    return typst.Compiler(root=os.devnull, font_paths=fonts, ignore_system_fonts=True, package_path=os.devnull)


def _exactly(source: BinaryIO, size: int) -> bytes:
    content = source.read(size)
    if len(content) != size:
        raise EOFError(f"{size} bytes were announced, and {len(content)} came")
    return content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
