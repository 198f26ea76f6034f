"""A sample bill on the provider's own paper, to see how bills look before the first one is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from quarterday.bills.collect import SELLER_FIELDS
from quarterday.bills.letterhead import letterhead_of
from quarterday.bills.printing import font_folder
from quarterday.documents import sample
from quarterday.documents.printing import print_bill
from quarterday.provider.models import Provider


def sample_bill_pdf(provider: Provider, *, looks: Mapping[str, str], language: str) -> bytes:
    """The PDF of a bill that is none, with `looks` (accent_colour, paper_size, footer) before they are saved."""
    for name, value in looks.items():
        setattr(provider, name, value)
    seller = {name: getattr(provider, name) for name in SELLER_FIELDS}
    reader = {"country": provider.country, "language": language}
    paper = replace(
        sample.bill(devices=6), letterhead=letterhead_of(seller, provider, reader=reader), language=language
    )
    return print_bill(paper, font_folder=font_folder())
