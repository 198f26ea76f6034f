"""Drafts: calculated, not issued, not discarded; each waits for a person."""

from __future__ import annotations

from django.db.models import QuerySet

from quarterday.bills.models import Bill


def drafts_to_review() -> QuerySet[Bill]:
    """Live drafts with the reasons in their holds, oldest first."""
    waiting = Bill.objects.filter(issue=None, discard=None)
    return waiting.select_related("customer").prefetch_related("holds").order_by("pk")
