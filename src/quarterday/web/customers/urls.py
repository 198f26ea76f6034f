"""The addresses of Customers."""

from django.urls import path

from quarterday.web.customers import views

urlpatterns = [path("customers/", views.customers, name="customers")]
