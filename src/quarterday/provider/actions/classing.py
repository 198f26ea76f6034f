"""Device classes: computer, server, mobile, and those that the provider adds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from quarterday.provider.checks import Check, checked, text, whole_number
from quarterday.provider.models import DeviceClass
from quarterday.shared.refusal import Refused
from quarterday.shared.scope import Actor
from quarterday.shared.trail import record


def add_device_class(*, key: str, name: str, by: Actor, now: datetime) -> DeviceClass:
    """Add a device class; its key is what imports and plans say, and never changes."""
    given = checked({"key": key, "name": name}, _CLASS_FIELDS)
    if DeviceClass.objects.filter(key=given["key"]).exists():
        raise Refused("key", f"{given['key']!r} exists already: choose another.")
    added = DeviceClass.objects.create(position=DeviceClass.objects.count(), added_at=now, **given)
    record(by, "added", added, at=now, details={"key": given["key"]})
    return added


def change_device_class(
    device_class: DeviceClass, *, by: Actor, now: datetime, name: str, position: int | None = None
) -> None:
    """Rename a device class or move it in the list."""
    given = checked({"name": name}, _CLASS_FIELDS)
    device_class.name = given["name"]
    device_class.position = device_class.position if position is None else whole_number(0, 30_000)(position)
    device_class.save(update_fields=["name", "position"])
    record(by, "changed", device_class, at=now, details={"name": device_class.name, "position": device_class.position})


def _class_key(value: Any) -> str:
    key = str(value).strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", key):
        raise ValueError(f"{value!r} is not a key: use small letters, digits and hyphens, such as network-switch.")
    return key


_CLASS_FIELDS: dict[str, Check] = {"key": _class_key, "name": text(80, required=True)}
