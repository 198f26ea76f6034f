"""The time machine: past periods counted again, otherwise or as known on another day. Nothing is written by looking.

Everything is counted by the bill's own facts and engine, at the end of each period by its counting rule, net of tax and
without other charges and discounts.
"""

from quarterday.bills.whatif.recounting import Recount, recount
from quarterday.bills.whatif.replaying import Change, Replay, csv_of_replays, replay, replay_many, sums_of

__all__ = ["Change", "Recount", "Replay", "csv_of_replays", "recount", "replay", "replay_many", "sums_of"]
