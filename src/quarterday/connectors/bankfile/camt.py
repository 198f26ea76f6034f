"""camt.053 (ISO 20022), versions 02 to 13: the statement that banks hand to their customers' programs.

Read by expat, a piece at a time. A document type is refused at its first letter, and with it every entity: no file can
make us fetch anything, or grow what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from quarterday.connectors.shape import Fault, SourceRefused, clean_name
from quarterday.engine.money import UnknownCurrency, decimals_of, digits_of
from quarterday.payments.bankfile import BankEntry

MOST_ENTRIES = 200_000
DEEPEST = 40
MOST_ELEMENTS = 500_000
"""Within one entry, which is kept as a whole until it ends: a batch of more than 10,000 transfers."""

MOST_FAULTS = 100
LONGEST_AMOUNT = 40
LONGEST_TEXT = 1_000


@dataclass(slots=True)
class _Node:
    """An element with what is in it."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)

    def all(self, *path: str) -> Iterator[_Node]:
        """Every element at a path below this one."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.tag == path[0]:
                yield from child.all(*path[1:])

    def first(self, *paths: str) -> str:
        """The text at the first of some paths ("BookgDt/Dt") that says anything."""
        for path in paths:
            for node in self.all(*path.split("/")):
                if told := "".join(node.text).strip():
                    return told
        return ""


class _Reader:
    """Keeps the tree of one entry at a time, and the account that it is of."""

    def __init__(self) -> None:
        self.path: list[_Node] = []
        self.kept: list[_Node] = []
        self.kept_count = 0
        self.account = ""
        self.entries: list[BankEntry] = []
        self.faults: list[Fault] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _doctype(self, *_: object) -> None:
        raise _refused(self.parser.CurrentLineNumber, "a bank's statement declares no document type; export it anew")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        node = _Node(name.rpartition(" ")[2], attributes, self.parser.CurrentLineNumber)
        if len(self.path) >= DEEPEST:
            raise _refused(node.line, f"elements are nested more than {DEEPEST} deep: this is no bank's statement")
        if len(self.path) == 1 and node.tag != "BkToCstmrStmt":
            raise _refused(node.line, f"this is “{node.tag[:40]}”, not a camt.053 statement; export camt.053")
        if not self.path and node.tag != "Document":
            raise _refused(node.line, f"this is “{node.tag[:40]}”, not a camt.053 statement; export camt.053")
        if self.kept:
            self.kept[-1].children.append(node)
            self.kept.append(node)
            self.kept_count += 1
            if self.kept_count > MOST_ELEMENTS:
                raise _refused(node.line, f"an entry has more than {MOST_ELEMENTS:,} elements; ask for smaller batches")
        elif node.tag in ("Ntry", "Acct") and self.path[-1].tag == "Stmt":
            self.kept, self.kept_count = [node], 0
        self.path.append(node)

    def _characters(self, text: str) -> None:
        if self.kept:
            self.kept[-1].text.append(text)

    def _end(self, _: str) -> None:
        node = self.path.pop()
        if not self.kept:
            return
        self.kept.pop()
        if self.kept:
            return
        if node.tag == "Acct":
            self.account = node.first("Id/IBAN", "Id/Othr/Id").replace(" ", "")[:34]
            return
        if len(self.entries) >= MOST_ENTRIES:
            raise _refused(node.line, f"more than {MOST_ENTRIES:,} entries; split the file by month")
        try:
            self.entries += _entries(node, self.account)
        except SourceRefused as refused:
            self.faults += refused.faults


def read_camt(content: bytes) -> list[BankEntry]:
    """The booked entries of a camt.053 file; a batch is its transactions, if they say what each is.

    Raises SourceRefused for anything else, with the line of the file and the element.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _refused(error.lineno, f"the XML cannot be read ({expat.errors.messages[error.code]})") from None
    except (LookupError, ValueError) as error:
        # What Python says of an encoding that it does not know, or of one of several bytes a letter (UTF-7, Shift-JIS).
        raise _refused(1, f"the XML cannot be read ({error})") from None
    if reader.faults:
        raise SourceRefused(reader.faults[:MOST_FAULTS], unnamed_count=max(0, len(reader.faults) - MOST_FAULTS))
    return reader.entries


@dataclass(frozen=True, slots=True)
class _Whole:
    """What an entry says for all its transactions; asked once, since a batch has thousands that stand beside it."""

    sign: str
    booked_on: date
    text: str
    reference: str
    is_returned: bool
    account: str


