"""The addresses of Inventory."""

from django.urls import path

from quarterday.web.inventory import views

urlpatterns = [path("inventory/", views.inventory, name="inventory")]
