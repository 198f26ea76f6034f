"""The addresses of Dashboard."""

from django.urls import path

from quarterday.web.dashboard import views

urlpatterns = [path("", views.dashboard, name="dashboard")]
