"""Promises 2 and 13: the engine and the oracle differ in no bill of 50,000 customer-years, to the cent.

    pytest -m prove tests/prove/test_simulation.py
    ORACLE_YEARS=500 ORACLE_SEED=1000000 pytest -m prove tests/prove/test_simulation.py

prints the customer-years compared. A difference names its seed; `ORACLE_SEED=<seed> pytest
tests/engine/test_oracle.py` repeats that scenario alone.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from itertools import count

import pytest

from quarterday.engine.scenario import run_scenario
from tests.engine.oracle.compare import comparable, customer_days, first_difference
from tests.engine.oracle.generate import scenario
from tests.engine.oracle.oracle import answer

CHUNK = 200


def compare(first_seed: int) -> tuple[int, int, list[str]]:
    """(bills, customer-days, differences) of one chunk of seeds."""
    bills, days, differences = 0, 0, []
    for seed in range(first_seed, first_seed + CHUNK):
        story = scenario(seed)
        expected = answer(story)
        found = first_difference(comparable(expected), comparable(run_scenario(story)))
        if found:
            differences.append(f"ORACLE_SEED={seed}: {found}")
        bills += len(expected["bills"])
        days += customer_days(story)
    return bills, days, differences


@pytest.mark.prove
def test_no_bill_differs_in_50_000_customer_years(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = 365.25 * float(os.environ.get("ORACLE_YEARS", "50000"))
    seeds = count(int(os.environ.get("ORACLE_SEED", "1000")), CHUNK)
    scenarios, bills, days = 0, 0, 0
    differences: list[str] = []
    with ProcessPoolExecutor() as pool:
        while days < wanted:
            for chunk_bills, chunk_days, chunk_differences in pool.map(compare, [next(seeds) for _ in range(8)]):
                scenarios, bills, days = scenarios + CHUNK, bills + chunk_bills, days + chunk_days
                differences += chunk_differences
    with capsys.disabled():
        print(
            f"\n{days / 365.25:,.0f} customer-years in {scenarios:,} scenarios with {bills:,} bills compared: "
            f"{len(differences)} differences"
        )
    assert not differences, "\n".join(differences[:20])
