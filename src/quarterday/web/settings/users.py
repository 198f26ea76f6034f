"""Users: who may sign in, as what, and which customers are assigned to those who see some only."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from quarterday.accounts.actions import (
    assign,
    change_user,
    close_user,
    create_user,
    forget_second_factor,
    reopen_user,
    unassign,
)
from quarterday.accounts.queries import assignments_of, factor_kinds, user_list
from quarterday.customers.queries import customers_named
from quarterday.web.acts import do
from quarterday.web.customers.choosing import CustomerField, customer_options
from quarterday.web.door import Request, found, page
from quarterday.web.forms import Choices, Form
from quarterday.web.settings.choices import language_options

ROLES = [
    ("admin", _("Admin: everything, also users and settings")),
    ("clerk", _("Billing clerk: bills, payments, plans, customers; no users or settings")),
    ("auditor", _("Auditor: reads everything")),
    ("customer_admin", _("Customer admin: reads the customers assigned to them")),
    ("contact", _("Customer contact: their own customer's bills; comes in by a mailed link")),
]
SEES_SOME = ("customer_admin", "contact")


class UserForm(Form):
    """Somebody who may sign in."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("With it they sign in."))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=Choices, initial="customer_admin")
    language = forms.ChoiceField(label=_("Language of the pages"))

    def add_fields(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["language"].choices = language_options(also=self.initial.get("language", ""))


class NewUserForm(UserForm):
    """A new user, and the first customer that they see."""

    customer = CustomerField(
        label=_("Customer"), required=False, help_text=_("For a customer admin or contact; further ones afterwards.")
    )
    mail_link = forms.BooleanField(label=_("Mail them a link to choose a password"), required=False, initial=True)


class AssignForm(Form):
    """One more customer that a user sees."""

    customer = CustomerField(label=_("Assign a customer"))


@page(needs="settings")
def users(request: Request) -> HttpResponse:
    """All users with their roles, and how many customers are assigned."""
    rows = list(user_list())
    assigned = assignments_of([user for user in rows if user.role in SEES_SOME])
    listed = [{"user": user, "customers": assigned.get(user.pk, [])} for user in rows]
    return TemplateResponse(request, "web/settings/users.html", {"users": listed, "sees_some": SEES_SOME})


@page(needs="settings")
def add_user(request: Request) -> HttpResponse:
    """Let somebody in."""
    form = NewUserForm(request.POST or None, initial={"language": request.user.language})
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        customer, mail_link = told.pop("customer"), told.pop("mail_link")
        made: list[Any] = []
        if form.attempt(
            lambda: made.append(
                create_user(**told, customers=[customer] if customer else [], by=request.actor, now=request.now)
            )
        ):
            messages.success(request, gettext("%(email)s may sign in now.") % told)
            if mail_link:
                _mail_link(request, made[0])
            return redirect("settings_user", made[0].pk)
    return TemplateResponse(request, "web/settings/add_user.html", {"form": form, "options": customer_options()})


@page(needs="settings")
def user(request: Request, pk: int) -> HttpResponse:
    """One user: what is known, which customers they see, and the acts."""
    row = _user(pk)
    initial = {name: getattr(row, name) for name in ("email", "name", "role", "language")}
    form = UserForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if form.attempt(lambda: change_user(row, by=request.actor, now=request.now, **told)):
            messages.success(request, gettext("Saved. It counts from their next click."))
            return redirect("settings_user", pk)
    return _user_page(request, pk, form=form)


@require_POST
@page(needs="settings")
def assign_customer(request: Request, pk: int) -> HttpResponse:
    """Show one more customer to a user."""
    row = _user(pk)
    form = AssignForm(request.POST)
    if form.is_valid():
        customer = form.cleaned_data["customer"]
        if form.attempt(lambda: assign(row, [customer], by=request.actor, now=request.now)):
            messages.success(
                request,
                gettext("%(user)s sees %(customer)s now.") % {"user": row.name or row.email, "customer": customer.name},
            )
            return redirect("settings_user", pk)
    return _user_page(request, pk, assign_form=form)


@require_POST
@page(needs="settings")
def unassign_customer(request: Request, pk: int) -> HttpResponse:
    """Hide a customer from a user."""
    row = _user(pk)
    number = request.POST.get("customer", "")
    do(
        request,
        lambda: unassign(row, customers_named([number]), by=request.actor, now=request.now),
        told=gettext("They no longer see %(number)s, from their next click on.") % {"number": number},
    )
    return redirect("settings_user", pk)


@require_POST
@page(needs="settings")
def close(request: Request, pk: int) -> HttpResponse:
    """Let a user in no more; their sessions end at once."""
    row = _user(pk)
    do(
        request,
        lambda: close_user(row, by=request.actor, now=request.now),
        told=gettext("%(email)s is signed out everywhere and cannot sign in any more.") % {"email": row.email},
    )
    return redirect("settings_user", pk)


@require_POST
@page(needs="settings")
def forget_factor(request: Request, pk: int) -> HttpResponse:
    """Take the second factor of a user who lost it."""
    row = _user(pk)
    do(
        request,
        lambda: forget_second_factor(row, by=request.actor, now=request.now),
        told=gettext("%(email)s is signed out everywhere, and sets a new second factor up at the next sign-in.")
        % {"email": row.email},
    )
    return redirect("settings_user", pk)


@require_POST
@page(needs="settings")
def reopen(request: Request, pk: int) -> HttpResponse:
    """Let a closed user in again."""
    row = _user(pk)
    do(
        request,
        lambda: reopen_user(row, by=request.actor, now=request.now),
        told=gettext("%(email)s may sign in again.") % {"email": row.email},
    )
    return redirect("settings_user", pk)


@require_POST
@page(needs="settings")
def mail_link(request: Request, pk: int) -> HttpResponse:
    """Mail a user a link to choose a password."""
    _mail_link(request, _user(pk))
    return redirect("settings_user", pk)


def _mail_link(request: Request, row: Any) -> None:
    form = ResetPasswordForm({"email": row.email})
    if form.is_valid():
        form.save(request)
        messages.success(
            request,
            gettext("A link to choose a password goes to %(email)s; the outbox shows it.") % {"email": row.email},
        )


def _user(pk: int) -> Any:
    return found(user_list().filter(pk=pk).first())


def _user_page(
    request: Request, pk: int, *, form: UserForm | None = None, assign_form: AssignForm | None = None
) -> HttpResponse:
    row = _user(pk)  # read anew: a form that was refused leaves no trace in what is shown
    numbers = assignments_of([row]).get(pk, [])
    initial = {name: getattr(row, name) for name in ("email", "name", "role", "language")}
    context = {
        "row": row,
        "form": form or UserForm(initial=initial),
        "assign_form": assign_form or AssignForm(auto_id="id_assign_%s"),
        "customers": customers_named(numbers) if numbers else [],
        "sees_some": row.role in SEES_SOME,
        "has_factor": bool(factor_kinds(row.pk)),
        "options": customer_options() if row.role in SEES_SOME else [],
    }
    return TemplateResponse(request, "web/settings/user.html", context)
