"""`python -m benchmarks scenario`: a thousand small scenarios, answered by one `quarterday scenario` process.

A small scenario is a customer with a plan, up to twenty devices that come and go, a discount, and half a year of bills.
Seconds include the start of Python; at most 5 are promised.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import Any

SCENARIOS, MOST_SECONDS = 1_000, 5
FIRST = date(2026, 1, 1)
SEED = 20260101


def main() -> int:
    """Answer the scenarios, print the seconds and the bills; the exit code says whether the promise was kept."""
    drawn = random.Random(SEED)
    told = "".join(json.dumps(small(drawn, number)) + "\n" for number in range(SCENARIOS))
    begun = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", "from quarterday.cli.main import main; main()", "scenario", "-"],
        input=told, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    bills = sum(len(json.loads(line)["bills"]) for line in answer.stdout.splitlines())
    print(f"scenario: {SCENARIOS:,} scenarios with {bills:,} bills in {seconds:.1f} s (promised: {MOST_SECONDS})")
    return 0 if seconds <= MOST_SECONDS and answer.stdout.count("\n") == SCENARIOS else 1


def small(drawn: random.Random, number: int) -> dict[str, Any]:
    """A customer's half year, as docs/scenario.md writes it."""
    starts = FIRST + timedelta(days=drawn.randrange(60))
    return {
        "id": str(number),
        "customer": {"name": "North", "timezone": "Europe/Berlin", "currency": "EUR",
                     "tax": {"category": "S", "rate": "19"}},
        "plans": {"gold": {"counting": drawn.choice(["prorated", "peak", "at_end"]), "timing": "arrears",
                           "versions": [{"effective_on": "2026-01-01", "flat_fee": "5.00", "prices": {
                               "computer": {"unit_price": "30.00"}, "server": {"unit_price": "90.00"}}}]}},
        "subscriptions": [{"plan": "gold", "starts_on": starts.isoformat(), "ends_on": None, "final_period": "prorated",
                           "cycle": {"every": 1, "unit": "month"}, "billing_day": None, "due_days": 14}],
        "devices": [
            {"id": f"PC-{device}", "class": drawn.choice(["computer", "computer", "server"]),
             "present": [[(starts + timedelta(days=drawn.randrange(90))).isoformat(), None]]}
            for device in range(drawn.randint(1, 20))
        ],
        "adjustments": [{"subscription": 0, "on": "2026-04-01", "text": "Loyalty", "percent": "-5", "times": 3}],
        "bill_until": (starts + timedelta(days=184)).isoformat(),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
