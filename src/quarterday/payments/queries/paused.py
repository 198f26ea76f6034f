"""Which invoices, or lines of them, nobody is reminded of. All inside `acting(scope)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from quarterday.engine.money import in_currency
from quarterday.payments.models import ReminderPause


def pauses_of(bill_id: int) -> QuerySet[ReminderPause]:
    """The pauses of an invoice that nobody ended, also those whose last day is over; the whole bill's first."""
    return ReminderPause.objects.filter(bill=bill_id, ended_at=None).select_related("line").order_by("-line", "pk")


class Paused:
    """What is left out of the reminders of some invoices; one query."""

    def __init__(self, bill_ids: Iterable[int]) -> None:
        self._pauses: dict[int, list[ReminderPause]] = defaultdict(list)
        live = ReminderPause.objects.filter(bill__in=list(bill_ids), ended_at=None)
        live = live.annotate(taken_back=Coalesce(Sum("line__corrections__net"), Decimal(0)))
        for pause in live.select_related("line", "bill").order_by("pk"):
            self._pauses[pause.bill_id].append(pause)

    def amount(self, bill_id: int, open_amount: Decimal, *, on: date) -> Decimal:
        """How much of what is open is not asked for on a day: all of it, or the paused lines with their tax.

        What a credit note took back of a paused line is open no longer, so there is nothing of it to leave out.
        """
        live = [pause for pause in self._pauses.get(bill_id, ()) if pause.until is None or on <= pause.until]
        if any(pause.line is None for pause in live):
            return open_amount
        gross = sum((_gross(pause) for pause in live), Decimal(0))
        return min(max(gross, Decimal(0)), open_amount)


def _gross(pause: ReminderPause) -> Decimal:
    line = pause.line
    assert line is not None, f"pause {pause.pk} is of the whole bill"
    rate = line.tax_rate or Decimal(0)
    left: Decimal = line.net - pause.taken_back  # type: ignore[attr-defined]  # annotated above
    return in_currency(left * (100 + rate) / 100, pause.bill.currency)
