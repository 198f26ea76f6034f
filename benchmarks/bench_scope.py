"""The list of bills for a customer admin, among 400,000 bills of 2,000 customers, in each order and counted.

Row-level security picks the rows; beside it the same list as staff asks it for that customer, with the filter written
by hand. The former may take no longer than the latter, but for what is lost in the noise of a few milliseconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg

from benchmarks.database import bench_database

if TYPE_CHECKING:
    from quarterday.shared.scope import Scope

CUSTOMERS, BILLS = 2_000, 400_000
NOISE_MILLISECONDS = 5
LOOKS = 7

# Rows as a run writes them; what is not listed (lines, prints) is not read by a list of one page.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO customers_customer (number, name, street, postal_code, city, region, country, time_zone, currency,
        language, tax_status, tax_number, vat_id, emails, po_number, buyer_reference, ledger_account, review_bills,
        direct_debit, reminders, notes, created_at)
    SELECT 'C-' || n, 'Customer ' || n, '', '', '', '', 'DE', 'Europe/Berlin', 'EUR', 'en', 'standard', '', '', '{}',
        '', '', '', false, false, true, '', '2020-01-01' FROM generate_series(1, %(customers)s) n;
    INSERT INTO bills_partycopy (customer_id, digest, content)
    SELECT id, sha256(number::bytea), '{}' FROM customers_customer;
    INSERT INTO bills_bill (id, customer_id, seller_id, buyer_id, kind, currency, billing_date, net, tax, total,
        due_days, device_count, recipients, po_number, buyer_reference, reason, content_digest, calculated_at)
    SELECT n, c, c, c, 'invoice', 'EUR', day, n %% 1000, 0, n %% 1000, 14, 10, '{}', '', '', '', sha256('x'), day
    FROM (SELECT n, 1 + n %% %(customers)s AS c, date '2020-01-01' + (n / 200) AS day
          FROM generate_series(1, %(bills)s) n) made;
    INSERT INTO bills_billissue (bill_id, customer_id, kind, year, sequence, number, issued_on, due_on, issued_at,
        issued_by, hash)
    SELECT id, customer_id, kind, 2020, id, 'INV-' || id, billing_date, billing_date + 14, billing_date, 'run',
        sha256('x')
    FROM bills_bill;
    SET session_replication_role = origin;
"""


def main() -> int:
    """Fill, measure both ways, and tell where the scope is slower."""
    with bench_database() as database:
        with psycopg.connect(database.superuser, autocommit=True) as connection:
            connection.execute(psycopg.ClientCursor(connection).mogrify(FILL, {"customers": CUSTOMERS, "bills": BILLS}))
            connection.execute("VACUUM ANALYZE")
            ((customer,),) = connection.execute("SELECT min(id) + 1000 FROM customers_customer").fetchall()
        return _measure(customer)


def _measure(customer: int) -> int:
    from quarterday.bills.queries import ORDERS, Wanted, bill_page, count_bills
    from quarterday.shared.scope import Scope

    own = Wanted(customer_id=customer)
    asked: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        f"by {order}": (lambda o=order: bill_page(Wanted(), order=o), lambda o=order: bill_page(own, order=o))  # type: ignore[misc]
        for order in ORDERS
    }
    asked["counted"] = (lambda: count_bills(Wanted()), lambda: count_bills(own))
    asked["searched"] = (
        lambda: bill_page(Wanted(search="Customer")),
        lambda: bill_page(Wanted(search="Customer", customer_id=customer)),
    )
    slow = 0
    print(f"{BILLS:,} bills of {CUSTOMERS:,} customers; milliseconds, the best of {LOOKS}")
    for name, (scoped, by_hand) in asked.items():
        ours, theirs = _best(Scope.of(customer), scoped), _best(Scope.all(), by_hand)
        is_slow = ours > theirs * 1.1 + NOISE_MILLISECONDS
        slow += is_slow
        print(f"  {name:20} scope {ours:7.1f}   by hand {theirs:7.1f}{'   SLOWER' if is_slow else ''}")
    return 1 if slow else 0


def _best(scope: Scope, ask: Callable[[], object]) -> float:
    from quarterday.shared.database import acting

    times = []
    for _ in range(LOOKS):
        with acting(scope):
            began = time.perf_counter()
            ask()
            times.append(1000 * (time.perf_counter() - began))
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
