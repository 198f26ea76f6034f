"""The addresses of associations."""

from django.urls import path

from quarterday.web.associations import agreeing, associating, charging, disassociating, subscription

urlpatterns = [
    path("billing/associate/", associating.associate_plan, name="associate"),
    path("billing/disassociate/", disassociating.disassociate_plan, name="disassociate"),
    path("billing/subscriptions/<int:pk>/", subscription.subscription, name="subscription"),
    path("billing/subscriptions/<int:pk>/next/", subscription.next_bills, name="next_bills"),
    path("billing/subscriptions/<int:pk>/change/", subscription.change, name="change_subscription"),
    path("billing/subscriptions/<int:pk>/restart/", subscription.restart_subscription, name="restart_subscription"),
    path("billing/subscriptions/<int:pk>/undo/", disassociating.undo, name="undo_disassociation"),
    path("billing/subscriptions/<int:pk>/prices/", agreeing.agree, name="agree_prices"),
    path("billing/subscriptions/<int:pk>/uplift/", agreeing.raise_prices, name="uplift_prices"),
    path("billing/subscriptions/<int:pk>/prices/<int:terms_pk>/withdraw/", agreeing.withdraw, name="withdraw_prices"),
    path("billing/subscriptions/<int:pk>/charges/add/", charging.add, name="add_subscription_charge"),
    path("billing/subscriptions/<int:pk>/charges/<int:charge_pk>/cancel/", charging.cancel, name="cancel_charge"),
]
