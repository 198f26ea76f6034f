"""The addresses of Settings."""

from django.urls import path

from quarterday.web.settings import views

urlpatterns = [path("settings/", views.settings, name="settings")]
