"""Rows to devices. A wrong file gives no devices at all, but the complete list of what is wrong with it.

Half an import would be worse than none: the missing half would look like devices that are gone.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import BinaryIO

from quarterday.connectors.csvfile.classes import class_for
from quarterday.connectors.csvfile.layout import MAX_LINE_LENGTH, CsvLayout, CsvOptions, detect_layout
from quarterday.connectors.shape import (
    Fault,
    SeenCustomer,
    SeenDevice,
    Snapshot,
    SourceRefused,
    clean_name,
    clean_serial,
    has_control_characters,
)

MAX_NAMED_FAULTS = 10_000
MAX_REF_LENGTH = 200
_MAX_REREADS = 200


def read_csv(
    file: BinaryIO | bytes,
    *,
    source: str,
    taken_at: datetime,
    as_of: date | None = None,
    options: CsvOptions | None = None,
) -> Snapshot:
    """The devices of a CSV file, complete for the customers that its rows name.

    `taken_at` is the instant for which the file holds (an aware datetime; usually now), `as_of` the day that a person
    says instead. Raises `SourceRefused` with the line, column and reason of everything that is wrong.
    """
    options = options or CsvOptions()
    layout = detect_layout(file, options)
    rows = _Rows(layout, options)
    devices = tuple(rows)
    if rows.faults:
        raise SourceRefused(rows.faults, unnamed_count=rows.unnamed_count)
    if not devices:
        raise SourceRefused([Fault(layout.header_line + 1, "", "the file has a header but no devices")])
    customers = tuple(SeenCustomer(ref=ref, name=ref) for ref in dict.fromkeys(d.customer_ref for d in devices))
    return Snapshot(source=source, complete=True, taken_at=taken_at, as_of=as_of, customers=customers, devices=devices)


def moment_told(text: str) -> datetime | None:
    """The instant that a cell says, in UTC where it names no zone: 2026-04-01 or 2026-04-01 08:30; None if it is none.

    What cannot be read ("3 days ago") is not known: a device is paused only for what its source says clearly.
    """
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


class _Rows:
    """Iterates over the devices of a file and collects its faults on the way."""

    def __init__(self, layout: CsvLayout, options: CsvOptions) -> None:
        self.layout = layout
        self.options = options
        self.faults: list[Fault] = []
        self.unnamed_count = 0
        self._line_of_device: dict[str, int] = {}
        self._class_of_word: dict[str, str | None] = {}

    def __iter__(self) -> Iterator[SeenDevice]:
        width = len(self.layout.header)
        may_hold_nul = "\0" in self.layout.text
        for line, cells in self._records():
            if not any(map(str.strip, cells)):
                continue
            if may_hold_nul and "\0" in "".join(cells):
                position = next(i for i, cell in enumerate(cells) if "\0" in cell)
                self._complain(line, self._header(position), "there is a NUL character in this cell; export it anew")
            elif len(cells) < width or any(cell.strip() for cell in cells[width:]):
                self._complain(
                    line, "", f"{len(cells)} cells where the header has {width}: a delimiter or a quotation mark is off"
                )
            elif device := self._device(line, cells):
                yield device

    def _device(self, line: int, cells: list[str]) -> SeenDevice | None:
        customer = clean_name(self._cell(cells, "customer"))
        device_id = self._cell(cells, "device_id").strip()
        class_word = self._cell(cells, "class").strip()
        device_class = self._class(class_word)
        reasons = {
            "customer": self._wrong_customer(cells),
            "device_id": self._wrong_device_id(device_id, line),
            "class": "" if device_class else self._unknown_class(class_word),
        }
        for field_name, reason in reasons.items():
            if reason:
                self._complain(line, self.layout.column_name(field_name), reason)
        if any(reasons.values()) or device_class is None:
            return None
        evidence = {"line": str(line)}
        if class_word != device_class:
            evidence["class"] = clean_name(class_word)
        return SeenDevice(
            customer_ref=customer,
            device_ref=device_id,
            name=clean_name(self._cell(cells, "name")) or device_id,
            device_class=device_class,
            serial=clean_serial(self._cell(cells, "serial")),
            evidence=evidence,
            last_seen_at=moment_told(self._cell(cells, "last_seen")),
        )

    def _cell(self, cells: list[str], field_name: str) -> str:
        position = self.layout.columns.get(field_name)
        return "" if position is None else cells[position]

    def _class(self, word: str) -> str | None:
        if word not in self._class_of_word:
            known = class_for(word, known=self.options.classes, words=self.options.class_words)
            self._class_of_word[word] = known or self.options.class_of_others
        return self._class_of_word[word]

    def _wrong_customer(self, cells: list[str]) -> str:
        customer = self._cell(cells, "customer")
        if not clean_name(customer):
            return "the customer is missing"
        return "" if len(customer) <= MAX_REF_LENGTH else f"the customer is longer than {MAX_REF_LENGTH} characters"

    def _wrong_device_id(self, device_id: str, line: int) -> str:
        if not device_id:
            return "the device id is missing; without it a renamed device would be billed as a new one"
        if len(device_id) > MAX_REF_LENGTH:
            return f"the device id is longer than {MAX_REF_LENGTH} characters"
        if has_control_characters(device_id):
            return "the device id contains a line break or another character that cannot be seen"
        first_line = self._line_of_device.setdefault(device_id, line)
        return "" if first_line == line else f"the device id “{device_id}” is already in line {first_line}"

    def _unknown_class(self, word: str) -> str:
        classes = ", ".join(self.options.classes)
        if not word:
            return f"the class is missing; the classes are {classes}"
        return f"“{clean_name(word)[:60]}” is no class that we know; the classes are {classes}"

    def _header(self, position: int) -> str:
        header = self.layout.header
        return header[position] if position < len(header) else f"cell {position + 1}"

    def _complain(self, line: int, column: str, reason: str) -> None:
        if len(self.faults) < MAX_NAMED_FAULTS:
            self.faults.append(Fault(line, column, reason))
        else:
            self.unnamed_count += 1

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the line it begins on.

        A quotation mark that is opened and never closed swallows the lines after it. It is named, and reading goes on
        with the line after the mark, so that what is wrong further down is named too.
        """
        lines = _NumberedLines(self.layout)
        reader = csv.reader(lines, delimiter=self.layout.delimiter, strict=True)
        rereads = 0
        while True:
            start, position = lines.number + 1, lines.stream.tell()
            try:
                yield start, next(reader)
            except StopIteration:
                return
            except _LineTooLong:
                self._complain(lines.number, "", f"the line is longer than {MAX_LINE_LENGTH:,} characters")
            except csv.Error:
                several_lines = lines.number > start
                self._complain(
                    start,
                    "",
                    "a quotation mark is opened in this line and not closed"
                    if several_lines or lines.at_end
                    else 'there is text behind a closing quotation mark; inside quotes, "" stands for a quotation mark',
                )
                if several_lines:
                    rereads += 1
                    if rereads > _MAX_REREADS:
                        self._complain(start + 1, "", "too many open quotation marks: the rest was not checked")
                        return
                    lines.go_to(position, start)
                    lines.skip_one()


class _LineTooLong(Exception):
    pass


class _NumberedLines:
    """The file's lines, counted, so that a fault is named by the number that an editor shows."""

    def __init__(self, layout: CsvLayout) -> None:
        self.stream = io.StringIO(layout.text, newline="")
        self.go_to(layout.rows_start_at, layout.header_line + 1)

    @property
    def at_end(self) -> bool:
        """Whether reading ran into the end of the file."""
        return self._ended

    def go_to(self, position: int, line: int) -> None:
        """Continue at a position in the text, with the line of that number next."""
        self.stream.seek(position)
        self.number = line - 1
        self._ended = False

    def skip_one(self) -> None:
        """Leave out the next line."""
        self.stream.readline()
        self.number += 1

    def __iter__(self) -> "_NumberedLines":
        return self

    def __next__(self) -> str:
        line = self.stream.readline()
        if not line:
            self._ended = True
            raise StopIteration
        self.number += 1
        if len(line) > MAX_LINE_LENGTH:
            raise _LineTooLong
        return line
