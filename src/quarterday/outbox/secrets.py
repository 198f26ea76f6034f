"""Secrets at rest: sealed with the installation's keys, the newest first; older keys still open.

Three things are sealed: the mail server's password and mails that let their reader in (outbox), and what second factors
are made of (accounts). `quarterday rotate-keys` seals them anew, and is to be told of a fourth.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from quarterday.outbox.models import Message


class KeysMissing(Exception):
    """The encryption keys cannot open (or make) a secret."""


def encrypt(text: str) -> bytes:
    """Seal a secret with the newest key."""
    return _keys().encrypt(text.encode())


def decrypt(sealed: bytes) -> str:
    """Open a sealed secret; KeysMissing when no key fits."""
    try:
        return _keys().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise KeysMissing(
            "The secret was sealed with a key that is not here any more: put that key back into"
            " QUARTERDAY_ENCRYPTION_KEYS, or enter the password again."
        ) from None


def body_of(message: Message) -> str:
    """A message's body as its reader gets it; KeysMissing when it is sealed and no key fits."""
    return decrypt(message.body.encode()) if message.is_sealed else message.body


def sealed_anew(sealed: bytes) -> bytes:
    """The same secret under the newest key; KeysMissing when no key fits."""
    return encrypt(decrypt(sealed))


def _keys() -> MultiFernet:
    keys = [Fernet(key.get_secret_value()) for key in settings.QUARTERDAY.encryption_keys]
    if not keys:
        raise KeysMissing("QUARTERDAY_ENCRYPTION_KEYS is empty: a secret cannot be kept without a key.")
    return MultiFernet(keys)
