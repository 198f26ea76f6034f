"""What a link about a forgotten password carries, so that it opens nothing once something changed.

allauth's own notes the user's address in a table of addresses while it makes one; ours writes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetKeys(PasswordResetTokenGenerator):
    """Django's keys (over password, address and last sign-in), dead once their user was closed."""

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether the key is the user's and still good; a closed user chooses no password."""
        return bool(user and user.is_active) and super().check_token(user, token)

    def _make_hash_value(self, user: Any, timestamp: int | datetime) -> str:
        return f"{super()._make_hash_value(user, timestamp)}/{user.session_round}"  # type: ignore[arg-type]
