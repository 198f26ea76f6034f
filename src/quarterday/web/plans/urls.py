"""The addresses of Service Plan."""

from django.urls import path

from quarterday.web.plans import views

urlpatterns = [path("billing/", views.plans, name="billing")]
