"""A bank's statement from a file: camt.053, or CSV as banks' portals write it."""

from __future__ import annotations

from collections.abc import Mapping

from quarterday.connectors.bankfile.camt import read_camt
from quarterday.connectors.bankfile.table import FIELDS, First, read_table
from quarterday.connectors.csvfile.decoding import read_bytes
from quarterday.connectors.shape import Fault, SourceRefused
from quarterday.payments.bankfile import BankEntry

__all__ = ["FIELDS", "First", "read_bank_file"]


def read_bank_file(
    content: bytes, *, columns: Mapping[str, str] | None = None, currency: str = "EUR", first: First = ""
) -> list[BankEntry]:
    """Every movement of the file, in its order. XML is read as camt.053, all else as CSV.

    `columns` names a CSV's columns by hand ({"amount": "Betrag"}); `currency` is that of a CSV without such a column.
    `first` says whether 04/05/2026 begins with the day or the month, for a CSV that does not show it.
    Raises SourceRefused that names each line and field that is wrong; then nothing of the file is taken over.
    """
    if not read_bytes(content).strip():
        raise SourceRefused([Fault(0, "", "the file is empty")])
    beginning = content[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if beginning.startswith(b"<"):
        return read_camt(content)
    return read_table(content, columns=columns or {}, currency=currency, first=first)
