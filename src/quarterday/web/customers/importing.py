"""Customers from a CSV file: the file waits on its user's desk while they look at what it would do."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.accounts.actions import forget_upload, keep_upload, set_upload_options
from quarterday.accounts.queries import find_upload
from quarterday.customers.csvimport import FILE_FIELDS, LARGEST_BYTES, import_customers, read_customer_file
from quarterday.web.customers.forms import CustomerFileForm, CustomerForm, new_customer_defaults
from quarterday.web.customers.zones import zone_options
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Form

PURPOSE = "customers"
SHOWN = 200
DEFAULTS = ("country", "time_zone", "currency", "language")


@page(needs="customers")
def upload(request: Request) -> HttpResponse:
    """Choose the file, and say what its empty cells mean."""
    form = CustomerFileForm(request.POST or None, request.FILES or None, initial=new_customer_defaults())
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        defaults = {name: form.cleaned_data[name] for name in DEFAULTS}
        kept: list[Any] = []

        def keep() -> None:
            # One byte more than is allowed is enough for the room to refuse it.
            content = file.read(LARGEST_BYTES + 1)
            read_customer_file(content, defaults=defaults)
            kept.append(keep_upload(request.user, purpose=PURPOSE, name=file.name, content=content, now=request.now))
            set_upload_options(kept[0], defaults)

        if form.attempt(keep):
            return redirect("import_customers_preview", kept[0].key)
    context = {"form": form, "columns": sorted(FILE_FIELDS), "zones": zone_options()}
    return TemplateResponse(request, "web/customers/import.html", context)


@page(needs="customers")
def preview(request: Request, key: uuid.UUID) -> HttpResponse:
    """What the file would add and change, and every row that is wrong; then do just that, or leave it."""
    kept = found(find_upload(key, user=request.user, purpose=PURPOSE, now=request.now))
    if "discard" in request.POST:
        forget_upload(kept)
        messages.success(request, _("%(file)s is put away: nothing was changed.") % {"file": kept.name})
        return redirect("customers")
    file = read_customer_file(bytes(kept.content), defaults=kept.options)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("seen") != file.digest:
            form.add_error(
                None, _("Meanwhile customers were changed, so the file would do something else: look again.")
            )
        elif form.attempt(lambda: import_customers(file, by=request.actor, now=request.now)):
            forget_upload(kept)
            said = _("%(new)s customers are added, %(changed)s are changed.")
            messages.success(request, said % {"new": len(file.new), "changed": len(file.changed)})
            return redirect("customers")
    context = {
        "upload": kept,
        "file": file,
        "form": form,
        "shown": SHOWN,
        "labels": {name: field.label for name, field in CustomerForm.base_fields.items()},
        "unchanged_count": len(file.rows) - len(file.new) - len(file.changed),
    }
    return TemplateResponse(request, "web/customers/import_preview.html", context, status=422 if file.problems else 200)
