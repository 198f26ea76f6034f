"""The way from an empty installation to the first dry run. What is done is told by what is there; nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from quarterday.upkeep.attention import Foundations


@dataclass(frozen=True, slots=True)
class Link:
    """A page to go to, in words."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is for, what is there, and where it is done. `state` is done, next or later."""

    title: str
    why: str
    is_done: bool
    told: str
    links: tuple[Link, ...]
    state: str = "later"


def steps(found: Foundations) -> list[Step]:
    """All steps; the first one that is not done is the next."""
    listed = [_provider(found), _mail(found), _customers(found), _inventory(found), _plan(found), _association(found)]
    listed.append(_dry_run(found))
    next_one = next((step for step in listed if not step.is_done), None)
    return [replace(step, state="done" if step.is_done else "next" if step is next_one else "later") for step in listed]


def _provider(found: Foundations) -> Step:
    logo = Link(_("Add your logo") if not found.has_logo else _("Change the logo"), reverse("settings_appearance"))
    told = ""
    if found.has_provider and not found.has_address:
        told = _("Your address is missing: bills must name it.")
    elif found.has_provider and not found.has_logo:
        told = _("There is no logo yet; bills go out without one.")
    return Step(
        _("Who you are"),
        _("Name, address and tax numbers stand on each bill. Tax rules are made for your country."),
        found.has_provider and found.has_address,
        told,
        (Link(_("Provider details"), reverse("settings_provider")), *([logo] if found.has_provider else [])),
    )


def _mail(found: Foundations) -> Step:
    return Step(
        _("Mail server"),
        _("Bills are mailed over your own server. A test mail proves it."),
        found.mail_works,
        _("It is set up, and no test mail has gone out yet.") if found.has_mail_server and not found.mail_works else "",
        (Link(_("Mail Server Settings"), reverse("mail_settings")),),
    )


def _customers(found: Foundations) -> Step:
    return Step(
        _("First customers"),
        _("Whom you bill: one by one, or all at once from a CSV file."),
        found.customer_count > 0,
        _counted(found.customer_count),
        (
            Link(_("Add a customer"), reverse("add_customer")),
            Link(_("Import customers from CSV"), reverse("import_customers")),
        ),
    )


def _inventory(found: Foundations) -> Step:
    links = [Link(_("Upload a list of devices"), reverse("upload_devices")), Link(_("Add one"), reverse("add_device"))]
    if found.unmapped_customers:
        links.insert(0, Link(_("Say which customers these are"), reverse("mappings")))
    told = _("The list names customers that are not known yet.") if found.unmapped_customers else ""
    return Step(
        _("First inventory"),
        _("The devices that you manage, from a CSV file of your RMM. You see what would change before it does."),
        found.device_count > 0,
        told or _counted(found.device_count),
        tuple(links),
    )


def _plan(found: Foundations) -> Step:
    return Step(
        _("First service plan"),
        _("What you charge per device, and how devices are counted."),
        found.plan_count > 0,
        _counted(found.plan_count),
        (Link(_("Add Service Plan"), reverse("add_plan")),),
    )


def _association(found: Foundations) -> Step:
    return Step(
        _("First association"),
        _("Which customer has which plan, since when, on which billing cycle. You see the first two bills before."),
        found.subscription_count > 0,
        _counted(found.subscription_count),
        (Link(_("Associate Service Plan"), reverse("associate")),),
    )


def _dry_run(found: Foundations) -> Step:
    told = "" if found.is_ready_to_bill else _("It needs a customer, a plan and an association first.")
    return Step(
        _("First dry run"),
        _("What would be billed now, to the cent, and what is held and why. Nothing is issued."),
        found.bill_count > 0,
        told,
        (Link(_("Generate bills now"), reverse("generate_bills")),) if found.is_ready_to_bill else (),
    )


def _counted(count: int) -> str:
    return _("%(count)s so far.") % {"count": f"{count:,}" if count < 1000 else "1,000+"} if count else ""
