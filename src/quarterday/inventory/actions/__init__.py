"""What can be done in the store room. Every act takes `now` and `by`, and runs inside `acting(Scope.all())`."""

from quarterday.inventory.actions.corrections import correct_presence
from quarterday.inventory.actions.devices import (
    add_device,
    follow_source,
    move_device,
    reinstate_device,
    retire_device,
    set_class,
)
from quarterday.inventory.actions.exceptions import end_exception, except_device
from quarterday.inventory.actions.mappings import ignore_customer, map_customer
from quarterday.inventory.actions.replacements import decide_replacement, propose_doubles, replace_device
from quarterday.inventory.actions.sync import (
    ChangedSince,
    SyncResult,
    UnknownCustomer,
    apply_snapshot,
    confirm_sync,
    preview_snapshot,
    reject_sync,
)

__all__ = [
    "ChangedSince",
    "SyncResult",
    "UnknownCustomer",
    "add_device",
    "apply_snapshot",
    "confirm_sync",
    "correct_presence",
    "decide_replacement",
    "end_exception",
    "except_device",
    "follow_source",
    "ignore_customer",
    "map_customer",
    "move_device",
    "preview_snapshot",
    "propose_doubles",
    "reinstate_device",
    "reject_sync",
    "replace_device",
    "retire_device",
    "set_class",
]
