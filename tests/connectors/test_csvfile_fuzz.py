"""Whatever the bytes, the CSV source answers with devices or with what is wrong; nothing else, and soon."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterday.connectors.csvfile import CsvOptions, describe_csv, read_csv
from quarterday.connectors.shape import SourceRefused
from quarterday.inventory.snapshot import NAME_LENGTH, from_bytes, to_bytes

NOW = datetime(2026, 4, 1, tzinfo=UTC)
TABLE = 'Customer,Device ID,Name,Class,Serial\nNorth,1,"A ""B""",pc,S1\nNorth,2,C,server,\n'


def answers(content: bytes) -> None:
    try:
        snapshot = read_csv(content, source="csv", taken_at=NOW, options=CsvOptions(class_of_others="computer"))
    except SourceRefused as refused:
        snapshot, faults = None, refused.faults
    if snapshot is None:
        assert faults
        return
    assert snapshot.devices
    for device in snapshot.devices:
        assert device.customer_ref
        assert device.device_ref
        assert len(device.name) > 0
        assert len(device.customer_ref) <= NAME_LENGTH
        assert "\0" not in device.name + device.device_ref + device.serial + device.customer_ref
    assert from_bytes(to_bytes(snapshot)) == snapshot


@given(st.binary(max_size=2000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_answered(content: bytes) -> None:
    answers(content)


@given(st.binary(max_size=60), st.integers(0, len(TABLE)), st.integers(0, 40), st.sampled_from(["utf-8", "utf-16"]))
@settings(max_examples=300, deadline=None)
def test_a_damaged_table_is_answered(damage: bytes, place: int, cut: int, encoding: str) -> None:
    whole = TABLE.encode(encoding)
    answers(whole[:place] + damage + whole[place + cut :])


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_below_a_header_is_answered_and_described(text: str) -> None:
    content = f"Customer,Device ID,Name,Class\n{text}\n".encode(errors="replace")
    answers(content)
    assert describe_csv(content).header == ("Customer", "Device ID", "Name", "Class")


@pytest.mark.parametrize(
    "bomb",
    [
        b"\0" * 5_000_000,
        b'"' * 5_000_000,
        b"," * 5_000_000,
        b"Customer,Device ID,Class\n" + b'"\n' * 500_000,
        b"Customer,Device ID,Class\n" + b"," * 90_000 + b"\n",
        b"Customer,Device ID,Class\n" + (b"," * 90_000 + b"\n") * 50,
        b"Customer,Device ID,Class\n" + b'N,"1\n' * 300_000,
        b"Customer,Device ID,Class\n" + b"N,1," + b"x" * 99_000 + b"\n",
    ],
)
def test_an_import_bomb_is_refused_within_seconds(bomb: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises(SourceRefused):
        read_csv(bomb, source="csv", taken_at=NOW)
    assert time.perf_counter() - begun < 5
