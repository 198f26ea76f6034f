"""Device classes by the names that pages show: what nobody has renamed is in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language

from quarterday.provider.defaults import DEVICE_CLASSES, device_classes
from quarterday.provider.queries import class_names as kept_names
from quarterday.shared.asking import Asking, question


@question
def class_names() -> Asking[dict[str, str]]:
    """Key -> name of every device class, in the order in which they are shown."""
    kept = yield from kept_names.asked()
    return {key: class_name(key, name) for key, name in kept.items()}


def class_name(key: str, name: str) -> str:
    """A class's name; what it began with, in whichever language the provider writes, in the reader's own."""
    is_as_delivered = any(names.get(key) == name for names in DEVICE_CLASSES.values())
    return device_classes(get_language() or "en")[key] if is_as_delivered else name
