"""The press works in every thread and every process, and what it is given can neither reach out nor go on for ever."""

import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quarterday.documents import press, sample
from quarterday.documents.confinement import Limits
from quarterday.documents.press import TooMuchToPrint
from quarterday.documents.printers import CompilerRefused, Printer, Printers, PrinterStopped, printers
from quarterday.documents.printing import print_bill

NOW = datetime(2026, 5, 1, tzinfo=UTC)
WORDS = b'#set document(title: "Words")\nwords'
ENDLESS = b"#{ for a in range(9999) { for b in range(9999) { for c in range(9999) { let d = a } } } }"
HUGE = b'#range(99999).map(n => "x" * 1000000).len()'
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="system calls are given up on Linux")


def print_sample(devices: int) -> bytes:
    return print_bill(sample.bill(devices=devices))


def compile_alone(printer: Printer | Printers, main: bytes) -> bytes:
    return printer.print_files({"main.typ": main}, fonts=(), moment=NOW)


@pytest.fixture
def printer():
    one = Printer(Limits(computing_seconds=1, waiting_seconds=30, memory_mb=500))
    yield one
    one.stop()


def test_threads_print_at_the_same_time():
    sizes = [0, 5, 10, 15] * 3
    with ThreadPoolExecutor(4) as threads:
        printed = list(threads.map(print_sample, sizes))

    assert printed == [print_sample(size) for size in sizes]


@pytest.mark.parametrize("way", ["spawn", "fork"])
def test_other_processes_print_the_same_bytes(way):
    expected = [print_sample(5), print_sample(10)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(way)) as processes:
        assert list(processes.map(print_sample, [5, 10])) == expected
    assert print_sample(5) == expected[0], "a forked process left this one's printer alone"


@pytest.mark.parametrize(
    "reaching",
    [
        b'#import "@preview/cetz:0.3.0": canvas',
        b'#read("/etc/passwd")',
        b'#read("../../../../etc/passwd")',
        b'#image("/proc/self/environ")',
        b'#plugin("/bin/true")',
    ],
)
def test_a_template_reaches_no_package_and_no_file(printer, reaching):
    with pytest.raises(CompilerRefused):
        compile_alone(printer, reaching)


@ON_LINUX
@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.socketpair()",
        "import os; os.execv('/bin/true', ['true'])",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import os; os.kill(os.getppid(), 0)",
    ],
)
def test_a_confined_process_opens_no_connection_and_starts_no_program(attempt):
    code = f"from quarterday.documents.confinement import *\nassert confine(Limits())\n{attempt}"

    ended = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True)

    assert "PermissionError: [Errno 13]" in ended.stderr


def test_a_confined_process_writes_no_file(tmp_path):
    file = str(tmp_path / "x")
    code = f"from quarterday.documents.confinement import *\nconfine(Limits())\nopen({file!r}, 'wb', 0).write(b'x')"

    ended = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True)

    assert "File too large" in ended.stderr


@ON_LINUX
def test_the_printing_process_is_confined_and_knows_no_secrets(printer, monkeypatch):
    compile_alone(printer, WORDS)  # its threads have begun
    process = Path(f"/proc/{printer.pid}")

    assert printer.has_network is False
    for thread in (process / "task").iterdir():
        state = (thread / "status").read_text()
        assert "NoNewPrivs:\t1" in state
        assert "Seccomp:\t2" in state
    assert (process / "environ").read_bytes() == b"RAYON_NUM_THREADS=1\0"
    limits = (process / "limits").read_text()
    assert f"{500 * 1024 * 1024}" in limits.split("Max data size")[1].split("\n")[0]
    assert limits.split("Max file size")[1].split()[0] == "0"


@pytest.mark.sweep
def test_a_layout_without_end_is_stopped_in_words_and_the_next_paper_is_printed():
    some = Printers(Limits(computing_seconds=1, waiting_seconds=30))
    assert compile_alone(some, WORDS).startswith(b"%PDF")

    with pytest.raises(PrinterStopped, match="laying it out took more than 1 seconds"):
        compile_alone(some, ENDLESS)

    assert compile_alone(some, WORDS).startswith(b"%PDF")
    some.stop()


def test_a_process_that_answers_nothing_is_waited_for_no_longer_than_allowed():
    slow = Printer(Limits(computing_seconds=60, waiting_seconds=1))

    with pytest.raises(PrinterStopped, match="took more than"):
        compile_alone(slow, ENDLESS)

    slow.stop()


@pytest.mark.prove
def test_a_paper_that_needs_all_memory_is_stopped_in_words():
    small = Printer(Limits(memory_mb=200))

    with pytest.raises(PrinterStopped, match="needed more than 200 MB of memory"):
        compile_alone(small, HUGE)

    small.stop()


def test_a_printer_that_was_killed_while_it_was_idle_is_replaced():
    some = Printers(Limits())
    first = compile_alone(some, WORDS)
    (pid,) = some.pids
    subprocess.run(["kill", "-9", str(pid)], check=True)

    assert compile_alone(some, WORDS) == first
    assert some.pids != [pid]
    some.stop()


@pytest.mark.prove
def test_a_paper_that_was_stopped_is_told_as_one_that_cannot_be_printed(monkeypatch):
    monkeypatch.setattr(press, "printers", Printers(Limits(computing_seconds=1)))
    monkeypatch.setattr(press, "_templates", lambda: {"main.typ": ENDLESS})

    with pytest.raises(TooMuchToPrint, match="laying it out took more than"):
        print_sample(1)


def test_a_process_has_two_printers_at_most():
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(print_sample, [1] * 12))

    assert 1 <= len(printers.pids) <= 2


def test_samples_are_written_into_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "SAMPLES", {"one-line": sample.SAMPLES["invoice-one-line"]})

    sample.main(str(tmp_path / "samples"))

    assert (tmp_path / "samples" / "one-line.pdf").read_bytes().startswith(b"%PDF-1.7")
