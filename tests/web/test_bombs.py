"""[23] What is sent to make a page slow or large is refused or answered in bounded time and memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.digits import number_in, numbers_in
from tests.shop import a_customer, open_shop

MEGABYTE = 1024 * 1024
HEAD = b"Customer,Device ID,Name,Class\n"

FILES = {
    "one endless line": b"Customer,Name\n" + b"x" * (8 * MEGABYTE),
    "one open quote": HEAD + b'"' + b"a,b\n" * 200_000,
    "a hundred thousand columns": b",".join(b"c%d" % n for n in range(100_000)) + b"\n1\n",
    "only line breaks": b"\n" * (4 * MEGABYTE),
    "only delimiters": HEAD + b"," * (4 * MEGABYTE),
    "a zip": b"PK\x03\x04" + b"\0" * MEGABYTE,
    "a gzip of zeros": b"\x1f\x8b\x08" + b"\0" * MEGABYTE,
    "an xml of entities": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1000 + b'">]><a>' + b"&b;" * 100_000 + b"</a>",
    "half of utf-16": b"\xff\xfe" + b"a\0" * MEGABYTE + b"a",
    "the same device a hundred thousand times": HEAD + b"North Dental,1,PC,computer\n" * 100_000,
    "nothing": b"",
}
QUERIES = {
    "a page far away": "page=99999999999999999999",
    "a page of five thousand digits": "page=" + "9" * 5_000,
    "a page below": "page=-1",
    "no page": "page=%00",
    "a search of 100,000 letters": "q=" + "a" * 100_000,
    "a pattern that backtracks": "q=" + "(a%2B)%2B" * 200 + "%24",
    "only wildcards": "q=" + "%25_" * 5_000,
    "a hundred thousand parameters": "&".join(f"a{n}=1" for n in range(100_000)),
    "a size of its own": "size=1000000000&per_page=1000000000&limit=1000000000",
}


@contextmanager
def bounded(*, seconds: float, megabytes: int) -> Iterator[None]:
    """No more than this time of the processor, and this much more memory than the process ever had."""
    memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    took = time.process_time() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * 1024
    assert took < seconds, f"{took:.1f} s"
    assert more < megabytes * MEGABYTE, f"{more // MEGABYTE} MB"


@pytest.mark.sweep
@pytest.mark.parametrize("page", ["/inventory/upload/", "/customers/import/"])
@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_a_bomb_is_told_in_words(sign_in: Any, page: str, kind: str) -> None:
    with acting(Scope.all()):
        open_shop()
        a_customer()
    client = sign_in("clerk")
    file = SimpleUploadedFile("bomb.csv", FILES[kind], content_type="text/csv")
    with bounded(seconds=10, megabytes=300):
        answer = client.post(page, {"file": file, "source": "RMM"}, follow=True)
    assert answer.status_code in (200, 422)
    assert len(answer.content) < MEGABYTE, "the page repeats the bomb"


@pytest.mark.parametrize("page", ["/customers/", "/billing/bills/", "/inventory/devices/", "/billing/"])
@pytest.mark.parametrize("kind", QUERIES)
def test_a_query_that_is_a_bomb_is_answered(sign_in: Any, page: str, kind: str) -> None:
    with acting(Scope.all()):
        open_shop()
        a_customer()
    client = sign_in("customer_admin")
    with bounded(seconds=3, megabytes=100):
        answer = client.get(f"{page}?{QUERIES[kind]}")
    assert answer.status_code in (200, 302, 400, 404, 414)
    assert len(answer.content) < MEGABYTE


def test_a_number_is_said_in_few_digits_or_it_is_none() -> None:
    assert (number_in("7"), number_in("9" * 18)) == (7, 10**18 - 1)
    assert numbers_in(["7", "9" * 19, "9" * 5_000, "-1", "", "²", "٣", "7.0", "0x7"]) == [7]


def test_what_is_larger_than_any_file_is_not_read_whoever_sends_it(client: Client, database: None) -> None:
    class NobodyReadsIt(BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

    told: dict[str, Any] = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": NobodyReadsIt()}
    for length in (65 * MEGABYTE, 10**30):
        answer = client.post("/account/login/", **told, CONTENT_LENGTH=str(length))
        assert (answer.status_code, b"too large for a page" in answer.content) == (413, True)
