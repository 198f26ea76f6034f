"""The addresses of My account."""

from django.urls import path

from quarterday.web.my import views

urlpatterns = [
    path("my/", views.my_account, name="my_account"),
    path("my/theme/", views.theme, name="my_theme"),
]
