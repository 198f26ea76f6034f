"""Countries, and what their standard VAT is, for sensible defaults and checks."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from babel import Locale

STANDARD_RATES = {
    country: Decimal(rate)
    for country, rate in {
        # The European Union, as of 2026.
        "AT": "20", "BE": "21", "BG": "20", "CY": "19", "CZ": "21", "DE": "19", "DK": "25", "EE": "24", "ES": "21",
        "FI": "25.5", "FR": "20", "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21", "LU": "17",
        "LV": "21", "MT": "18", "NL": "21", "PL": "23", "PT": "23", "RO": "21", "SE": "25", "SI": "22", "SK": "23",
        # Others with one national rate.
        "AU": "10", "CH": "8.1", "GB": "20", "NO": "25", "NZ": "15",
    }.items()
}  # fmt: skip
"""Country -> its standard rate in percent."""

EU_COUNTRIES = frozenset(STANDARD_RATES) - {"AU", "CH", "GB", "NO", "NZ"}

CANADIAN_TAXES = {
    "": [("GST", "5")],
    "NB": [("HST", "15")],
    "NL": [("HST", "15")],
    "NS": [("HST", "14")],
    "ON": [("HST", "13")],
    "PE": [("HST", "15")],
    "QC": [("GST", "5"), ("QST", "9.975")],
}
"""Province ("" for any other) -> the taxes on a bill, each rounded on its own. Provincial sales taxes are not here."""


@cache
def countries() -> dict[str, str]:
    """ISO code -> English name of every country."""
    # Babel also names unions, pseudo-locales and the unknown.
    not_countries = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    territories = Locale("en").territories
    return {
        code: str(name)
        for code, name in sorted(territories.items(), key=lambda pair: str(pair[1]))
        if len(code) == 2 and code.isalpha() and code not in not_countries
    }


def vat_prefix(country: str) -> str:
    """The letters before a VAT number: the country's, but EL for Greece."""
    return "EL" if country == "GR" else country
