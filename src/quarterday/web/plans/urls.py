"""The addresses of Service Plan."""

from django.urls import path

from quarterday.web.plans import versions, views

urlpatterns = [
    path("billing/", views.plans, name="billing"),
    path("billing/plans/add/", views.add, name="add_plan"),
    path("billing/plans/<int:pk>/", views.plan, name="plan"),
    path("billing/plans/<int:pk>/modify/", versions.modify, name="modify_plan"),
    path("billing/plans/<int:pk>/versions/<int:version_pk>/withdraw/", versions.withdraw, name="withdraw_version"),
    path("billing/plans/<int:pk>/change/", views.change, name="change_plan"),
    path("billing/plans/<int:pk>/archive/", views.archive, name="archive_plan"),
    path("billing/plans/<int:pk>/restore/", views.restore, name="restore_plan"),
]
