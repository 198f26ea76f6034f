"""The inventory's codes in words: what changed, why a row of the ledger is there, how two devices were paired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

KINDS = {
    "new": _("new"),
    "back": _("back again"),
    "moved": _("moved"),
    "reclassified": _("of another class"),
    "renamed": _("renamed"),
    "serial": _("with another serial number"),
    "gone": _("gone"),
    "retired": _("retired, but still reported"),
}
"""What a snapshot changes, in the order in which people read it."""

WHY = {
    "new": _("first seen"),
    "back": _("came back"),
    "moved": _("moved"),
    "reclassified": _("class changed"),
    "renamed": _("renamed"),
    "gone": _("no longer reported"),
    "added": _("added by hand"),
    "retired": _("retired"),
    "corrected": _("corrected"),
}
"""Why a row of the ledger was written."""

BECAUSE = {
    "person": _("a person said so"),
    "serial": _("same serial number"),
    "name": _("same name within 7 days"),
}
"""How a replacement was found."""

SYNC_STATES = {
    "applied": _("applied"),
    "held": _("held"),
    "rejected": _("rejected"),
    "superseded": _("out of date"),
}

FIELDS = {
    "customer": _("Customer"),
    "device_id": _("Device id"),
    "name": _("Name"),
    "class": _("Class"),
    "serial": _("Serial number"),
    "last_seen": _("Last seen"),
}
"""What a column of a file may say."""

DELIMITERS = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}


def counted(counts: Mapping[str, int]) -> list[tuple[Any, int]]:
    """Kinds of change with their numbers, in the order of KINDS."""
    return [(word, counts[kind]) for kind, word in KINDS.items() if counts.get(kind)]
