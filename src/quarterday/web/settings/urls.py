"""The addresses of Settings."""

from django.urls import path

from quarterday.web.settings import (
    appearance,
    billing,
    classes,
    mail,
    numbering,
    outbox,
    provider,
    reminders,
    taxes,
    users,
    views,
)

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/provider/", provider.provider, name="settings_provider"),
    path("settings/bank/", provider.bank, name="settings_bank"),
    path("settings/appearance/", appearance.appearance, name="settings_appearance"),
    path("settings/appearance/logo/", appearance.logo, name="settings_logo"),
    path("settings/appearance/preview/", appearance.preview_frame, name="settings_preview"),
    path("settings/appearance/preview.pdf", appearance.preview_pdf, name="settings_preview_pdf"),
    path("settings/numbering/", numbering.numbering, name="settings_numbering"),
    path("settings/taxes/", taxes.taxes, name="settings_taxes"),
    path("settings/taxes/<int:pk>/", taxes.tax_code, name="settings_tax_code"),
    path("settings/taxes/rules/<int:pk>/remove/", taxes.remove_rule, name="settings_remove_rule"),
    path("settings/classes/", classes.classes, name="settings_classes"),
    path("settings/classes/<int:pk>/", classes.device_class, name="settings_class"),
    path("settings/billing/", billing.billing, name="settings_billing"),
    path("settings/mail/", mail.mail_settings, name="mail_settings"),
    path("settings/mail/test/", mail.send_test, name="mail_test"),
    path("settings/outbox/", outbox.outbox, name="outbox"),
    path("settings/outbox/<int:pk>/again/", outbox.send_again, name="outbox_again"),
    path("settings/reminders/", reminders.reminders, name="settings_reminders"),
    path("settings/reminders/<str:kind>/<str:code>/", reminders.letter, name="settings_letter"),
    path("settings/users/", users.users, name="settings_users"),
    path("settings/users/add/", users.add_user, name="settings_add_user"),
    path("settings/users/<int:pk>/", users.user, name="settings_user"),
    path("settings/users/<int:pk>/assign/", users.assign_customer, name="settings_assign"),
    path("settings/users/<int:pk>/unassign/", users.unassign_customer, name="settings_unassign"),
    path("settings/users/<int:pk>/close/", users.close, name="settings_close_user"),
    path("settings/users/<int:pk>/reopen/", users.reopen, name="settings_reopen_user"),
    path("settings/users/<int:pk>/forget-factor/", users.forget_factor, name="settings_forget_factor"),
    path("settings/users/<int:pk>/link/", users.mail_link, name="settings_mail_link"),
]
