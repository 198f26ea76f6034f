"""Short words for tests of the bank's statements: files as banks write them, and lines as values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from quarterday.payments.actions import import_bank_lines
from quarterday.payments.bankfile import BankEntry
from quarterday.payments.models import BankLine
from quarterday.shared.scope import Actor

CLERK = Actor("person", "Clara Clerk")
DAY = date(2026, 6, 1)
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def entry(amount: str, text: str = "", name: str = "", *, on: date = DAY, **more) -> BankEntry:
    return BankEntry(on, Decimal(amount), more.pop("currency", "EUR"), text, name, **more)


def imported(*entries: BankEntry, now, name: str = "june.xml") -> list[BankLine]:
    """The lines of a file with these movements, as they wait."""
    content = repr((name, entries)).encode()
    done = import_bank_lines(entries, content=content, name=name, now=now, by=CLERK)
    return list(done.file.lines.order_by("pk"))


def ntry(
    amount: str = "119.00", sign: str = "CRDT", *, inside: str = "", details: str = "", currency: str = "EUR"
) -> str:
    """One entry of a camt.053 file."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-06-01</Dt></BookgDt><AcctSvcrRef>REF-{amount}</AcctSvcrRef>{inside}{details}</Ntry>"
    )


def details(text: str = "INV-00001", name: str = "North Dental GmbH", *, other: str = "Dbtr", amount: str = "") -> str:
    """What an entry says about its transaction."""
    told = f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>' if amount else ""
    return (
        f"<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>{told}<RltdPties><{other}><Pty><Nm>{name}"
        f"</Nm></Pty></{other}><{other}Acct><Id><IBAN>DE02 1203 0000 0000 2020 51</IBAN></Id></{other}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls>"
    )


def camt(*entries: str, namespace: str = NAMESPACE, root: str = "BkToCstmrStmt", before: str = "") -> bytes:
    """A whole camt.053 file."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}\n<Document xmlns="{namespace}"><{root}><Stmt>'
        f"<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>\n"
        + "\n".join(entries)
        + f"</Stmt></{root}></Document>"
    ).encode()
