"""Set up and change the provider, its numbering, tax codes and device classes; make a restored copy the real one.

Each act leaves an audit entry.
"""

from quarterday.provider.actions.classing import add_device_class, change_device_class
from quarterday.provider.actions.numbering import change_number_series
from quarterday.provider.actions.presenting import PROVIDER_FIELDS, change_logo, change_provider, install_defaults
from quarterday.provider.actions.resuming import resume_work
from quarterday.provider.actions.taxing import add_tax_code, add_tax_rule, change_tax_code, remove_tax_rule
from quarterday.provider.editing import ChangedMeanwhile

__all__ = [
    "PROVIDER_FIELDS",
    "ChangedMeanwhile",
    "add_device_class",
    "add_tax_code",
    "add_tax_rule",
    "change_device_class",
    "change_logo",
    "change_number_series",
    "change_provider",
    "change_tax_code",
    "install_defaults",
    "remove_tax_rule",
    "resume_work",
]
