"""The addresses at the entrance: allauth's, less what users do not do by themselves, and ours."""

from django.urls import URLPattern, URLResolver, include, path

from quarterday.web.door import public
from quarterday.web.errors import not_found
from quarterday.web.sign_in import views

# An e-mail address is what a user is known by: only an admin changes it (Settings, Users).
no_such_page = public("It is no page.")(lambda request: not_found(request))

urlpatterns: list[URLPattern | URLResolver] = [
    path("first/", views.first_admin, name="first_admin"),
    path("account/second-factor/", views.set_up_second_factor, name="set_up_second_factor"),
    path("account/link/", views.ask_for_link, name="ask_for_link"),
    path("account/link/sent/", views.link_is_on_its_way, name="link_is_on_its_way"),
    path("account/link/<str:token>/", views.sign_in_by_link, name="sign_in_by_link"),
    path("account/email/", no_such_page),
    path("account/", include("allauth.urls")),
]
