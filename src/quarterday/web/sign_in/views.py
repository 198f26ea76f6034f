"""Pages at the entrance that allauth does not have: a link by mail, and the first admin."""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from quarterday.accounts.entrance import create_first_admin, user_of_link
from quarterday.accounts.queries import user_list
from quarterday.outbox.queries import mail_is_ready
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from quarterday.web.door import public
from quarterday.web.errors import too_many
from quarterday.web.sign_in.forms import FirstAdminForm, LinkForm
from quarterday.web.sign_in.links import LASTS, post_link, read_link


@public("Whoever wants to come in by a mailed link is not in yet; the answer is the same for every address.")
def ask_for_link(request: HttpRequest) -> HttpResponse:
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="sign_in_link"):
            return too_many(request)
        post_link(form.cleaned_data["email"], request, now=datetime.now(UTC))
        return redirect("link_is_on_its_way")
    with acting(Scope.all()):
        context = {"form": form, "mail_is_ready": mail_is_ready(), "minutes": LASTS.seconds // 60}
    return render(request, "web/sign_in/ask_for_link.html", context)


@public("It says how a second factor is set up; whoever has none yet is led here before any page opens.")
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("account_login")
    return render(request, "web/sign_in/set_up_second_factor.html")


@public("It says the same to everybody.")
def link_is_on_its_way(request: HttpRequest) -> HttpResponse:
    return render(request, "web/sign_in/link_is_on_its_way.html", {"minutes": LASTS.seconds // 60})


@public("The link itself proves who comes; it works once. Opening it does nothing, since mail scanners open links.")
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    carried = read_link(token)
    with transaction.atomic():
        user = user_of_link(*carried) if carried else None
        if user is not None and request.method == "POST":
            response: HttpResponse = perform_login(request, user, email_verification="none")
            return response
    status = 200 if user else 410
    return render(request, "web/sign_in/by_link.html", {"known": user, "minutes": LASTS.seconds // 60}, status=status)


@public("There is nobody who could sign in; the code from the terminal proves who comes. Gone with the first user.")
def first_admin(request: HttpRequest) -> HttpResponse:
    if user_list().exists():
        raise Http404
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST":
        if not ratelimit.consume(request, action="first_admin"):
            return too_many(request)
        if form.is_valid():
            told = {name: form.cleaned_data[name] for name in ("email", "name", "password")}
            made = []
            with acting(Scope.all()):
                form.attempt(
                    lambda: made.append(
                        create_first_admin(**told, language=get_language() or "en", now=datetime.now(UTC))
                    )
                )
            if made:
                login(request, made[0], backend="django.contrib.auth.backends.ModelBackend")
                return redirect("start")
    return render(request, "web/sign_in/first_admin.html", {"form": form})
