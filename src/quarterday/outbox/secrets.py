"""Passwords at rest: encrypted with the installation's keys, the newest first, older ones still open."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class KeysMissing(Exception):
    """The encryption keys cannot open (or make) a secret."""


def encrypt(text: str) -> bytes:
    """Seal a password with the newest key."""
    return _keys().encrypt(text.encode())


def decrypt(sealed: bytes) -> str:
    """Open a sealed password; KeysMissing when no key fits."""
    try:
        return _keys().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise KeysMissing(
            "The mail password was sealed with a key that is not here any more: put that key back into"
            " QUARTERDAY_ENCRYPTION_KEYS, or enter the password again."
        ) from None


def _keys() -> MultiFernet:
    keys = [Fernet(key.get_secret_value()) for key in settings.QUARTERDAY.encryption_keys]
    if not keys:
        raise KeysMissing("QUARTERDAY_ENCRYPTION_KEYS is empty: a mail password cannot be kept without a key.")
    return MultiFernet(keys)
