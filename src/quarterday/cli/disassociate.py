"""`quarterday disassociate`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from quarterday.cli._shared import Customers, Json, alone, at_desk, day, show

app = alone()


@app.command()
def disassociate(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's name.")],
    customer: Customers,
    last_day: Annotated[
        date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The last day of service: past, today or to come.")
    ],
    full: Annotated[bool, typer.Option("--full", help="Bill the last period as a whole, not by its days.")] = False,
    as_json: Json = False,
) -> None:
    """End customers' association with a plan, all or none. What was billed for later days is credited by the next run.

    \b
    quarterday disassociate Gold --customer C-0001 --last-day 2026-05-31
    quarterday subscriptions undo 17          takes it back while nothing is billed for it
    """
    with at_desk() as desk:
        from quarterday.customers.queries import customers_named
        from quarterday.plans.queries import get_plan
        from quarterday.shared.refusal import Problem, Refused
        from quarterday.subscriptions import actions
        from quarterday.subscriptions.queries import subscriptions_of_plan

        chosen = customers_named(customer)
        found = subscriptions_of_plan(get_plan(plan), [each.pk for each in chosen])
        served = {subscription.customer_id for subscription in found}
        without = [each for each in chosen if each.pk not in served]
        if without:
            raise Refused(
                problems=[Problem(f"customer {each.number}", f"{each} does not have {plan}.") for each in without]
            )
        ended = actions.disassociate(
            found, last_day=last_day, final_period="full" if full else "prorated", by=desk.by, now=desk.now
        )
        rows = [
            {
                "subscription": subscription.pk,
                "customer": subscription.customer.number,
                "name": subscription.customer.name,
                "last_day": last_day,
                "final_period": subscription.final_period,
            }
            for subscription in ended
        ]
    columns = {
        "subscription": "Subscription",
        "customer": "Customer",
        "name": "Name",
        "last_day": "Last day of service",
        "final_period": "Last period",
    }
    show(rows, columns, as_json=as_json)
