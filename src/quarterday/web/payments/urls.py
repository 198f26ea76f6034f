"""The addresses of the pages about money."""

from django.urls import path

from quarterday.web.payments import writing_off

urlpatterns = [
    path("billing/bills/<int:pk>/write-off/", writing_off.give_up, name="write_off_bill"),
    path("billing/payments/write-offs/<int:pk>/", writing_off.take_back, name="undo_write_off"),
]
