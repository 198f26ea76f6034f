"""All bills: filters that live in the address, search, order, pages; and the same list as CSV."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse

from quarterday.bills.export import csv_of_bills
from quarterday.bills.queries import COUNTED, bill_page, count_bills, every_bill, waiting_counts
from quarterday.customers.queries import find_customer
from quarterday.payments.queries import settlements
from quarterday.web.addresses import address_by_id
from quarterday.web.bills.forms import FilterForm
from quarterday.web.bills.row_menu import row_menu
from quarterday.web.bills.words import cycles_in_words
from quarterday.web.door import Request, page
from quarterday.web.files import csv_in_pieces
from quarterday.web.plans.choices import provider_today


@page()
def bills(request: Request) -> HttpResponse:
    """The tab: what waits for a person, then all bills."""
    today = provider_today(request)
    form = FilterForm(request.GET)
    wanted = form.wanted(on=today)
    shown = bill_page(wanted, order=form.order, after=request.GET.get("after"), before=request.GET.get("before"))
    standing = settlements([row.id for row in shown.rows], on=today)
    # How many are open is not counted: it would ask for every bill there ever was.
    count = None if wanted.settled else count_bills(wanted)
    bill_address, customer_address = address_by_id("bill"), address_by_id("customer")
    acts = row_menu(request.abilities)
    context = {
        "form": form,
        "rows": [
            {
                "bill": row,
                "standing": standing.get(row.id),
                "cycle": cycles_in_words(row.cycles),
                "address": bill_address(row.id),
                "customer_address": customer_address(row.customer_id),
                "acts": acts(row),
            }
            for row in shown.rows
        ],
        "state": wanted.state,
        "shown": shown,
        "count": count,
        "has_more": count is not None and count > COUNTED,
        "counted": COUNTED,
        "customer": find_customer(wanted.customer_id) if wanted.customer_id else None,
        "waiting": waiting_counts() if "bill" in request.abilities else None,
        "today": today,
    }
    return TemplateResponse(request, "web/bills/bills.html", context)


@page()
def export(request: Request) -> HttpResponse:
    """The lines of all bills of the list, as CSV for the accounts office."""
    wanted = FilterForm(request.GET).wanted(on=provider_today(request))
    return csv_in_pieces(lambda: csv_of_bills(every_bill(wanted)), "bills", within=request.scope)
