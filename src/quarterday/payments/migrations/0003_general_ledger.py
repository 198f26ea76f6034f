"""The general ledger: every document is booked by the database in the transaction that writes it.

`payments_booked` states the rule once: which accounts a document moves. Statement triggers copy what it says of new
documents into `payments_posting`, so no action can forget a booking and a billing run pays one statement a chunk. Another
trigger refuses postings of a booking that do not add up to 0. The audit holds the table against the view.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations import RunSQL

from quarterday.shared.database import SCOPED, STAFF
from quarterday.shared.protection import freeze, protect

BOOKED = """
    SELECT CASE i.kind WHEN 'invoice' THEN 'bill' ELSE 'credit_note' END AS what, i.bill_id AS document, i.customer_id,
           i.issued_on AS booked_on, i.issued_at AS recorded_at, b.currency, p.account, p.amount
    FROM bills_billissue i JOIN bills_bill b ON b.id = i.bill_id
    CROSS JOIN LATERAL (VALUES
        (CASE i.kind WHEN 'invoice' THEN 'receivables' ELSE 'customer_credit' END,
         CASE i.kind WHEN 'invoice' THEN b.total ELSE -b.total END),
        ('revenue', CASE i.kind WHEN 'invoice' THEN -b.net ELSE b.net END),
        ('tax', CASE i.kind WHEN 'invoice' THEN -b.tax ELSE b.tax END)
    ) AS p (account, amount) WHERE p.amount <> 0
    UNION ALL
    SELECT 'payment', d.id, d.customer_id, d.received_on, d.recorded_at, d.currency, p.account, p.amount
    FROM payments_payment d
    CROSS JOIN LATERAL (VALUES ('bank', d.amount), ('customer_credit', -d.amount)) AS p (account, amount)
    UNION ALL
    SELECT 'withdrawal', d.id, d.customer_id, (d.withdrawn_at AT TIME ZONE c.time_zone)::date, d.withdrawn_at,
           d.currency, p.account, p.amount
    FROM payments_payment d JOIN customers_customer c ON c.id = d.customer_id
    CROSS JOIN LATERAL (VALUES ('bank', -d.amount), ('customer_credit', d.amount)) AS p (account, amount)
    WHERE d.withdrawn_at IS NOT NULL
    UNION ALL
    SELECT 'refund', d.id, d.customer_id, d.refunded_on, d.recorded_at, paid.currency, p.account, p.amount
    FROM payments_refund d JOIN payments_payment paid ON paid.id = d.payment_id
    CROSS JOIN LATERAL (VALUES ('bank', -d.amount), ('customer_credit', d.amount)) AS p (account, amount)
    UNION ALL
    SELECT 'write_off', d.id, d.customer_id, d.written_off_on, d.recorded_at, b.currency, p.account, p.amount
    FROM payments_writeoff d JOIN bills_bill b ON b.id = d.bill_id
    CROSS JOIN LATERAL (VALUES ('bad_debts', d.amount), ('customer_credit', -d.amount)) AS p (account, amount)
    UNION ALL
    SELECT 'write_off_undone', d.id, d.customer_id, (d.undone_at AT TIME ZONE c.time_zone)::date, d.undone_at,
           b.currency, p.account, p.amount
    FROM payments_writeoff d JOIN bills_bill b ON b.id = d.bill_id JOIN customers_customer c ON c.id = d.customer_id
    CROSS JOIN LATERAL (VALUES ('bad_debts', -d.amount), ('customer_credit', d.amount)) AS p (account, amount)
    WHERE d.undone_at IS NOT NULL
    UNION ALL
    SELECT 'allocation', d.id, d.customer_id, d.allocated_on, d.recorded_at, b.currency, p.account, p.amount
    FROM payments_allocation d JOIN bills_bill b ON b.id = d.bill_id
    CROSS JOIN LATERAL (VALUES ('customer_credit', d.amount), ('receivables', -d.amount)) AS p (account, amount)
    UNION ALL
    SELECT 'allocation_undone', d.id, d.customer_id, (d.undone_at AT TIME ZONE c.time_zone)::date, d.undone_at,
           b.currency, p.account, p.amount
    FROM payments_allocation d JOIN bills_bill b ON b.id = d.bill_id JOIN customers_customer c ON c.id = d.customer_id
    CROSS JOIN LATERAL (VALUES ('customer_credit', -d.amount), ('receivables', d.amount)) AS p (account, amount)
    WHERE d.undone_at IS NOT NULL
    """
"""A bill makes the customer owe. Whatever settles bills is the customer's credit first, and an allocation uses it."""

