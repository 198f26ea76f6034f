"""Mail Server Settings: over which server bills are mailed, and a test mail that proves it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from quarterday.outbox.actions import configure_mail, send_test_mail
from quarterday.outbox.queries import mail_server, next_due
from quarterday.outbox.secrets import KeysMissing
from quarterday.provider.queries import find_provider
from quarterday.shared.refusal import Refused
from quarterday.web.door import Request, page
from quarterday.web.forms import Choices, Form

SECURITIES = [
    ("starttls", _("STARTTLS, usually port 587")),
    ("tls", _("TLS from the start, usually port 465")),
    ("none", _("None: only within your own network")),
]
FIELDS = ("host", "port", "security", "username", "sender_name", "sender_address", "reply_to")


class MailForm(Form):
    """The provider's own SMTP server. The password is never shown."""

    host = forms.CharField(label=_("Server"), max_length=255, help_text=_("Its name: smtp.example.com"))
    port = forms.IntegerField(label=_("Port"), initial=587)
    security = forms.ChoiceField(label=_("Security"), choices=SECURITIES, widget=Choices, initial="starttls")
    username = forms.CharField(
        label=_("User name"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    forget_password = forms.BooleanField(label=_("Forget the password: this server wants none"), required=False)
    sender_name = forms.CharField(
        label=_("Sender's name"), max_length=200, required=False, help_text=_("Whom the mail is from: Example IT")
    )
    sender_address = forms.EmailField(label=_("Sender's e-mail address"))
    reply_to = forms.EmailField(
        label=_("Answers go to"), required=False, help_text=_("Empty: to the sender's address.")
    )

    def told(self) -> dict[str, Any]:
        """The settings as `configure_mail` takes them; None keeps the password that is there."""
        told = dict(self.cleaned_data)
        told["password"] = "" if told.pop("forget_password") else told["password"] or None
        return told


class TestMailForm(Form):
    """Where the test mail goes."""

    to = forms.EmailField(label=_("Send the test mail to"))


@page(needs="settings")
def mail_settings(request: Request) -> HttpResponse:
    """The server's settings, whether they work, and what waits for them."""
    server = mail_server()
    form = MailForm(request.POST or None, initial=_initial(request, server))
    has_password = bool(server and server.password_encrypted)
    if has_password:
        form.fields["password"].help_text = gettext("One is kept, encrypted. Leave this empty to keep it.")
    else:
        del form.fields["forget_password"]
    if request.method == "POST" and form.is_valid() and _save(request, form, has_password=has_password):
        messages.success(request, gettext("Saved. Now send a test mail: bills are mailed only after it has gone out."))
        return redirect("mail_settings")
    context = {
        "form": form,
        "server": server,
        "test_form": TestMailForm(initial={"to": request.user.email}),
        "waiting_count": next_due(request.now),
        "zone": _zone(),
    }
    return TemplateResponse(request, "web/settings/mail.html", context)


@require_POST
@page(needs="settings", outside=True)
def send_test(request: Request) -> HttpResponse:
    """Send a test mail and wait for the server's answer, which stays on the settings' page."""
    form = TestMailForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Enter the e-mail address that the test mail goes to, like you@example.com."))
        return redirect("mail_settings")
    try:
        answer = send_test_mail(to=form.cleaned_data["to"], now=request.now, by=request.actor)
    except (Refused, KeysMissing) as problem:
        messages.error(request, str(problem))
        return redirect("mail_settings")
    if answer.state == "sent":
        messages.success(
            request,
            gettext("The server took the mail to %(to)s. Look whether it arrived; bills can be mailed now.")
            % form.cleaned_data,
        )
    else:
        messages.error(request, gettext("The test mail did not go out. The server's words stand below, with the cure."))
    return redirect("mail_settings")


def _save(request: Request, form: MailForm, *, has_password: bool) -> bool:
    if not has_password:
        form.cleaned_data["forget_password"] = False
    told = form.told()
    try:
        return form.attempt(lambda: configure_mail(by=request.actor, now=request.now, **told))
    except KeysMissing as missing:
        form.add_error("password", str(missing))
        return False


def _initial(request: Request, server: Any) -> dict[str, Any]:
    if server is not None:
        return {name: getattr(server, name) for name in FIELDS}
    provider = find_provider()
    return {"sender_name": provider.name, "sender_address": provider.email} if provider else {}


def _zone() -> str:
    provider = find_provider()
    return provider.time_zone if provider else "UTC"
