"""A passkey's answer that no passkey gave is a wrong one, and no error of ours: anybody may send it."""

from __future__ import annotations

import struct
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms


class _Answer(forms.JSONField):
    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError:
            raise get_adapter().validation_error("incorrect_code") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was sent is not shown again: the browser asks the passkey anew."""
        return initial


NO_PASSKEYS = (AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)
"""What the parsers of an answer raise where a part is missing, too short or of another kind."""


class _Asks(forms.Form):
    """Before a form of allauth: its field for a passkey's answer is ours."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["credential"] = _Answer(widget=forms.HiddenInput)


class _OnlyAPasskeys(_Asks):
    """Before a form of allauth, whose parser raises whatever comes of an answer that is none."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]  # of the form that comes after
        except NO_PASSKEYS:
            raise get_adapter().validation_error("incorrect_code") from None


class LoginForm(_OnlyAPasskeys, LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A sign-in with a passkey alone."""


class SecondForm(_OnlyAPasskeys, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey after the password."""


class AgainForm(_OnlyAPasskeys, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey of somebody who is in already, once more."""


class AddForm(_Asks, AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new passkey of somebody who is in."""

    def clean(self) -> Any:
        try:
            return super().clean()
        except NO_PASSKEYS:
            raise get_adapter().validation_error("incorrect_code") from None
