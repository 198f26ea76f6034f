"""The code that proves who may make the first admin: whoever can read the terminal of `quarterday serve`.

It is derived from the installation's secret key, so that every process knows it and nothing has to be kept. It opens
nothing once there is a user.
"""

from __future__ import annotations

from django.utils.crypto import constant_time_compare, salted_hmac


def code() -> str:
    """Twelve letters and digits in three groups: 3f9a-0c41-77be."""
    digits = salted_hmac("quarterday.first-admin", "set-up").hexdigest()
    return "-".join(digits[start : start + 4] for start in (0, 4, 8))


def is_right(given: str) -> bool:
    """Whether somebody typed the code, with or without hyphens."""
    typed = given.strip().lower().replace("-", "").replace(" ", "")
    return constant_time_compare(typed, code().replace("-", ""))
