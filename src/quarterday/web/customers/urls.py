"""The addresses of Customers."""

from django.urls import path

from quarterday.web.customers import account, changing, charging, importing, privacy, views

urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("customers/options/", views.options, name="customer_options"),
    path("customers/add/", changing.add, name="add_customer"),
    path("customers/import/", importing.upload, name="import_customers"),
    path("customers/import/<uuid:key>/", importing.preview, name="import_customers_preview"),
    path("customers/<int:pk>/", views.customer, name="customer"),
    path("customers/<int:pk>/bills/", views.bills, name="customer_bills"),
    path("customers/<int:pk>/account/", account.account, name="customer_account"),
    path("billing/customers/<int:pk>/statement.pdf", account.as_pdf, name="statement_pdf"),
    path("billing/customers/<int:pk>/statement.csv", account.as_csv, name="statement_csv"),
    path("customers/<int:pk>/details/", views.details, name="customer_details"),
    path("customers/<int:pk>/change/", changing.change, name="change_customer"),
    path("customers/<int:pk>/currency/", changing.change_currency, name="change_currency"),
    path("customers/<int:pk>/archive/", changing.archive, name="archive_customer"),
    path("customers/<int:pk>/data.zip", privacy.take_along, name="customer_data"),
    path("customers/<int:pk>/erase/", privacy.erase, name="erase_customer"),
    path("customers/<int:pk>/restore/", changing.restore, name="restore_customer"),
    path("customers/<int:pk>/charges/<int:charge_pk>/cancel/", charging.cancel, name="cancel_customer_charge"),
    path("customers/<int:pk>/contacts/add/", changing.add_contact, name="add_contact"),
    path("customers/<int:pk>/contacts/<int:contact_pk>/", changing.change_contact, name="change_contact"),
    path("customers/<int:pk>/contacts/<int:contact_pk>/remove/", changing.remove_contact, name="remove_contact"),
]
