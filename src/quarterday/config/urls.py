"""Every address: the pages' own list is in web, the API's in api."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include("quarterday.web.urls"))]

handler404 = "quarterday.web.errors.not_found"
handler429 = "quarterday.web.errors.too_many"  # allauth asks for it
handler500 = "quarterday.web.errors.server_error"