def _entries(node: _Node, account: str) -> list[BankEntry]:
    """One entry, or each transaction of a batch. Pending entries are none yet."""
    if node.first("Sts/Cd", "Sts").upper() not in ("", "BOOK"):
        return []
    sign = node.first("CdtDbtInd")
    amount = _amount(node, sign)
    whole = _Whole(
        sign=sign,
        booked_on=_day(node),
        text=node.first("AddtlNtryInf"),
        reference=node.first("AcctSvcrRef", "NtryRef"),
        is_returned=node.first("RvslInd").lower() == "true",
        account=account,
    )
    details = list(node.all("NtryDtls", "TxDtls"))
    if len(details) > 1:
        parts = [_amount(each, whole.sign) if _has_amount(each) else None for each in details]
        same = [part for part in parts if part and part[1] == amount[1]]
        if len(same) == len(parts) and sum(part[0] for part in same) == amount[0]:
            return [_entry(each, whole, part) for each, part in zip(details, same, strict=True) if part[0]]
    # What several say that cannot be told apart is nobody's in particular: the first one did not pay it all.
    return [_entry(details[0] if len(details) == 1 else node, whole, amount)] if amount[0] else []


def _entry(told: _Node, whole: _Whole, amount: tuple[Decimal, str]) -> BankEntry:
    came = amount[0] > 0
    is_returned = bool(list(told.all("RtrInf"))) or whole.is_returned
    other = "Dbtr" if came else "Cdtr"
    if is_returned and whole.account and _iban(told, other) == whole.account:
        # Of what came back, many banks name the parties of the first time: then the other one is not we.
        other = "Cdtr" if came else "Dbtr"
    inside = tuple(told.all("NtryDtls", "TxDtls")) or (told,)
    texts = [text for each in inside for path in _SAID for text in each.all(*path)]
    said = " ".join("".join(each.text) for each in texts)
    end_to_end = told.first("Refs/EndToEndId")
    if not said.strip():
        said = told.first("AddtlTxInf") or whole.text
    if end_to_end and end_to_end != "NOTPROVIDED" and end_to_end not in said:
        said = f"{said} {end_to_end}"
    return BankEntry(
        booked_on=whole.booked_on,
        amount=amount[0],
        currency=amount[1],
        text=clean_name(said)[:LONGEST_TEXT],
        name=clean_name(told.first(f"RltdPties/{other}/Nm", f"RltdPties/{other}/Pty/Nm"))[:200],
        iban=_iban(told, other),
        reference=clean_name(told.first("Refs/AcctSvcrRef") or whole.reference)[:200],
        account=whole.account,
        is_returned=is_returned,
    )


_SAID = (("RmtInf", "Ustrd"), ("RmtInf", "Strd", "CdtrRefInf", "Ref"))


def _iban(told: _Node, party: str) -> str:
    return told.first(f"RltdPties/{party}Acct/Id/IBAN", f"RltdPties/{party}Acct/Id/Othr/Id").replace(" ", "")[:34]


def _has_amount(node: _Node) -> bool:
    return bool(node.first("Amt", "AmtDtls/TxAmt/Amt"))


def _amount(node: _Node, sign_of_whole: str) -> tuple[Decimal, str]:
    """What came (above 0) or went, and its currency; the sign of the whole where a part says none."""
    element = next(iter((*node.all("Amt"), *node.all("AmtDtls", "TxAmt", "Amt"))), None)
    if element is None:
        raise _refused(node.line, "has no amount (Amt)", "Ntry")
    said = "".join(element.text).strip()
    try:
        amount = Decimal(said if len(said) <= LONGEST_AMOUNT else "NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    currency = element.attributes.get("Ccy", "")
    sign = (node.first("CdtDbtInd") or sign_of_whole).upper()
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 12:
        raise _refused(element.line, f"“{said[:LONGEST_AMOUNT]}” is no amount", "Amt")
    try:
        digits = digits_of(currency)
    except UnknownCurrency:
        raise _refused(element.line, f"“{currency[:10]}” is no currency", "Amt, Ccy") from None
    if decimals_of(amount) > digits:
        raise _refused(element.line, f"{amount} has more than the {digits} decimals of {currency}", "Amt")
    if sign not in ("CRDT", "DBIT"):
        raise _refused(node.line, f"“{sign[:20]}” is neither CRDT (came) nor DBIT (went)", "CdtDbtInd")
    return (amount if sign == "CRDT" else -amount), currency


def _day(node: _Node) -> date:
    told = node.first("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    try:
        return date.fromisoformat(told[:10])
    except ValueError:
        raise _refused(node.line, f"“{told[:40]}” is no day", "BookgDt") from None


def _refused(line: int, reason: str, column: str = "") -> SourceRefused:
    return SourceRefused([Fault(line, column, reason)])