BOOK = """
    INSERT INTO payments_posting (what, document, customer_id, booked_on, recorded_at, currency, account, amount)
    SELECT what, document, customer_id, booked_on, recorded_at, currency, account, amount FROM payments_booked
    """

DOCUMENTS = (
    ("bills_billissue", "bill_id", "INSERT", ("bill", "credit_note")),
    ("payments_payment", "id", "INSERT", ("payment",)),
    ("payments_payment", "id", "UPDATE", ("withdrawal",)),
    ("payments_refund", "id", "INSERT", ("refund",)),
    ("payments_writeoff", "id", "INSERT", ("write_off",)),
    ("payments_writeoff", "id", "UPDATE", ("write_off_undone",)),
    ("payments_allocation", "id", "INSERT", ("allocation",)),
    ("payments_allocation", "id", "UPDATE", ("allocation_undone",)),
)
"""Table, its key, what happens to it, and the bookings that this makes."""


def view() -> RunSQL:
    return RunSQL(
        f"""
        CREATE VIEW payments_booked WITH (security_invoker = true) AS {BOOKED};
        GRANT SELECT ON payments_booked TO {STAFF}, {SCOPED};
        """,
        "DROP VIEW payments_booked;",
    )


def balanced() -> RunSQL:
    """A booking is written whole, by one statement, and adds up to 0."""
    return RunSQL(
        """
        CREATE FUNCTION payments_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            wrong record;
        BEGIN
            SELECT what, document, currency, sum(amount) AS off INTO wrong
            FROM changed GROUP BY what, document, currency HAVING sum(amount) <> 0 LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'The booking of % % is out of balance by % %.',
                    wrong.what, wrong.document, wrong.off, wrong.currency USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER a_booking_adds_up_to_nothing AFTER INSERT ON payments_posting
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_unbalanced();
        """,
        """
        DROP TRIGGER a_booking_adds_up_to_nothing ON payments_posting;
        DROP FUNCTION payments_refuse_unbalanced();
        """,
    )


def books(table: str, key: str, event: str, kinds: tuple[str, ...]) -> RunSQL:
    """Have the documents of a table booked when they come, or when they are taken back."""
    name = f"{table}_is_booked_at_{event.lower()}"
    wanted = ", ".join(f"'{kind}'" for kind in kinds)
    # A row may be updated again after it was taken back, which is booked already; nothing is inserted twice.
    unless = "ON CONFLICT DO NOTHING" if event == "UPDATE" else ""
    return RunSQL(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {BOOK} WHERE what IN ({wanted}) AND document = ANY (ARRAY(SELECT {key} FROM changed)) {unless};
            RETURN NULL;
        END $$;
        CREATE TRIGGER {name} AFTER {event} ON {table}
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {name}();
        """,  # noqa: S608  # made of the names above
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


READ = ("customers_customer", "bills_bill", *sorted({table for table, *_ in DOCUMENTS}))


def book_what_there_is() -> RunSQL:
    """Book the documents of before; for that the owner, who runs migrations, sees all rows for a moment."""
    tables = (*READ, "payments_posting")
    open_up = "".join(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;" for table in tables)
    close = "".join(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in tables)
    return RunSQL(f"{open_up} {BOOK}; {close}", RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_write_offs"),
        ("bills", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=20)),
                ("document", models.BigIntegerField()),
                ("account", models.CharField(max_length=20)),
                ("booked_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=18)),
                ("recorded_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "booked_on"], name="postings_by_customer"),
                    django.contrib.postgres.indexes.BrinIndex(fields=["booked_on"], name="postings_by_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("what", "document", "account"), name="a_document_is_booked_once")
                ],
            },
        ),
        protect("payments_posting"),
        freeze("payments_posting"),
        view(),
        balanced(),
        book_what_there_is(),
        *(books(*document) for document in DOCUMENTS),
    ]
