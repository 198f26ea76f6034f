"""Printers: child processes with limits and without a network, each of which prints one paper at a time.

A child is kept for the next paper, because its compiler is warm then; two at most per process. One that breaks a limit
is ended by the system or by us, and costs its own paper only. The parent hands bytes over and gets bytes back, so
nothing that a child says is ever run. Threads may print at once, and a forked process starts printers of its own.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from quarterday.documents.confinement import Limits
from quarterday.documents.print_process import ANSWER, HEADER, PRINTED, WITHOUT_NETWORK

AT_ONCE = 2
PAPERS_OF_ONE = 1000
"""After so many papers a printer is replaced: what a compiler keeps must not grow for ever."""
LARGE_PAPER = 200_000
"""Bytes from which on a compiler remembers too much of a paper: 5,000 devices cost it 350 MB."""
START_SECONDS = 60
ONE_THREAD = {"RAYON_NUM_THREADS": "1"}
"""A paper alone is as quick by one thread as by two, and they cost each other more than they share: 5 % of the CPU."""


class CompilerRefused(Exception):
    """The typesetter's own words on what it cannot set."""


class PrinterStopped(Exception):
    """A paper broke a limit, and its printer was ended."""


class _Ended(Exception):
    """The child ended on the way; `by` is its exit code, below zero that of a signal."""

    def __init__(self, by: int) -> None:
        super().__init__(by)
        self.by = by


class Printer:
    """One child process."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.papers = 0
        numbers = (limits.computing_seconds, limits.waiting_seconds, limits.memory_mb)
        # -I and an environment of our own: no variable, no folder and no user's package has a say in what runs there.
        self._process = subprocess.Popen(  # noqa: S603  # our own module and three figures
            [sys.executable, "-I", "-B", "-m", "quarterday.documents.print_process", *map(str, numbers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=ONE_THREAD,
        )
        self.has_network = self._read(1, time.monotonic() + START_SECONDS) != WITHOUT_NETWORK

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def print_files(self, files: Mapping[str, bytes], *, fonts: Sequence[str], moment: datetime) -> bytes:
        """A project as a PDF. Raises CompilerRefused, and PrinterStopped when the child was ended."""
        self.papers += 1
        deadline = time.monotonic() + self.limits.waiting_seconds
        sizes = {name: len(content) for name, content in files.items()}
        is_large = sum(sizes.values()) > LARGE_PAPER
        told = {"fonts": list(fonts), "moment": moment.isoformat(), "files": sizes, "is_large": is_large}
        header = json.dumps(told).encode()
        try:
            self._write(b"".join([HEADER.pack(len(header)), header, *files.values()]))
            kind, size = ANSWER.unpack(self._read(ANSWER.size, deadline))
            content = self._read(size, deadline)
        except _Ended as ended:
            raise PrinterStopped(self._words(ended.by)) from None
        if kind != PRINTED:
            raise CompilerRefused(content.decode(errors="replace"))
        return content

    def stop(self) -> None:
        """End the child; one that is in the middle of a paper is killed."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self, content: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(content)
            self._process.stdin.flush()
        except OSError:
            raise _Ended(self._process.wait()) from None

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        parts = []
        while size:
            if not poll.poll(max(deadline - time.monotonic(), 0) * 1000):
                self._process.kill()
                self._process.wait()
                raise _Ended(-signal.SIGXCPU)
            part = os.read(descriptor, min(size, 1 << 20))
            if not part:
                raise _Ended(self._process.wait())
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _words(self, by: int) -> str:
        if by in (-signal.SIGXCPU, -signal.SIGKILL):
            return f"laying it out took more than {self.limits.computing_seconds} seconds, and was stopped"
        if by in (-signal.SIGABRT, -signal.SIGSEGV, 1):
            return f"laying it out needed more than {self.limits.memory_mb} MB of memory, and was stopped"
        return f"the printing process ended by itself ({by})"


class Printers:
    """Those of this process: taken for one paper, and given back."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.forget()

    def forget(self) -> None:
        """Know no printer: they are another process's."""
        self._idle: list[Printer] = []
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def print_files(self, files: Mapping[str, bytes], *, fonts: Sequence[str], moment: datetime) -> bytes:
        """A project as a PDF, by a printer that is free. Raises CompilerRefused and PrinterStopped."""
        with self._one() as printer:
            is_warm = printer.papers > 0
            try:
                return printer.print_files(files, fonts=fonts, moment=moment)
            except PrinterStopped:
                if not is_warm:
                    raise
        # What earlier papers left in its memory is not this one's fault.
        with self._one(fresh=True) as printer:
            return printer.print_files(files, fonts=fonts, moment=moment)

    @property
    def has_network(self) -> bool:
        """Whether printing could reach a network, which it can only where the system knows no way to give it up."""
        with self._one() as printer:
            return printer.has_network

    @property
    def pids(self) -> list[int]:
        """The process ids of those that are free."""
        return [printer.pid for printer in self._idle]

    def stop(self) -> None:
        """End those that are free."""
        idle, self._idle = self._idle, []
        for printer in idle:
            printer.stop()

    @contextmanager
    def _one(self, *, fresh: bool = False) -> Iterator[Printer]:
        with self._places:
            printer = Printer(self._limits) if fresh else self._free_one()
            try:
                yield printer
            except CompilerRefused:
                self._idle.append(printer)
                raise
            except BaseException:
                printer.stop()
                raise
            if printer.papers < PAPERS_OF_ONE:
                self._idle.append(printer)
            else:
                printer.stop()

    def _free_one(self) -> Printer:
        try:
            return self._idle.pop()
        except IndexError:
            return Printer(self._limits)


printers = Printers(Limits())
atexit.register(printers.stop)
os.register_at_fork(after_in_child=printers.forget)
