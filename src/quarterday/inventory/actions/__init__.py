"""What can be done in the store room. Every act takes `now` and `by`, and runs inside `acting(Scope.all())`."""

from quarterday.inventory.actions.sync import (
    SyncResult,
    UnknownCustomer,
    apply_snapshot,
    confirm_sync,
    preview_snapshot,
    reject_sync,
)

__all__ = [
    "SyncResult",
    "UnknownCustomer",
    "apply_snapshot",
    "confirm_sync",
    "preview_snapshot",
    "reject_sync",
]
