"""`quarterday bills`: look at bills and drafts, release, recount, discard, credit; what waits for a person."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterday.cli import _accounted as accounted
from quarterday.cli import _bill_papers as papers
from quarterday.cli import _draft_decisions as decisions
from quarterday.cli import _proposals
from quarterday.cli._bill_bridge import bridge
from quarterday.cli._bill_show import show_bill
from quarterday.cli._shared import Json, at_desk, day, days_between, decimal, group, refuse_backwards, show

if TYPE_CHECKING:
    from quarterday.bills.queries import BillRow
    from quarterday.payments.queries import Settlement

app = group("List, print, export, release and correct bills.")
for _command in (
    papers.pdf,
    papers.consolidated,
    papers.export,
    papers.resend,
    accounted.conservation,
    accounted.unbilled,
    bridge,
    decisions.release,
    decisions.recount,
    decisions.discard,
):
    app.command()(_command)
app.command("show")(show_bill)

Number = Annotated[str, typer.Argument(help="A bill's number, or a draft's.")]
Reason = Annotated[str, typer.Option(help="Why; it is printed on the credit note.")]


class State(StrEnum):
    """What became of a bill."""

    issued = "issued"
    draft = "draft"
    discarded = "discarded"


@app.command("list")
def list_(
    state: Annotated[State, typer.Option(help="Issued bills, drafts that wait, or drafts that were thrown away.")] = (
        State.issued
    ),
    customer: Annotated[str, typer.Option(help="Only this customer's, by number or name.")] = "",
    search: Annotated[str, typer.Option(help="Part of a number or of a customer's name.")] = "",
    since: Annotated[date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="Issued on or after.")] = None,
    until: Annotated[date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="Issued on or before.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 50,
    as_json: Json = False,
) -> None:
    """Bills, newest first.

    \b
    quarterday bills list --customer C-0007
    quarterday bills list --state draft
    """
    refuse_backwards(since, until)
    with at_desk() as desk:
        from quarterday.bills.queries import Wanted, bill_rows, every_bill
        from quarterday.customers.queries import customers_named
        from quarterday.payments.queries import settlements

        owner = customers_named([customer])[0].pk if customer else None
        wanted = Wanted(state.value, customer_id=owner, search=search, since=since, until=until)
        found = every_bill(wanted)
        chosen = found[-limit:]
        rows, stand = {row.id: row for row in bill_rows(chosen)}, settlements(chosen, on=desk.today())
        listed = [_listed(rows[bill_id], stand.get(bill_id)) for bill_id in reversed(chosen)]
    columns = {
        "number": "Bill",
        "customer": "Customer",
        "kind": "Kind",
        "issued_on": "Issued",
        "due_on": "Due",
        "total": "Total",
        "currency": "",
        "devices": "Devices",
    }
    if state is State.issued:
        columns["status"] = "Status"
    if state is State.draft:
        columns |= {"billing_date": "Due since", "why": "Waits because"}
    nothing = "No bills. Make those that are due with quarterday bill; drafts: quarterday bills list --state draft."
    show(listed, columns, as_json=as_json, empty=nothing)
    if (more := len(found) - len(chosen)) > 0:
        typer.echo(f"{more} more {'is' if more == 1 else 'are'} not listed: --limit {len(found)} lists all.", err=True)


@app.command()
def credit(
    number: Number,
    reason: Reason,
    line: Annotated[
        list[str] | None,
        typer.Option(
            "--line", metavar="POSITION=AMOUNT", help="Credit a net amount of a line; all of the bill if left out."
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="Credit days of this device, by id or name, at what they cost.")] = "",
    first_day: Annotated[
        date | None, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="Of --device: the first day.")
    ] = None,
    last_day: Annotated[
        date | None, typer.Option("--to", parser=day, metavar="YYYY-MM-DD", help="Of --device: the last day, included.")
    ] = None,
    bill_again: Annotated[
        bool, typer.Option("--bill-again", help="Its periods are due again with the next run.")
    ] = False,
) -> None:
    """Credit an issued bill, whole, by line or by days of a device, by a credit note that names it.

    Above the provider's amount it waits for a second person, with exit code 1.

    \b
    quarterday bills credit INV-2026-00017 --reason "Wrong plan" --bill-again
    quarterday bills credit INV-2026-00017 --reason "Server was down" --line 2=45.00
    quarterday bills credit INV-2026-00017 --reason "In repair" --device PC-7 --from 2026-04-10 --to 2026-04-20
    """
    amounts = _amounts(line) if line else None
    if (bool(device), first_day is not None, last_day is not None) not in ((True,) * 3, (False,) * 3):
        raise typer.BadParameter("Days of a device are told by --device, --from and --to together.")
    if device and line:
        raise typer.BadParameter("Say either --line or --device.")
    with at_desk() as desk:
        from quarterday.bills.queries import get_bill
        from quarterday.bills.queries.device_days import DaysOfDevice
        from quarterday.bills.stored import stored_contents
        from quarterday.inventory.queries import find_device
        from quarterday.payments.actions import Proposal, credit_or_propose

        bill, days_of = get_bill(number), None
        if first_day and last_day:
            found = find_device(device, customer_id=bill.customer_id)
            days_of = DaysOfDevice(found.pk, days_between(first_day, last_day, names=("--from", "--to")))
        done = credit_or_propose(
            bill, reason=reason, amounts=amounts, days_of=days_of, bill_again=bill_again, now=desk.now, by=desk.by
        )
        if not isinstance(done, Proposal):
            said = f"Credited by {done.issue.number}: {stored_contents([done.pk])[done.pk].total} {done.currency}."
    if isinstance(done, Proposal):
        _proposals.waits(done)
    typer.echo(said)


@app.command()
def parked(as_json: Json = False) -> None:
    """Customers whose billing met an inconsistency, and why.

    quarterday bills parked
    """
    with at_desk():
        from quarterday.bills.queries import parked_customers

        rows = [
            {
                "number": each.customer.number,
                "customer": each.customer.name,
                "parked_at": each.parked_at,
                "reason": each.reason,
            }
            for each in parked_customers()
        ]
    columns = {"number": "No.", "customer": "Customer", "parked_at": "Since", "reason": "Because"}
    show(rows, columns, as_json=as_json, empty="Nobody is parked.")


@app.command()
def unpark(customer: Annotated[str, typer.Argument(help="The customer's number or name.")]) -> None:
    """Let the next run try a parked customer again.

    quarterday bills unpark C-0007
    """
    with at_desk() as desk:
        from quarterday.bills.actions import unpark_customer
        from quarterday.customers.queries import customers_named

        [owner] = customers_named([customer])
        unpark_customer(owner, now=desk.now, by=desk.by)
    typer.echo(f"{owner.name} is billed again with the next run: quarterday bill --customer {owner.number}")


@app.command()
def late(
    decide: Annotated[int | None, typer.Option(metavar="NO", help="Answer the question of this number.")] = None,
    catch_up: Annotated[bool, typer.Option("--catch-up", help="Put it on the next bill.")] = False,
    forgive: Annotated[bool, typer.Option("--forgive", help="Leave it.")] = False,
    as_json: Json = False,
) -> None:
    """What was learned after its bill, and waits for an answer.

    \b
    quarterday bills late
    quarterday bills late --decide 3 --catch-up
    """
    if decide is not None and catch_up == forgive:
        raise typer.BadParameter("Say either --catch-up or --forgive.")
    with at_desk() as desk:
        from quarterday.bills.actions import decide_late_truth
        from quarterday.bills.queries import find_late_truth, late_truths
        from quarterday.engine.money import in_currency
        from quarterday.shared.refusal import NotFound

        if decide is not None:
            truth = find_late_truth(decide)
            if truth is None:
                raise NotFound("late", f"There is no question {decide}: see `quarterday bills late`.")
            answer = "catch_up" if catch_up else "forgiven"
            decide_late_truth(truth, decision=answer, now=desk.now, by=desk.by)
        rows = [
            {
                "id": truth.pk,
                "customer": truth.customer.name,
                "plan": truth.subscription.plan.name,
                "first_day": truth.period.lower,
                "last_day": truth.period.upper - timedelta(days=1),
                "devices": [f"{each['name']} ({each['before']} -> {each['now']} days)" for each in truth.devices],
                "more_devices": truth.more_devices,
                "difference": in_currency(truth.difference, truth.currency),
                "currency": truth.currency,
            }
            for truth in late_truths()
        ]
    columns = {
        "id": "No.",
        "customer": "Customer",
        "plan": "Plan",
        "first_day": "From",
        "last_day": "To",
        "devices": "Devices, as billed -> as known",
        "difference": "Net",
        "currency": "",
    }
    told = rows if as_json else [{**row, "devices": ", ".join(row["devices"]) or "a replacement"} for row in rows]
    show(told, columns, as_json=as_json, empty="Nothing was learned late.")
    if rows and not as_json:
        typer.echo(
            "--catch-up: the net is charged on the customer's next bill, as a line that names these days.\n"
            "--forgive: nothing is charged; you are asked again only if something else is learned about these days."
        )


def _listed(row: BillRow, standing: Settlement | None) -> dict[str, Any]:
    return {
        "number": row.number or f"draft {row.id}",
        "customer": row.customer,
        "kind": row.kind.replace("_", " "),
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "billing_date": row.billing_on,
        "total": row.total,
        "currency": row.currency,
        "devices": row.device_count,
        "status": standing.status if standing else None,
        "why": " ".join(row.holds),
    }


def _amounts(told: list[str]) -> dict[int, Decimal]:
    """What is credited of each line, each told once."""
    amounts: dict[int, Decimal] = {}
    for position, amount in map(_amount, told):
        if position in amounts:
            raise typer.BadParameter(f"Line {position} is told twice: add its amounts up.", param_hint="--line")
        amounts[position] = amount
    return amounts


def _amount(told: str) -> tuple[int, Decimal]:
    """A line's position and a net amount, as in 2=45.00."""
    position, _, amount = told.partition("=")
    if not position.isdigit() or not amount:
        raise typer.BadParameter(f"{told!r} is not a line's position and an amount: write it like 2=45.00.")
    return int(position), decimal(amount)
