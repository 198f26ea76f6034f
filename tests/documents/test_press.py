"""The press works in every thread and every spawned process, and refuses a forked one instead of hanging."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from quarterday.documents import press, sample
from quarterday.documents.press import PrinterWasForked
from quarterday.documents.printing import print_bill


def print_sample(devices: int) -> bytes:
    return print_bill(sample.bill(devices=devices))


def test_threads_print_at_the_same_time():
    sizes = [0, 5, 10, 15] * 3
    with ThreadPoolExecutor(4) as threads:
        printed = list(threads.map(print_sample, sizes))

    assert printed == [print_sample(size) for size in sizes]


def test_spawned_processes_print_the_same_bytes():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert list(processes.map(print_sample, [5, 10])) == [print_sample(5), print_sample(10)]


def test_a_process_that_was_forked_after_printing_is_told_to_be_spawned(monkeypatch):
    monkeypatch.setattr(press, "_printing_process", -1)
    with pytest.raises(PrinterWasForked, match="spawn"):
        print_sample(1)


def test_samples_are_written_into_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "SAMPLES", {"one-line": sample.SAMPLES["invoice-one-line"]})

    sample.main(str(tmp_path / "samples"))

    assert (tmp_path / "samples" / "one-line.pdf").read_bytes().startswith(b"%PDF-1.7")
