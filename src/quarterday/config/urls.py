"""Every address: the list is the web door's; here stands what answers when none of them does."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include("quarterday.web.urls"))]

handler404 = "quarterday.web.errors.not_found"
handler429 = "quarterday.web.errors.too_many"  # allauth asks for it
handler500 = "quarterday.web.errors.server_error"
