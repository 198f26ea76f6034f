"""`quarterday bill`: the billing run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterday.cli._addresses import warn_of
from quarterday.cli._errors import NEEDS_A_PERSON
from quarterday.cli._progress import customers_bar
from quarterday.cli._shared import Json, alone, at_desk, clock, command_line, instant, print_json, set_up, show

if TYPE_CHECKING:
    from quarterday.bills.report import RunReport

app = alone()


@app.command()
def bill(
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", parser=instant, metavar="INSTANT", help="Bill what is due at this moment; now if left out."
        ),
    ] = None,
    customer: Annotated[
        list[str] | None, typer.Option("--customer", help="Only this one, by number or name; may be said many times.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be billed, and write nothing.")] = False,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm", help="A strange clock, a moment to come, or many missed periods are meant: bill all the same."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the bills that are due. Running it again changes nothing; several may run at once.

    A dry run prints what the run would do, and the run then does exactly that: the digests are the same.
    Exit code 1 when something waits for a person: a bill that is held, a customer that is parked, missed periods.

    \b
    quarterday bill --dry-run
    quarterday bill
    quarterday bill --dry-run --at 2026-06-01T07:00+02:00 --customer C-0007      what will be due then
    """
    set_up()
    from quarterday.bills.run import run_billing

    now = clock()
    if at is not None and at > now and not (dry_run or confirm):
        raise typer.BadParameter(
            f"{at:%Y-%m-%d %H:%M} is still to come, so its devices are not known, and no run before it would bill"
            " again. Look ahead with --dry-run; if it is meant, say --confirm.",
            param_hint="--at",
        )
    chosen = _chosen(customer)
    with customers_bar("Billing", hidden=as_json) as progress:
        report = run_billing(
            at=at or now,
            by=command_line(),
            customers=chosen,
            dry=dry_run,
            confirmed=confirm,
            progress=progress,
        )
    if as_json:
        print_json(_as_values(report))
    else:
        _tell(report)
    _warn_of_addresses(report)
    if not report.is_clean and not dry_run:
        raise typer.Exit(NEEDS_A_PERSON)


def _warn_of_addresses(report: RunReport) -> None:
    """An invoice names seller and buyer; who is told before the run can still mend it."""
    if not report.bills:
        return
    with at_desk():
        from quarterday.customers.addressing import addresses_missing_for

        missing = addresses_missing_for({bill.customer_id for bill in report.bills})
    warn_of(missing)


def _chosen(names: list[str] | None) -> list[int] | None:
    if not names:
        return None
    with at_desk():
        from quarterday.customers.queries import customers_named

        return [customer.pk for customer in customers_named(names)]


def _as_values(report: RunReport) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(report), "totals": report.totals(), "summary": report.summary()}


def _tell(report: RunReport) -> None:
    if report.stopped:
        typer.echo(f"{report.stopped} Nobody was billed. If it is meant, say so: quarterday bill --confirm")
        return
    rows = [
        {
            "number": bill.number or ("held" if bill.holds else "–"),
            "customer": bill.customer,
            "billing_on": bill.billing_on,
            "device_count": bill.device_count,
            "total": bill.charge,
            "currency": bill.currency,
            "why": " ".join(hold.message for hold in bill.holds),
            "digest": bill.content_digest[:12],
        }
        for bill in report.bills
    ]
    columns = {
        "number": "Bill",
        "customer": "Customer",
        "billing_on": "Due since",
        "device_count": "Devices",
        "total": "Total",
        "currency": "",
        "why": "Waits because",
        "digest": "Digest",
    }
    if rows:
        show(rows, columns)
    for left in (*report.waiting, *report.parked):
        typer.echo(f"{left.customer}: {left.reason}")
    if report.waiting:
        typer.echo("See them with quarterday bill --dry-run --confirm; bill them with quarterday bill --confirm.")
    for fault in report.faults:
        typer.echo(f"Not accounted for: {fault}")
    counts = report.summary()
    verb = "would be issued" if report.dry else "issued"
    sums = ", ".join(f"{total} {currency}" for currency, total in sorted(report.totals().items())) or "nothing"
    typer.echo(
        f"{counts['issued']} {verb} ({sums}), {counts['held']} held, {counts['empty']} empty,"
        f" {counts['parked']} parked, {counts['waiting']} waiting."
    )
    if report.held and not report.dry:
        typer.echo("Look at what is held with quarterday bills list --state draft, then release it.")
