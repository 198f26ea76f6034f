"""The head of a bill: both parties as they were copied into it, in the words of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from quarterday.documents.values import BankAccount, Letterhead, Party, Picture
from quarterday.documents.wording import Language, language
from quarterday.provider.models import Provider

CODE_AFTER_TOWN = frozenset(["AU", "CA", "GB", "IE", "IN", "NZ", "SG", "US", "ZA"])
"""Countries whose letters have the postal code behind the town."""


def letterhead_of(seller: Mapping[str, Any], provider: Provider, *, reader: Mapping[str, Any]) -> Letterhead:
    """The stationery: the seller as copied into the bill, with the provider's present logo, colour and paper size.

    `reader` is the customer who opens the letter: our country is named in their language, and at home not at all.
    """
    holder = seller.get("account_holder") or seller.get("legal_name") or seller["name"]
    others = tuple(
        (label.strip(), value.strip())
        for label, _, value in (row.partition(":") for row in seller.get("bank_details", "").splitlines())
        if value.strip()
    )
    has_bank = seller.get("iban") or others
    bank = BankAccount(holder, seller.get("bank_name", ""), seller.get("iban", ""), seller.get("bic", ""), others)
    party = Party(
        name=seller.get("legal_name") or seller["name"],
        address=_address(seller, words=language(reader.get("language", "en")), home=reader.get("country", "")),
        country=seller.get("country", ""),
        tax_number=seller.get("tax_number", ""),
        vat_id=seller.get("vat_id", ""),
        email=seller.get("email", ""),
        phone=seller.get("phone", ""),
        website=seller.get("website", ""),
    )
    legal = [row for row in (seller.get("registration", ""), seller.get("footer", "")) if row]
    logo = Picture(bytes(provider.logo), cast(Any, provider.logo_type)) if provider.logo else None
    return Letterhead(
        provider=party,
        logo=logo,
        accent=provider.accent_colour,
        size="letter" if provider.paper_size == "letter" else "a4",
        bank=bank if has_bank else None,
        footer=tuple(legal),
    )


def customer_party(buyer: Mapping[str, Any], *, home: str = "") -> Party:
    """The customer as copied into the bill; `home` is the seller's country, which a letter at home does not name."""
    return Party(
        name=buyer["name"],
        address=_address(buyer, words=language(buyer.get("language", "en")), home=home),
        country=buyer.get("country", ""),
        number=buyer.get("number", ""),
        tax_number=buyer.get("tax_number", ""),
        vat_id=buyer.get("vat_id", ""),
    )


def _address(party: Mapping[str, Any], *, words: Language, home: str = "") -> tuple[str, ...]:
    code = party.get("country", "")
    country = "" if code == home else words.locale.territories.get(code, code)
    rows = [*party.get("street", "").splitlines(), _place(party), country]
    return tuple(row for row in rows if row)


def _place(party: Mapping[str, Any]) -> str:
    """Town, region and postal code as the country's post wants them: "10119 Berlin", "Burbank, CA 91505"."""
    city, region, code = (party.get(name, "") for name in ("city", "region", "postal_code"))
    if party.get("country") in CODE_AFTER_TOWN:
        return " ".join(filter(None, (", ".join(filter(None, (city, region))), code)))
    return ", ".join(filter(None, (" ".join(filter(None, (code, city))), region)))
