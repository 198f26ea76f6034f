"""The general ledger is what the documents say, adds up to nothing, and holds what is left open."""

from __future__ import annotations

from quarterday.audit.promise import by

_UNBALANCED = """
    SELECT min(customer_id), format('booking of %s %s', what, document),
           format('its postings add up to %s %s', sum(amount), currency)
    FROM payments_posting GROUP BY what, document, currency HAVING sum(amount) <> 0
    """

# The day of what was taken back is the customer's own, whose time zone may have changed since.
_NOT_AS_DOCUMENTED = """
    SELECT coalesce(p.customer_id, b.customer_id), format('booking of %s %s', what, document),
           CASE WHEN p.id IS NULL THEN format('%s %s are not booked on %s', b.amount, b.currency, account)
                WHEN b.amount IS NULL THEN format('%s %s are booked on %s, and no document says so',
                                                  p.amount, p.currency, account)
                ELSE format('%s %s are booked on %s on %s for customer %s; the document says %s %s on %s'
                            ' for customer %s',
                            p.amount, p.currency, account, p.booked_on, p.customer_id,
                            b.amount, b.currency, b.booked_on, b.customer_id) END
    FROM payments_posting p FULL JOIN payments_booked b USING (what, document, account)
    WHERE (p.customer_id, p.currency, p.amount) IS DISTINCT FROM (b.customer_id, b.currency, b.amount)
       OR (p.booked_on <> b.booked_on AND what NOT IN ('withdrawal', 'write_off_undone', 'allocation_undone'))
    """

_NOT_WHAT_IS_OPEN = """
    WITH live AS (SELECT * FROM payments_allocation WHERE undone_at IS NULL),
    used AS (
        SELECT 'bill' AS source, bill_id AS id, sum(amount) AS amount FROM live GROUP BY 2
        UNION ALL
        SELECT 'note', credit_note_id, sum(amount) FROM live WHERE credit_note_id IS NOT NULL GROUP BY 2
        UNION ALL
        SELECT 'payment', payment_id, sum(amount) FROM live WHERE payment_id IS NOT NULL GROUP BY 2
    ),
    open AS (
        SELECT 'receivables' AS account, b.customer_id, b.currency, b.total - coalesce(u.amount, 0) AS amount
        FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
        LEFT JOIN used u ON u.source = 'bill' AND u.id = i.bill_id WHERE i.kind = 'invoice'
        UNION ALL
        SELECT 'customer_credit', b.customer_id, b.currency, coalesce(u.amount, 0) - b.total
        FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
        LEFT JOIN used u ON u.source = 'note' AND u.id = i.bill_id WHERE i.kind = 'credit_note'
        UNION ALL
        SELECT 'customer_credit', p.customer_id, p.currency, coalesce(u.amount, 0) + coalesce(r.amount, 0) - p.amount
        FROM payments_payment p LEFT JOIN used u ON u.source = 'payment' AND u.id = p.id
        LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM payments_refund GROUP BY 1) r ON r.payment_id = p.id
        WHERE p.withdrawn_at IS NULL
    )
    SELECT customer_id, format('account of customer %s in %s', customer_id, currency),
           format('%s: the ledger holds %s, but %s is left open', account, sum(booked), sum(left_open))
    FROM (
        SELECT account, customer_id, currency, amount AS booked, 0 AS left_open FROM payments_posting
        WHERE account IN ('receivables', 'customer_credit')
        UNION ALL
        SELECT account, customer_id, currency, 0, amount FROM open
    ) AS both_sides GROUP BY account, customer_id, currency HAVING sum(booked) <> sum(left_open)
    """

ledger = by(_UNBALANCED, _NOT_AS_DOCUMENTED, _NOT_WHAT_IS_OPEN)
"""Each booking adds up to nothing and is what its document says; what is open is what the accounts hold."""
