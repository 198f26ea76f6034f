"""`quarterday bills show`: one bill, with how each line came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterday.cli._shared import Json, at_desk, price_words, print_json, show, show_one

if TYPE_CHECKING:
    from quarterday.bills.queries import ShownLine


def show_bill(
    number: Annotated[str, typer.Argument(help="A bill's number, or a draft's.")],
    devices: Annotated[
        bool, typer.Option("--devices", help="Name each line's devices, with the days on which they were there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """A bill with its lines, how each came about (rule, price, since when, devices), and what happened to it.

    \b
    quarterday bills show INV-2026-00017
    quarterday bills show INV-2026-00017 --devices
    """
    with at_desk():
        from quarterday.bills.queries import get_bill
        from quarterday.bills.queries.proving import recompute
        from quarterday.bills.queries.showing import history_of, shown_lines, shown_taxes
        from quarterday.bills.stored import stored_contents

        bill = get_bill(number)
        issue = getattr(bill, "issue", None)
        content = stored_contents([bill.pk])[bill.pk]
        facts: dict[str, Any] = {
            "number": issue.number if issue else f"draft {bill.pk}",
            "customer": bill.customer.name,
            "kind": bill.kind.replace("_", " "),
            "billing_date": bill.billing_date,
            "issued_on": issue.issued_on if issue else None,
            "due_on": issue.due_on if issue else None,
            "net": f"{content.net} {bill.currency}",
            "tax": f"{content.tax} {bill.currency}",
            "total": f"{content.total} {bill.currency}",
            "recipients": bill.recipients,
            "reason": bill.reason,
            "content_digest": bytes(bill.content_digest).hex(),
            "recomputed": "the same" if recompute(bill).holds else "DIFFERS: run quarterday audit",
        }
        lines = [_explained(line, bill.currency) for line in shown_lines(bill)]
        taxes = [
            {"category": tax.category, "rate": tax.rate, "base": tax.base, "tax": tax.amount}
            for tax in shown_taxes(bill)
        ]
        history = [{"at": each.at, "what": each.what, "by": each.by, "words": each.words} for each in history_of(bill)]
    if as_json:
        print_json({**facts, "lines": lines, "taxes": taxes, "history": history})
        return
    show_one(facts)
    show(
        [{**line, "devices": len(line["devices"])} for line in lines],
        {
            "position": "",
            "text": "Line",
            "days": "Days",
            "formula": "Sum",
            "devices": "Devices",
            "net": "Net",
            "tax": "Tax",
        },
    )
    explained = [line for line in lines if line["price_since"]]
    show(
        [{**line, "price_of": "own" if line["price_is_own"] else "plan"} for line in explained],
        {
            "position": "",
            "plan": "Plan",
            "counting": "Counted",
            "counted_on": "on",
            "unit_price": "Price",
            "price_of": "of the",
            "price_since": "since",
            "included": "Included",
            "minimum": "Minimum",
        },
    )
    if devices:
        counted = [{"position": line["position"], **device} for line in lines for device in line["devices"]]
        show(counted, {"position": "", "name": "Device", "days": "Days", "present": "There"})
    show(history, {"at": "When", "what": "What", "by": "By or to", "words": ""})


def _explained(line: ShownLine, currency: str) -> dict[str, Any]:
    """A line with the rule that counted, the terms that priced, and the devices with their stays."""
    return {
        "position": line.position,
        "text": line.text,
        "days": str(line.days) if line.days else None,
        "formula": line.formula,
        "net": line.net,
        "tax": f"{line.tax_category} {line.tax_rate.normalize():f} %" if line.tax_category else "",
        "plan": line.plan,
        "counting": line.counting,
        "counted_on": line.counted_on,
        "unit_price": price_words(line.unit_price, currency),
        "price_since": line.terms_since,
        "price_is_own": line.terms_are_own,
        "included": line.included,
        "minimum": line.minimum,
        "devices": [
            {"name": device.name, "days": device.days, "present": [str(days) for days in device.present]}
            for device in line.devices
        ],
    }
