"""How a CSV file is written: its encoding, its delimiter, and which of its columns says what."""

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from quarterday.connectors.csvfile.classes import USUAL_CLASSES
from quarterday.connectors.csvfile.columns import found_columns, map_columns, recognised_count
from quarterday.connectors.csvfile.decoding import decode, read_bytes
from quarterday.connectors.shape import Fault, SourceRefused, clean_name

DELIMITERS = (",", ";", "\t", "|")
MAX_LINES = 2_000_000
MAX_LINE_LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """What a person says about a file, where detecting it would guess wrong.

    `columns` names columns by hand ({"customer": "Kunde"}), `class_words` says which class a word of the file means
    ({"kiosk": "computer"}), `class_of_others` is the class for words that nobody knows, and for a file
    without a class column; `classes` are the codes of the provider's classes.
    """

    delimiter: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    class_words: Mapping[str, str] = field(default_factory=dict)
    class_of_others: str | None = None
    classes: Collection[str] = USUAL_CLASSES


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """How the file was found to be written. `columns` maps each field to the position of its column."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: Mapping[str, int]
    header_line: int
    text: str = field(repr=False)
    rows_start_at: int = field(repr=False)

    def column_name(self, field_name: str) -> str:
        """The header's own spelling of a field's column, or the field's name where the file has none."""
        position = self.columns.get(field_name)
        return field_name if position is None else self.header[position]


@dataclass(frozen=True, slots=True)
class CsvDescription:
    """A file as a page shows it before it is imported: how it is written, and its first rows."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: Mapping[str, int]
    rows: tuple[tuple[str, ...], ...]


def detect_layout(file: BinaryIO | bytes, options: CsvOptions | None = None) -> CsvLayout:
    """Encoding, delimiter, header and columns of a file.

    Raises `SourceRefused` for a file that is empty, no table, too large, or lacks a column that is needed.
    """
    options = options or CsvOptions()
    layout = _read_header(file, options)
    class_needed = options.class_of_others is None
    map_columns(layout.header, options.columns, line=layout.header_line, class_needed=class_needed)
    return layout


def describe_csv(file: BinaryIO | bytes, options: CsvOptions | None = None, *, row_count: int = 5) -> CsvDescription:
    """What can be seen of a file before anything is decided, also when columns are missing.

    Raises `SourceRefused` for a file that is empty, no table, or too large.
    """
    layout = _read_header(file, options or CsvOptions())
    stream = io.StringIO(layout.text, newline="")
    stream.seek(layout.rows_start_at)
    rows = []
    try:
        for cells in islice(csv.reader(stream, delimiter=layout.delimiter), row_count):
            rows.append(tuple(map(clean_name, cells[: len(layout.header)])))
    except csv.Error:
        pass  # what is wrong with a row is said by the import, with its line
    return CsvDescription(layout.encoding, layout.delimiter, layout.header, layout.columns, tuple(rows))


def _read_header(file: BinaryIO | bytes, options: CsvOptions) -> CsvLayout:
    _check(options)
    text, encoding = decode(read_bytes(file), options.encoding)
    if text.count("\n") + text.count("\r") > MAX_LINES * 2:
        raise SourceRefused([Fault(0, "", f"the file has more than {MAX_LINES:,} lines; split it by customer")])
    stream = io.StringIO(text, newline="")
    line_number, delimiter = 0, options.delimiter
    for line in iter(stream.readline, ""):
        line_number += 1
        if len(line) > MAX_LINE_LENGTH:
            raise SourceRefused([Fault(line_number, "", f"the line is longer than {MAX_LINE_LENGTH:,} characters")])
        if line_number == 1 and re.fullmatch(r"sep=[^\"\s]|sep=\t", line.rstrip("\r\n")):
            delimiter = delimiter or line[4]  # Excel's own way to say it
        elif line.strip(" \t\r\n,;|"):
            break
    else:
        raise SourceRefused([Fault(0, "", "the file is empty; its first line must name the columns")])
    delimiter = delimiter or _detect_delimiter(line, options.columns)
    header = _cells(line, delimiter)
    while header and not header[-1].strip():
        header.pop()  # spreadsheets write empty columns to the right of the table
    return CsvLayout(
        encoding=encoding,
        delimiter=delimiter,
        header=tuple(map(clean_name, header)),
        columns=found_columns(header, options.columns),
        header_line=line_number,
        text=text,
        rows_start_at=stream.tell(),
    )


def _check(options: CsvOptions) -> None:
    faults = []
    if options.delimiter is not None and (len(options.delimiter) != 1 or options.delimiter in '"\r\n'):
        faults.append(Fault(0, "delimiter", "give one character, usually , or ; or | or a tab"))
    for word, code in options.class_words.items():
        if code not in options.classes:
            faults.append(Fault(0, "class", f"“{word}” cannot mean {code}: {_no_class(code, options.classes)}"))
    if options.class_of_others is not None and options.class_of_others not in options.classes:
        faults.append(Fault(0, "class", _no_class(options.class_of_others, options.classes)))
    if faults:
        raise SourceRefused(faults)


def _no_class(code: str, classes: Collection[str]) -> str:
    return f"there is no class “{code}”; the classes are {', '.join(classes)}"


def _detect_delimiter(header_line: str, columns: Mapping[str, str]) -> str:
    """The delimiter by which most of the header's cells are names of columns, then the one that makes most cells."""

    def speaks_for(delimiter: str) -> tuple[int, int]:
        cells = _cells(header_line, delimiter)
        return recognised_count(cells, columns), len(cells)

    return max(DELIMITERS, key=speaks_for)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return [line]
