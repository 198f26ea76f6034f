"""Who took whose place? Found among a snapshot's changes, in the temporary tables of `comparison`.

A replacement counts as one device. By serial number it is certain, by name within seven days it is proposed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

PROPOSE_BY_NAME_WITHIN = timedelta(days=7)
"""A new device with the name of one that went at most so many days before may be its replacement."""


class Pair(NamedTuple):
    """A new device that takes (`confirmed`) or may take (`proposed`) an old one's place."""

    customer: str
    old_name: str
    old_ref: str
    new_name: str
    new_ref: str
    on: date
    because: str
    state: str


# A reinstalled agent gets a new id and keeps the serial number. Certain when the old entry is gone; while the source
# names both, a person decides. Only a new device takes an older one's place, so no circle can come about.
_PAIR_BY_SERIAL = """
    WITH candidate AS (
        SELECT change.position, change.device_ref, change.new_customer_id, change.on_day, old.id AS old_id,
               EXISTS (
                   SELECT FROM inventory_presence stay
                   WHERE stay.device_id = old.id AND upper_inf(stay.valid) AND upper_inf(stay.recorded)
               ) AND NOT EXISTS (
                   SELECT FROM sync_change leaving WHERE leaving.device_id = old.id AND leaving.kind = 'gone'
               ) AS is_still_here
        FROM sync_change change
        JOIN inventory_device old ON old.serial = change.serial AND old.customer_id = change.new_customer_id
        WHERE change.kind = 'new' AND change.serial <> ''
          AND NOT EXISTS (
              SELECT FROM inventory_replacement earlier
              WHERE earlier.old_device_id = old.id AND earlier.state = 'confirmed'
          )
    ), best AS (
        SELECT DISTINCT ON (position) * FROM candidate ORDER BY position, is_still_here, old_id DESC
    )
    INSERT INTO sync_pair
    SELECT DISTINCT ON (old_id) old_id, NULL::bigint, device_ref, new_customer_id, on_day, 'serial',
           CASE WHEN is_still_here THEN 'proposed' ELSE 'confirmed' END
    FROM best ORDER BY old_id, position
"""

_PAIR_NEW_BY_NAME = """
    WITH candidate AS (
        SELECT change.position, change.device_ref, change.new_customer_id, change.on_day, old.id AS old_id,
               coalesce(leaving.on_day, (
                   SELECT max(coalesce(upper(stay.valid), 'infinity')) FROM inventory_presence stay
                   WHERE stay.device_id = old.id AND upper_inf(stay.recorded)
               )) AS gone_on
        FROM sync_change change
        JOIN inventory_device old
            ON old.customer_id = change.new_customer_id AND lower(old.name) = lower(change.new_name)
        LEFT JOIN sync_change leaving ON leaving.device_id = old.id AND leaving.kind = 'gone'
        WHERE change.kind = 'new'
          AND NOT EXISTS (SELECT FROM sync_pair pair WHERE pair.new_ref = change.device_ref)
          AND NOT EXISTS (SELECT FROM sync_pair pair WHERE pair.old_device_id = old.id)
          AND NOT EXISTS (
              SELECT FROM inventory_replacement earlier
              WHERE earlier.old_device_id = old.id AND earlier.state = 'confirmed'
          )
    ), best AS (
        SELECT DISTINCT ON (position) * FROM candidate
        WHERE gone_on < 'infinity' AND gone_on BETWEEN on_day - %(within)s AND on_day + %(within)s
        ORDER BY position, gone_on DESC, old_id DESC
    )
    INSERT INTO sync_pair
    SELECT DISTINCT ON (old_id) old_id, NULL::bigint, device_ref, new_customer_id, on_day, 'name', 'proposed'
    FROM best ORDER BY old_id, position
"""

# The new computer often stands beside the old one for some days before the old one goes.
_PAIR_OLD_BY_NAME = """
    INSERT INTO sync_pair
    SELECT DISTINCT ON (leaving.device_id)
           leaving.device_id, newer.id, newer.external_id, newer.customer_id, lower(stay.valid), 'name', 'proposed'
    FROM sync_change leaving
    JOIN inventory_device newer
        ON newer.customer_id = leaving.old_customer_id AND lower(newer.name) = lower(leaving.old_name)
        AND newer.id > leaving.device_id
    JOIN inventory_presence stay
        ON stay.device_id = newer.id AND upper_inf(stay.valid) AND upper_inf(stay.recorded)
        AND lower(stay.valid) >= leaving.on_day - %(within)s
    WHERE leaving.kind = 'gone'
      AND NOT EXISTS (SELECT FROM sync_pair pair WHERE pair.old_device_id = leaving.device_id)
      AND NOT EXISTS (SELECT FROM sync_change also WHERE also.device_id = newer.id AND also.kind = 'gone')
      AND NOT EXISTS (
          SELECT FROM inventory_replacement earlier
          WHERE earlier.old_device_id = leaving.device_id
            AND (earlier.new_device_id = newer.id OR earlier.state = 'confirmed')
      )
    ORDER BY leaving.device_id, newer.id
"""

LIST_PAIRS = """
    SELECT customer.name, old.name, old.external_id, coalesce(change.new_name, newer.name), pair.new_ref, pair.on_day,
           pair.because, pair.state
    FROM sync_pair pair
    JOIN customers_customer customer ON customer.id = pair.customer_id
    JOIN inventory_device old ON old.id = pair.old_device_id
    LEFT JOIN inventory_device newer ON newer.id = pair.new_device_id
    LEFT JOIN sync_change change ON change.device_ref = pair.new_ref AND change.kind = 'new'
    ORDER BY 1, 2, 3
    LIMIT %(limit)s
"""

FIND_PAIRS = (_PAIR_BY_SERIAL, _PAIR_NEW_BY_NAME, _PAIR_OLD_BY_NAME)
"""In this order: a device that a serial number explains is not explained by its name."""
