"""The addresses of the installation itself; the last three are asked by machines."""

from django.urls import path

from quarterday.web.system import auditing, probes, status, trail

urlpatterns = [
    path("system/", status.status, name="status"),
    path("system/resume/", status.resume, name="resume_work"),
    path("system/audit/", auditing.audit_books, name="audit"),
    path("system/trail/", trail.trail, name="trail"),
    path("system/trail.csv", trail.export, name="export_trail"),
    path("health/", probes.health, name="health"),
    path("ready/", probes.ready, name="ready"),
    path("metrics/", probes.metrics, name="metrics"),
]
