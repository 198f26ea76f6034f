"""Is this database the demo's? Any installation asks, so this imports nothing that `make demo` alone installs."""

from __future__ import annotations

from quarterday.demo.msp import PROVIDER
from quarterday.provider.queries import find_provider
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope


def is_the_demo() -> bool:
    """Whether the database holds the demo's MSP, and nobody's real data."""
    with acting(Scope.all()):
        provider = find_provider()
    return provider is not None and provider.vat_id == PROVIDER["vat_id"]
