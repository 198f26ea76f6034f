"""The sections of Settings, in the order of their menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Section:
    """One page of Settings: the name of its address, and what a person finds there."""

    name: str
    icon: str
    title: Any
    hint: Any


SECTIONS = (
    Section("settings_provider", "building", _("Provider"), _("Your name, address and tax numbers, as bills say them")),
    Section("settings_bank", "landmark", _("Bank"), _("Where customers pay to")),
    Section("settings_appearance", "palette", _("Appearance of the bill"), _("Logo, colour, paper and footer")),
    Section("settings_numbering", "hash", _("Numbering"), _("How invoices and credit notes are numbered")),
    Section("settings_taxes", "percent", _("Tax"), _("Tax codes, and how they are taxed where")),
    Section("settings_classes", "monitor-smartphone", _("Device classes"), _("What plans can price")),
    Section("settings_billing", "shield-check", _("Hours and guards"), _("When bills are made, and which ones wait")),
    Section("mail_settings", "mail", _("Mail Server Settings"), _("Over which server bills are mailed")),
    Section("outbox", "send", _("Outbox"), _("What was mailed, and what the server said")),
    Section("settings_reminders", "bell", _("Reminders and texts"), _("When customers are reminded, in which words")),
    Section("settings_users", "users", _("Users"), _("Who may sign in, as what, and for which customers")),
)
