"""Draw a month, one character a day, and get the stays that it shows.

    draw('''
        PC-1          ####......
        PC-2          ..########>
        SRV-1 server  ##...#####
    ''', start=date(2026, 4, 1))

`#` is a day present, `.` a day absent; a picture that ends in `>` shows a device that is still there afterwards.
A word between the device and its days is its class; without one it is a computer.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from quarterday.engine.periods import Period
from quarterday.engine.presence import Stay


def draw(picture: str, *, start: date) -> list[Stay]:
    """The stays of a picture whose first column is `start`. A row that cannot be read is a ValueError."""
    stays: list[Stay] = []
    for row in filter(None, map(str.strip, picture.splitlines())):
        read = re.fullmatch(r"(?P<device>\S+)(?:\s+(?P<device_class>[a-z]\w*))?\s+(?P<days>[#.]+)(?P<open>>?)", row)
        if read is None:
            raise ValueError(f"cannot read the row {row!r}: a device, perhaps its class, then # and . for its days")
        days = read["days"]
        for run in re.finditer(r"#+", days):
            first = start + timedelta(days=run.start())
            still_there = read["open"] and run.end() == len(days)
            present = Period.since(first) if still_there else Period(first, start + timedelta(days=run.end()))
            stays.append(Stay(read["device"], read["device_class"] or "computer", present))
    return stays
