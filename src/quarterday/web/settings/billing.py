"""When bills are made, and which of them wait for a person."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from quarterday.web.door import Request, page
from quarterday.web.figures import Whole
from quarterday.web.settings.editing import ProviderFields, edit_provider

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class BillingForm(ProviderFields):
    """Hours and guards."""

    bill_hour = forms.TypedChoiceField(label=_("Bills are made from"), choices=HOURS, coerce=int)
    mail_hour = forms.TypedChoiceField(
        label=_("and mailed from"), choices=HOURS, coerce=int, help_text=_("Both in the customer's own time zone.")
    )
    review_all_bills = forms.BooleanField(label=_("Review every bill before it is sent"), required=False)
    feed_stale_days = forms.IntegerField(
        label=_("A source has been silent for more days than"), help_text=_("Its devices may have changed since.")
    )
    count_change_percent = forms.IntegerField(label=_("The devices differ from last time by more than (%)"))
    count_change_devices = forms.IntegerField(label=_("and by at least so many devices"))
    total_change_percent = forms.IntegerField(label=_("The total differs from last time by more than (%)"))
    two_persons_above = Whole(
        label=_("Two persons release a bill above"),
        required=False,
        help_text=_("A whole amount in the bill's own currency; empty: only a bill that is out of all bounds."),
    )
    missed_periods_limit = forms.IntegerField(
        label=_("More periods of one customer were missed than"),
        help_text=_("So that a year of bills never goes out in one night."),
    )
    quiet_days_limit = forms.IntegerField(label=_("No bills have been made for more days than"))
    late_periods_limit = forms.IntegerField(
        label=_("Look back for devices that were learned late, so many periods"), help_text=_("0: never.")
    )
    exception_notice_days = forms.IntegerField(
        label=_("Announce the end of an exception so many days before"),
        help_text=_("On the dashboard and in a mail to the provider's address; 0: never."),
    )

    GROUPS = (
        (_("Hours"), ("bill_hour", "mail_hour")),
        (
            _("A bill waits for a person when"),
            (
                "review_all_bills",
                "feed_stale_days",
                "count_change_percent",
                "count_change_devices",
                "total_change_percent",
                "two_persons_above",
            ),
        ),
        (_("The run waits for a person when"), ("missed_periods_limit", "quiet_days_limit")),
        (_("What is learned late"), ("late_periods_limit",)),
        (_("Exceptions"), ("exception_notice_days",)),
    )


@page(needs="settings")
def billing(request: Request) -> HttpResponse:
    """Hours and guards."""
    return edit_provider(request, BillingForm, "web/settings/billing.html")
