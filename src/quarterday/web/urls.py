"""Every page's address, subject by subject."""

from django.urls import URLPattern, URLResolver

from quarterday.web.associations.urls import urlpatterns as associations
from quarterday.web.bills.urls import urlpatterns as bills
from quarterday.web.customers.urls import urlpatterns as customers
from quarterday.web.dashboard.urls import urlpatterns as dashboard
from quarterday.web.inventory.urls import urlpatterns as inventory
from quarterday.web.my.urls import urlpatterns as my
from quarterday.web.payments.urls import urlpatterns as payments
from quarterday.web.plans.urls import urlpatterns as plans
from quarterday.web.settings.urls import urlpatterns as settings
from quarterday.web.sign_in.urls import urlpatterns as sign_in
from quarterday.web.start.urls import urlpatterns as start
from quarterday.web.system.urls import urlpatterns as system

urlpatterns: list[URLPattern | URLResolver] = [
    *dashboard,
    *customers,
    *plans,
    *associations,
    *bills,
    *payments,
    *inventory,
    *settings,
    *system,
    *start,
    *my,
    *sign_in,
]
