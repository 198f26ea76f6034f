"""The addresses of First steps."""

from django.urls import path

from quarterday.web.start import views

urlpatterns = [path("start/", views.start, name="start")]
