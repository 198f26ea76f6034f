"""Every row is somebody's, and every change has its author."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db import models

from quarterday.audit.promise import Broken, asked, by
from quarterday.upkeep.seals import broken_seals

_SEEN_ELSEWHERE = {"inventory.Device"}
"""Rows that move between customers: what points at them tells of the past, so the customers may differ."""


def owners(now: datetime) -> Iterator[Broken]:
    """Each row leads to rows that are there, and they are the same customer's."""
    for table in our_tables():
        for field in table._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and _owner(field.related_model):
                yield from asked(_leads_astray(table, field))
    for statement in (_LOST_DEVICES, _LOST_BILLS):
        yield from asked(statement)


def our_tables() -> Iterator[type[models.Model]]:
    """Every table of our own rooms, by its name."""
    ours = [table for table in apps.get_models() if table.__module__.startswith("quarterday.")]
    yield from sorted(ours, key=lambda table: table._meta.db_table)


def _leads_astray(table: type[models.Model], field: models.ForeignKey[models.Model, models.Model]) -> str:
    """The statement that finds rows of a table whose parent is gone, or is another customer's."""
    parent = field.related_model
    child_owner, parent_owner = _owner(table), _owner(parent)
    name = f"{parent._meta.verbose_name}"
    same = "false"
    if child_owner and parent_owner != parent._meta.pk.column and parent._meta.label not in _SEEN_ELSEWHERE:
        same = f"p.{parent_owner} <> c.{child_owner}"
    whose = f"c.{child_owner}" if child_owner else "NULL::bigint"
    return f"""
        SELECT {whose}, format('{table._meta.verbose_name} %s', c.{table._meta.pk.column}),
               format(CASE WHEN p.{parent._meta.pk.column} IS NULL THEN 'its {name} %s does not exist'
                      ELSE 'its {name} %s is another customer''s' END, c.{field.column})
        FROM {table._meta.db_table} c
        LEFT JOIN {parent._meta.db_table} p ON p.{parent._meta.pk.column} = c.{field.column}
        WHERE c.{field.column} IS NOT NULL AND (p.{parent._meta.pk.column} IS NULL OR {same})
        """  # noqa: S608  # every name in it is a model's


def _owner(table: type[models.Model]) -> str | None:
    """The column that says whose a row is; a customer is its own."""
    if table._meta.label == "customers.Customer":
        return "id"
    return next((field.column for field in table._meta.concrete_fields if field.column == "customer_id"), None)


_LOST_DEVICES = """
    SELECT l.customer_id, format('bill %s', l.bill_id), format('line %s counts device %s, which does not exist',
           l.position, l.device)
    FROM (SELECT customer_id, bill_id, position, unnest(device_ids) AS device FROM bills_billline) AS l
    LEFT JOIN inventory_device d ON d.id = l.device WHERE d.id IS NULL
    """

_LOST_BILLS = """
    SELECT l.customer_id, format('bill %s', l.bill_id), format('line %s corrects bill %s, which is not the customer''s',
           l.position, l.corrected)
    FROM (SELECT customer_id, bill_id, position, unnest(corrects_bills) AS corrected FROM bills_billline) AS l
    LEFT JOIN bills_bill b ON b.id = l.corrected AND b.customer_id = l.customer_id WHERE b.id IS NULL
    """


def _entered(label: str, table: str, verbs: str, *, whose: str = "customer_id", only: str = "true") -> str:
    """The statement that finds rows of a table without an audit entry of one of the verbs."""
    kind = label.split(".")[1].lower()
    return f"""
        SELECT t.{whose}, format('{kind} %s', t.id), 'no audit entry “{verbs.replace(",", " or ")}” is about it'
        FROM {table} t WHERE ({only}) AND NOT EXISTS (
            SELECT FROM shared_auditentry e
            WHERE e.subject_kind = '{label}' AND e.subject_id = t.id AND e.verb = ANY ('{{{verbs}}}'))
        """  # noqa: S608  # made of the constants below


def seals(now: datetime) -> Iterator[Broken]:
    """No audit entry was changed, added or removed since it was sealed, and no document that a seal names."""
    for broken in broken_seals():
        yield Broken(None, f"seal {broken.seal_id}", broken.words)


trail = by(
    """
    SELECT customer_id, format('audit entry %s', id), format('%s %s: it does not say who did it', verb, subject_name)
    FROM shared_auditentry WHERE btrim(actor_name) = '' OR btrim(actor_kind) = ''
    """,
    _entered("customers.Customer", "customers_customer", "added", whose="id"),
    _entered("plans.Plan", "(SELECT NULL::bigint AS customer_id, id FROM plans_plan)", "created"),
    _entered("subscriptions.Subscription", "subscriptions_subscription", "associated"),
    _entered("subscriptions.Adjustment", "subscriptions_adjustment", "added"),
    _entered("subscriptions.Adjustment", "subscriptions_adjustment", "cancelled", only="cancelled_at IS NOT NULL"),
    _entered("bills.Bill", "bills_bill", "drafted,issued"),
    _entered("bills.Bill", "(SELECT customer_id, bill_id AS id FROM bills_billissue)", "issued,released"),
    _entered("bills.Bill", "(SELECT customer_id, bill_id AS id FROM bills_billdiscard)", "discarded"),
    _entered("payments.Payment", "payments_payment", "recorded payment"),
    _entered("payments.Payment", "payments_payment", "withdrew payment", only="withdrawn_at IS NOT NULL"),
    _entered("bills.Bill", "(SELECT customer_id, bill_id AS id FROM payments_writeoff)", "wrote off"),
    _entered("bills.Bill", "(SELECT customer_id, bill_id AS id FROM payments_latefee)", "charged late fee"),
    _entered("payments.Proposal", "payments_proposal", "proposed"),
    _entered("payments.Proposal", "payments_proposal", "approved", only="state = 'approved'"),
    _entered("payments.Proposal", "payments_proposal", "refused", only="state = 'refused'"),
    """
    SELECT p.customer_id, format('payment %s', p.id), format('%s refunds, %s entries about them', count(*), e.entries)
    FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id, LATERAL (
        SELECT count(*) AS entries FROM shared_auditentry
        WHERE subject_kind = 'payments.Payment' AND subject_id = p.id AND verb = 'refunded') e
    GROUP BY p.customer_id, p.id, e.entries HAVING count(*) <> e.entries
    """,
    """
    SELECT NULL::bigint, format('plan %s', v.plan_id), format('%s versions, %s entries about them',
           count(*), e.entries)
    FROM plans_planversion v, LATERAL (
        SELECT count(*) AS entries FROM shared_auditentry
        WHERE subject_kind = 'plans.Plan' AND subject_id = v.plan_id AND verb IN ('created', 'modified')) e
    GROUP BY v.plan_id, e.entries HAVING count(*) > e.entries
    """,
)
"""Whatever was added, changed or taken back has an audit entry that says who did it."""
