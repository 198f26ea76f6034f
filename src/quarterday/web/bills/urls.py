"""The addresses of Billing."""

from django.urls import path

from quarterday.web.bills import views

urlpatterns = [path("billing/bills/", views.bills, name="bills")]
