"""The addresses of Inventory."""

from django.urls import path

from quarterday.web.inventory import device_acts, devices, mappings, not_billed, overview, unbilled, upload

urlpatterns = [
    path("inventory/", overview.inventory, name="inventory"),
    path("inventory/freshness/", overview.fresh, name="freshness"),
    path("inventory/syncs/<int:pk>/", overview.sync, name="sync"),
    path("inventory/syncs/<int:pk>/confirm/", overview.confirm, name="confirm_sync"),
    path("inventory/syncs/<int:pk>/reject/", overview.reject, name="reject_sync"),
    path("inventory/upload/", upload.upload, name="upload_devices"),
    path("inventory/upload/<uuid:key>/", upload.columns, name="upload_columns"),
    path("inventory/upload/<uuid:key>/preview/", upload.preview, name="upload_preview"),
    path("inventory/customers/", mappings.mapping_list, name="mappings"),
    path("inventory/customers/<int:pk>/", mappings.mapping, name="mapping"),
    path("inventory/customers/<int:pk>/ignore/", mappings.ignore, name="ignore_mapping"),
    path("inventory/customers/<int:pk>/new/", mappings.new_customer, name="customer_of_mapping"),
    path("inventory/replacements/", mappings.replacements, name="replacements"),
    path("inventory/replacements/<int:pk>/", mappings.decide, name="decide_replacement"),
    path("inventory/exceptions/", unbilled.exceptions, name="exceptions"),
    path("inventory/exceptions/<int:pk>/end/", not_billed.end_exception, name="end_exception"),
    path("inventory/paused/", unbilled.paused, name="paused_devices"),
    path("inventory/paused/<int:pk>/end/", not_billed.end_pause, name="end_pause"),
    path("inventory/unbilled/", unbilled.unbilled, name="unbilled_devices"),
    path("inventory/devices/", devices.devices, name="devices"),
    path("inventory/devices/add/", device_acts.add, name="add_device"),
    path("inventory/devices/<int:pk>/", devices.device, name="device"),
    path("inventory/devices/<int:pk>/move/", device_acts.move, name="move_device"),
    path("inventory/devices/<int:pk>/class/", device_acts.set_class, name="set_device_class"),
    path("inventory/devices/<int:pk>/retire/", device_acts.retire, name="retire_device"),
    path("inventory/devices/<int:pk>/reinstate/", device_acts.reinstate, name="reinstate_device"),
    path("inventory/devices/<int:pk>/replaced/", device_acts.replace, name="replace_device"),
    path("inventory/devices/<int:pk>/except/", not_billed.except_from_billing, name="except_device"),
    path("inventory/devices/<int:pk>/correct/", device_acts.correct, name="correct_device"),
    path("inventory/devices/<int:pk>/follow/", device_acts.follow, name="follow_source"),
]
