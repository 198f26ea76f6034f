"""`quarterday bills bridge`: why a bill differs from another."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from quarterday.cli._shared import Json, at_desk, print_json, show


def bridge(
    number: Annotated[str, typer.Argument(help="A bill's number, or a draft's.")],
    other: Annotated[
        str, typer.Argument(help="Another bill of the customer; the one before, for the same plans, if left out.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Why a bill differs from the one before it, or from another: reasons that add up to the difference, to the cent.

    \b
    quarterday bills bridge INV-2026-00017
    quarterday bills bridge INV-2026-00017 INV-2026-00003 --json
    """
    with at_desk():
        from quarterday.bills.queries import bridge_to, get_bill
        from quarterday.documents.bridge_words import reason_words
        from quarterday.documents.wording import language

        told = bridge_to(get_bill(number), get_bill(other) if other else None)
        if told is None:
            typer.echo("No bill is before this one: name another to compare it with.")
            raise typer.Exit(1)
        currency, english = told.bridge.currency, language("en")
        words = [(reason, reason_words(reason, english, currency, told.device_names)) for reason in told.bridge.reasons]
    ends = [
        {"number": end.number or f"draft {end.bill_id}", "issued_on": end.issued_on, "total": end.total}
        for end in (told.earlier, told.later)
    ]
    if as_json:
        reasons: list[dict[str, Any]] = [
            {
                "kind": reason.kind,
                "amount": reason.amount,
                "text": each.text,
                "plan": reason.plan,
                "class": reason.device_class,
                "class_before": reason.class_before,
                "devices": [told.device_names.get(device, device) for device in reason.devices],
                "was": [str(figure) for figure in reason.was],
                "now": [str(figure) for figure in reason.now],
            }
            for reason, each in words
        ]
        difference = {"currency": currency, "difference": told.bridge.difference}
        print_json({"earlier": ends[0], "later": ends[1], **difference, "reasons": reasons})
        return
    rows = [{"reason": f"{ends[0]['number']} came to", "amount": told.earlier.total, "detail": ""}]
    rows += [{"reason": each.text, "amount": reason.amount, "detail": each.detail} for reason, each in words]
    rows += [{"reason": f"{ends[1]['number']} comes to", "amount": told.later.total, "detail": ""}]
    show(
        [{**row, "currency": currency} for row in rows],
        {"reason": "Reason", "amount": "Amount", "currency": "", "detail": "Of"},
        as_json=False,
    )
