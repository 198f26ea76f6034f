"""A snapshot: what one source says that it manages, at one instant. The only thing a sync reads.

These are plain values. Every connector yields them in this one shape, so the ledger knows no vendor.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

NAME_LENGTH = 200
"""Names and serials longer than this are cut and end in an ellipsis; identities are never cut."""

NO_EVIDENCE: Mapping[str, str] = MappingProxyType({})

# Bidirectional overrides turn "PC-1" into something else on paper; zero-width marks hide inside a name.
# The joiners U+200C and U+200D stay: Persian, Hindi and emoji need them.
_INVISIBLE = frozenset("\u200b\u200e\u200f\u2028\u2029\u2060\ufeff") | {
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF)
}

# What firmware answers when nobody gave the machine a serial number. Two such machines are not one.
_SERIALS_THAT_NAME_NOTHING = frozenset(
    {
        "0",
        "123456789",
        "chassis serial number",
        "default string",
        "empty",
        "invalid",
        "n/a",
        "na",
        "no asset information",
        "none",
        "not applicable",
        "not available",
        "not specified",
        "null",
        "oem",
        "o.e.m.",
        "serial",
        "serial number",
        "serialnumber",
        "system serial number",
        "to be filled by o.e.m.",
        "tobefilledbyo.e.m.",
        "unknown",
        "unbekannt",
        "xxxxxxx",
    }
)


@dataclass(frozen=True, slots=True)
class SeenCustomer:
    """A customer as the source calls it: `ref` is the source's key, `name` what a person reads."""

    ref: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device as the source describes it.

    `device_ref` is the source's id and the identity; `serial` the second one; `name` is never an identity.
    `device_class` is the code of one of the provider's classes. `evidence` is what the source says besides
    (its own first-seen date, the line of the file): kept to be read by people, never counted with. `last_seen_at` is
    when the source itself last heard from it; None if it does not say.
    """

    customer_ref: str
    device_ref: str
    name: str
    device_class: str
    serial: str = ""
    evidence: Mapping[str, str] = field(default_factory=lambda: NO_EVIDENCE)
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a source said at `taken_at` (an aware instant).

    `customers` are those the snapshot speaks about. A `complete` snapshot lists all devices of these customers,
    so a device it no longer lists is gone; of customers that it does not name it says nothing.
    `as_of` replaces the local date of `taken_at` when a person says for which day a file holds.
    """

    source: str
    complete: bool
    taken_at: datetime
    customers: tuple[SeenCustomer, ...]
    devices: tuple[SeenDevice, ...]
    as_of: date | None = None


def to_bytes(snapshot: Snapshot) -> bytes:
    """The snapshot as canonical JSON, to be kept while it is held and to tell two snapshots apart."""
    return json.dumps(
        {
            "source": snapshot.source,
            "complete": snapshot.complete,
            "taken_at": snapshot.taken_at.isoformat(),
            "as_of": snapshot.as_of.isoformat() if snapshot.as_of else None,
            "customers": [[customer.ref, customer.name] for customer in snapshot.customers],
            "devices": [_device_out(device) for device in snapshot.devices],
        },
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    ).encode()


def from_bytes(content: bytes) -> Snapshot:
    """The snapshot that `to_bytes` wrote."""
    raw = json.loads(content)
    return Snapshot(
        source=raw["source"],
        complete=raw["complete"],
        taken_at=datetime.fromisoformat(raw["taken_at"]),
        as_of=date.fromisoformat(raw["as_of"]) if raw["as_of"] else None,
        customers=tuple(SeenCustomer(*customer) for customer in raw["customers"]),
        devices=tuple(_device_in(*device) for device in raw["devices"]),
    )


def _device_out(device: SeenDevice) -> list[object]:
    told: list[object] = [device.customer_ref, device.device_ref, device.name, device.device_class, device.serial]
    told.append(dict(device.evidence))
    # Only where a source says it: of others two equal snapshots stay equal to those that were stored before.
    return told if device.last_seen_at is None else [*told, device.last_seen_at.isoformat()]


def _device_in(
    customer: str, ref: str, name: str, device_class: str, serial: str, evidence: dict[str, str], last: str = ""
) -> SeenDevice:
    last_seen_at = datetime.fromisoformat(last) if last else None
    return SeenDevice(customer, ref, name, device_class, serial, evidence, last_seen_at)


def clean_name(text: str) -> str:
    """A name fit for paper: no control or invisible characters, blanks run together, at most 200 characters.

    >>> clean_name("  PC\\x1b[31m-7\\t(front)  ")
    'PC [31m-7 (front)'
    """
    if not text.isascii() or not text.isprintable():
        text = "".join(_visible(character) for character in unicodedata.normalize("NFC", text))
    text = " ".join(text.split())
    return text if len(text) <= NAME_LENGTH else text[: NAME_LENGTH - 1] + "…"


def clean_serial(text: str) -> str:
    """The serial number, or nothing where the firmware only says that it has none ("To be filled by O.E.M.")."""
    serial = clean_name(text)
    folded = serial.casefold()
    if folded in _SERIALS_THAT_NAME_NOTHING or not folded.strip("0-. x"):
        return ""
    return serial


def has_control_characters(text: str) -> bool:
    """Whether an identity contains something that cannot be seen. An identity is refused, never mended.

    >>> has_control_characters("PC-1"), has_control_characters("PC\\x00-1")
    (False, True)
    """
    return not text.isprintable() and any(_visible(character) != character for character in text)


def _visible(character: str) -> str:
    if character in _INVISIBLE:
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Cs"} else character
