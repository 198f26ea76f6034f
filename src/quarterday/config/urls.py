"""Every address: the pages' own list is in web, the API's in api."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
