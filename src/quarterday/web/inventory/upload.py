"""Devices from a CSV file, in three steps: the file, its columns, and what it would change before it does.

The file waits on its user's desk (accounts), and is read as of the moment of the upload. What is applied is what was
shown: the form carries the preview's digest, and the store room refuses when it would do something else by now.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from quarterday.accounts.actions import forget_upload, keep_upload, set_upload_options
from quarterday.accounts.queries import find_upload
from quarterday.connectors.csvfile import FIELDS, CsvDescription, CsvOptions, describe_csv, read_csv
from quarterday.connectors.shape import Fault, Snapshot, SourceRefused
from quarterday.inventory.actions import SyncResult, apply_snapshot, preview_snapshot
from quarterday.inventory.queries import sources, sync_runs
from quarterday.shared.refusal import Problem, Refused
from quarterday.web.class_names import class_names
from quarterday.web.considered import Considered
from quarterday.web.door import Request, found, page
from quarterday.web.inventory.forms import ColumnsForm, FileForm
from quarterday.web.inventory.previews import CHANGES_SHOWN, as_shown, faults_as_kept, result_as_kept
from quarterday.web.inventory.words import BECAUSE, DELIMITERS

PURPOSE = "devices"


@page(needs="inventory")
def upload(request: Request) -> HttpResponse:
    """Step 1: choose the file."""
    newest = sync_runs().filter(source__kind="csv").first()
    initial = {"source": newest.source.name if newest else "csv"}
    form = FileForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        source, file = form.cleaned_data["source"], form.cleaned_data["file"]
        kept: list[Any] = []

        def keep() -> None:
            content = file.read()
            describe_csv(content)
            kept.append(keep_upload(request.user, purpose=PURPOSE, name=file.name, content=content, now=request.now))
            set_upload_options(kept[0], {"source": source})

        if form.attempt(keep):
            return redirect("upload_columns", kept[0].key)
    names = [source.name for source in sources() if source.kind == "csv"]
    return TemplateResponse(request, "web/inventory/upload.html", {"form": form, "sources": names})


@page(needs="inventory")
def columns(request: Request, key: uuid.UUID) -> HttpResponse:
    """Step 2: how the file is written and which column says what, as found, to be changed by a person."""
    kept = found(find_upload(key, user=request.user, purpose=PURPOSE, now=request.now))
    classes = class_names()
    reads_again = "read" in request.POST
    options = {"source": kept.options["source"]} if reads_again else kept.options
    delimiter, encoding = (request.POST.get(name) or options.get(name) for name in ("delimiter", "encoding"))
    seen, problems = _described(
        bytes(kept.content), CsvOptions(delimiter or None, encoding or None, columns=options.get("columns", {}))
    )
    form = ColumnsForm(
        None if reads_again else request.POST or None,
        header=seen.header,
        delimiter=seen.delimiter,
        encoding=seen.encoding,
        classes=list(classes.items()),
        initial=_initial(seen, options),
    )
    if not problems and form.is_bound and form.is_valid():
        set_upload_options(kept, {"source": kept.options["source"], **form.options()})
        _look(request, kept)
        return redirect("upload_preview", kept.key)
    context = {
        "form": form,
        "problems": problems,
        "upload": kept,
        "source": kept.options["source"],
        "seen": seen,
        "delimiter": DELIMITERS.get(seen.delimiter, seen.delimiter),
        "classes": classes,
        "columns": [form[f"column_{field}"] for field in FIELDS],
        "others": [form[name] for name in ("class_of_others", "class_words", "as_of", "present_since")],
    }
    return TemplateResponse(request, "web/inventory/upload_columns.html", context)


@page(needs="inventory")
def preview(request: Request, key: uuid.UUID) -> HttpResponse:
    """Step 3: what would change; then apply just that, hold it for somebody else, or leave it."""
    kept = found(find_upload(key, user=request.user, purpose=PURPOSE, now=request.now))
    if "shown" not in kept.options:
        return redirect("upload_columns", key)
    form = Considered(request.POST if request.method == "POST" else None)
    if "discard" in request.POST:
        forget_upload(kept)
        messages.success(request, _("%(file)s is put away: nothing was changed.") % {"file": kept.name})
        return redirect("inventory")
    if "again" in request.POST:
        _look(request, kept)
        return redirect("upload_preview", key)
    if form.is_bound and form.is_valid() and "result" in kept.options["shown"]:
        done = _apply(request, form, kept)
        if done is not None:
            forget_upload(kept)
            return redirect("sync", done.run_id)
        _look(request, kept)
    context = {
        "upload": kept,
        "source": kept.options["source"],
        "form": form,
        "shown_count": CHANGES_SHOWN,
        "because": BECAUSE,
        "classes": class_names(),
        "as_of": _day(kept.options, "as_of"),
        "present_since": _day(kept.options, "present_since"),
        **as_shown(kept.options["shown"]),
    }
    status = 422 if "faults" in context else 200
    return TemplateResponse(request, "web/inventory/upload_preview.html", context, status=status)


def _look(request: Request, kept: Any) -> None:
    """Compare the file with what we know, and keep what that shows beside it."""
    try:
        with transaction.atomic():
            result = preview_snapshot(
                _snapshot(kept), now=request.now, present_since=_day(kept.options, "present_since")
            )
        shown = result_as_kept(result)
    except SourceRefused as refused:
        shown = faults_as_kept(refused)
    except Refused as refused:
        shown = faults_as_kept(SourceRefused([Fault(0, each.field, each.message) for each in refused.problems]))
    set_upload_options(kept, {**kept.options, "shown": shown})


def _apply(request: Request, form: Considered, kept: Any) -> SyncResult | None:
    done: list[SyncResult] = []
    form.attempt(
        lambda: done.append(
            apply_snapshot(
                _snapshot(kept),
                now=request.now,
                by=request.actor,
                present_since=_day(kept.options, "present_since"),
                confirm_drop="confirm_drop" in request.POST,
                as_previewed=request.POST.get("seen") or "unseen",
            )
        )
    )
    if not done:
        return None
    (result,) = done
    if result.state == "held":
        messages.warning(request, _("The import is held: somebody confirms or rejects it here."))
    else:
        messages.success(request, _("%(source)s is imported.") % {"source": result.source})
    return result


def _described(content: bytes, options: CsvOptions) -> tuple[CsvDescription, list[Problem]]:
    """The file as a person says that it is written, or as it looks by itself and why the person's word does not fit."""
    try:
        return describe_csv(content, options), []
    except SourceRefused as refused:
        return describe_csv(content), refused.problems


def _snapshot(kept: Any) -> Snapshot:
    options = kept.options
    return read_csv(
        bytes(kept.content),
        source=options["source"],
        taken_at=kept.kept_at,
        as_of=_day(options, "as_of"),
        options=CsvOptions(
            delimiter=options["delimiter"],
            encoding=options["encoding"],
            columns=options["columns"],
            class_words=options["class_words"],
            class_of_others=options["class_of_others"] or None,
            **({"classes": tuple(names)} if (names := class_names()) else {}),
        ),
    )


def _initial(seen: Any, options: dict[str, Any]) -> dict[str, Any]:
    found_columns = {field: seen.header[position] for field, position in seen.columns.items()}
    chosen = options.get("columns", found_columns)
    words = "\n".join(f"{word} = {code}" for word, code in options.get("class_words", {}).items())
    return {
        "delimiter": seen.delimiter,
        "encoding": seen.encoding,
        **{f"column_{field}": name for field, name in chosen.items()},
        "class_of_others": options.get("class_of_others", ""),
        "class_words": words,
        "as_of": _day(options, "as_of"),
        "present_since": _day(options, "present_since"),
    }


def _day(options: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(options[name]) if options.get(name) else None
