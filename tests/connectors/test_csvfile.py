"""The CSV source: what a file may look like, and how a wrong one is refused."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from quarterday.connectors.csvfile import CsvDescription, CsvOptions, describe_csv, detect_layout, read_csv
from quarterday.connectors.csvfile.decoding import MAX_BYTES
from quarterday.connectors.shape import SeenCustomer, SeenDevice, Snapshot, SourceRefused

TAKEN_AT = datetime(2026, 4, 1, 22, 30, tzinfo=UTC)
PLAIN = "Customer,Device ID,Name,Class,Serial\nNorth Dental,17,FRONT-1,Laptop,SN-1\nNorth Dental,18,SRV-1,server,\n"


def read(content: str | bytes, *, as_of: date | None = None, **options: Any) -> Snapshot:
    raw = content if isinstance(content, bytes) else content.encode()
    return read_csv(raw, source="csv", taken_at=TAKEN_AT, as_of=as_of, options=CsvOptions(**options))


def refusal(content: str | bytes, **options: Any) -> list[str]:
    with pytest.raises(SourceRefused) as refused:
        read(content, **options)
    return [str(fault) for fault in refused.value.faults]


def test_a_plain_file_becomes_a_snapshot_complete_for_the_customers_it_names() -> None:
    assert read(PLAIN, as_of=date(2026, 3, 31)) == Snapshot(
        source="csv",
        complete=True,
        taken_at=TAKEN_AT,
        as_of=date(2026, 3, 31),
        customers=(SeenCustomer("North Dental", "North Dental"),),
        devices=(
            SeenDevice("North Dental", "17", "FRONT-1", "computer", "SN-1", {"line": "2", "class": "Laptop"}),
            SeenDevice("North Dental", "18", "SRV-1", "server", "", {"line": "3"}),
        ),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = PLAIN.replace(",", delimiter).replace("FRONT-1", '"FRONT, 1; a|b\tc"')
    assert detect_layout(text.encode()).delimiter == delimiter
    assert read(text).devices[0].name == "FRONT, 1; a|b c"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
def test_the_encoding_is_found(encoding: str, found: str) -> None:
    raw = PLAIN.replace("North Dental", "Zahnärzte Müßig").encode(encoding)
    assert detect_layout(raw).encoding == found
    assert read(raw).customers == (SeenCustomer("Zahnärzte Müßig", "Zahnärzte Müßig"),)


def test_windows_signs_and_bytes_that_windows_never_writes_are_read_too() -> None:
    assert read(PLAIN.replace("FRONT", "€“").encode("cp1252")).devices[0].name == "€“-1"
    assert detect_layout(PLAIN.encode() + b"N,19,\x81\xe9,pc,\n").encoding == "latin-1"


def test_an_encoding_that_does_not_fit_is_named_with_the_line() -> None:
    assert refusal(PLAIN.replace("SRV", "é").encode("cp1252"), encoding="utf-8") == [
        "line 3: the file is not utf-8 (byte 90); give its encoding, e.g. cp1252"
    ]
    assert refusal(PLAIN, encoding="klingon") == [
        "there is no encoding called “klingon”; usual ones are utf-8, utf-16 and cp1252"
    ]
    assert refusal(PLAIN, encoding="hex")[0].startswith("there is no encoding called “hex”")


@pytest.mark.parametrize(
    "header",
    [
        "Customer,Device ID,Name,Class,Serial",
        "customer_name,device_id,device_name,device_class,serial_number",
        "Kunde,Geräte-ID,Gerätename,Geräteklasse,Seriennummer",
        "Mandant,Inventarnummer,Rechnername,Typ,Serien-Nr.",
        "client_name,agent_id,hostname,monitoring_type,serial_number",
        "Organization,Uid,SystemName,NodeClass,Serial #",
        "Site Name,Device UID,Hostname,Device Type,Device Serial Number",
        "CustomerName,DeviceGuid,MachineName,OSType,VendorSerialNumber",
        "Business Name,Asset ID,Asset Name,Asset Type,Asset Serial",
        "customer_name,resource_id,resource_name,computer type,service tag",
    ],
)
def test_usual_headers_are_understood(header: str) -> None:
    text = PLAIN.replace("Customer,Device ID,Name,Class,Serial", header)
    columns: Mapping[str, int] = detect_layout(text.encode()).columns
    assert columns == {"customer": 0, "device_id": 1, "name": 2, "class": 3, "serial": 4}


def test_columns_may_be_named_by_hand_in_any_order_among_others() -> None:
    text = "IP;Was;Wer;Nr\n10.0.0.1;Laptop;North Dental;17\n"
    snapshot = read(text, columns={"customer": "wer", "class": "Was", "device_id": "Nr"})
    assert snapshot.devices == (
        SeenDevice("North Dental", "17", "17", "computer", "", {"line": "2", "class": "Laptop"}),
    )


def test_a_file_with_customer_and_id_columns_takes_the_name_a_person_wrote() -> None:
    text = "Customer ID,Customer,ID,Device ID,Class\n7,North Dental,99,17,pc\n"
    device = read(text).devices[0]
    assert (device.customer_ref, device.device_ref) == ("North Dental", "17")


def test_missing_columns_are_named_with_the_cure() -> None:
    assert refusal("Kunde;Farbe\nNorth;rot\n") == [
        "line 1, device_id: no column says this; name it with --column device_id=…; the columns are “Kunde”, “Farbe”",
        "line 1, class: no column says this; name it with --column class=…; the columns are “Kunde”, “Farbe”",
    ]
    assert refusal("Wer,Device ID,Class\n", columns={"customer": "Firma", "colour": "x"}) == [
        "colour: there is no such field; the fields are customer, device_id, name, class, serial, last_seen",
        "line 1, customer: the file has no column “Firma”; the columns are “Wer”, “Device ID”, “Class”",
    ]
    assert refusal("Customer,Class,Device ID,device_id\nN,pc,1,2\n") == [
        "line 1, device_id: two columns are called “Device ID”; rename one"
    ]


def test_quoted_line_breaks_belong_to_the_cell_and_lines_are_counted_as_an_editor_does() -> None:
    text = 'Customer,Device ID,Name,Class\r\nN,1,"FRONT\r\nDESK",pc\r\nN,2,B,toaster\r\n'
    assert refusal(text) == [
        "line 4, Class: “toaster” is no class that we know; the classes are computer, server, mobile"
    ]
    assert read(text.replace("toaster", "pc")).devices[0].name == "FRONT DESK"


def test_blank_lines_and_empty_columns_of_a_spreadsheet_do_no_harm() -> None:
    text = "\n;;;;;\nCustomer;Device ID;Name;Class;;\nN;1;A;pc;;\n;;;;;\n\nN;2;B;pc;;\n"
    assert [device.evidence["line"] for device in read(text).devices] == ["4", "7"]


def test_excels_own_line_for_the_delimiter_is_obeyed() -> None:
    layout = detect_layout(b"sep=|\nCustomer|Device ID|Class\nN|1|pc\n")
    assert (layout.delimiter, layout.header_line) == ("|", 2)


def test_a_wrong_file_names_every_bad_row_with_line_column_and_reason() -> None:
    text = (
        "Customer,Device ID,Name,Class,Serial\n"
        "North,1,A,pc,S\n"
        ",2,B,pc,S\n"
        "North,,C,toaster,S\n"
        "North,1,D,pc,S\n"
        "North,5,E,pc\n"
        "North,6,F,pc,S,more\n"
        "North,7,G,,S\n"
        'North,"8\n8",H,pc,S\n'
        f"North,{'9' * 201},I,pc,S\n"
        "North,\x0010,J,pc,S\n"
        'North,"11"x,K,pc,S\n'
        "North,12,L,pc,S\n"
    )
    assert refusal(text) == [
        "line 3, Customer: the customer is missing",
        "line 4, Device ID: the device id is missing; without it a renamed device would be billed as a new one",
        "line 4, Class: “toaster” is no class that we know; the classes are computer, server, mobile",
        "line 5, Device ID: the device id “1” is already in line 2",
        "line 6: 4 cells where the header has 5: a delimiter or a quotation mark is off",
        "line 7: 6 cells where the header has 5: a delimiter or a quotation mark is off",
        "line 8, Class: the class is missing; the classes are computer, server, mobile",
        "line 9, Device ID: the device id contains a line break or another character that cannot be seen",
        "line 11, Device ID: the device id is longer than 200 characters",
        "line 12, Device ID: there is a NUL character in this cell; export it anew",
        'line 13: there is text behind a closing quotation mark; inside quotes, "" stands for a quotation mark',
    ]


def test_a_quotation_mark_that_is_never_closed_hides_nothing_behind_it() -> None:
    text = 'Customer,Device ID,Name,Class\nN,1,"A,pc\nN,2,B,toaster\nN,3,"C",pc\nN,4,"D,pc\n'
    assert refusal(text) == [
        "line 2: a quotation mark is opened in this line and not closed",
        "line 3, Class: “toaster” is no class that we know; the classes are computer, server, mobile",
        "line 5: a quotation mark is opened in this line and not closed",
    ]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " \n;;\n"])
def test_an_empty_file_is_refused(content: str) -> None:
    assert refusal(content) == ["the file is empty; its first line must name the columns"]


def test_a_header_alone_is_refused_because_it_names_no_customer() -> None:
    assert refusal("Customer,Device ID,Class\n") == ["line 2: the file has a header but no devices"]


@pytest.mark.parametrize(
    ("beginning", "format_name"),
    [
        (b"PK\x03\x04", "Excel .xlsx, ZIP"),
        (b"\xd0\xcf\x11\xe0", "Excel .xls"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x7fELF\x02", "ELF"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "HTML"),
    ],
)
def test_a_file_of_another_format_is_refused_by_its_name(beginning: bytes, format_name: str) -> None:
    assert refusal(beginning + b"\x00" * 100) == [
        f"the file has another format ({format_name}); save the table as “CSV UTF-8” and import that"
    ]


def test_a_file_that_is_no_text_is_refused_as_such() -> None:
    assert refusal(b"\x01\x00\x02\x03\x00\x00" * 20) == [
        "the file is no text; save the table as “CSV UTF-8” and import that"
    ]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Workstation", "computer"),
        ("WINDOWS_WORKSTATION", "computer"),
        ("Laptop", "computer"),
        ("Arbeitsplatz", "computer"),
        ("Windows Server", "server"),
        ("Microsoft Windows Server 2022 Standard", "server"),
        ("LINUX_SERVER", "server"),
        ("ESXi host", "server"),
        ("iPhone", "mobile"),
        ("Mobilgerät", "mobile"),
        ("computer", "computer"),
    ],
)
def test_usual_words_name_a_class(word: str, code: str) -> None:
    assert read(f"Customer,Device ID,Class\nN,1,{word}\n").devices[0].device_class == code


def test_other_words_name_a_class_when_a_person_says_so() -> None:
    kiosk = "Customer,Device ID,Class\nN,1,Kiosk\nN,2,Switch\n"
    snapshot = read(kiosk, class_words={"kiosk": "computer"}, classes=("computer", "server", "mobile", "switch"))
    assert [device.device_class for device in snapshot.devices] == ["computer", "switch"]
    assert [device.device_class for device in read(kiosk, class_of_others="mobile").devices] == ["mobile", "mobile"]
    assert read("Customer,Device ID\nN,1\n", class_of_others="server").devices[0].device_class == "server"
    assert refusal(kiosk, class_words={"kiosk": "bogus"}, class_of_others="pc") == [
        "class: “kiosk” cannot mean bogus: there is no class “bogus”; the classes are computer, server, mobile",
        "class: there is no class “pc”; the classes are computer, server, mobile",
    ]


def test_hostile_names_are_kept_as_text_without_what_cannot_be_seen() -> None:
    names = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\x1b[31mred\x07", "a\u202egnp.exe", "x" * 10_000]
    rows = "".join(f'N,{i},"{name}",pc\n' for i, name in enumerate(names))
    assert [device.name for device in read("Customer,Device ID,Name,Class\n" + rows).devices] == [
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "[31mred",
        "agnp.exe",
        "x" * 199 + "…",
    ]


def test_a_serial_that_names_nothing_is_no_serial() -> None:
    rows = "N,1,To Be Filled By O.E.M.,pc\nN,2,000-000,pc\nN,3, 5CG1234 ,pc\n"
    assert [device.serial for device in read("Customer,Device ID,Serial,Class\n" + rows).devices] == ["", "", "5CG1234"]


def test_absurd_sizes_are_refused_before_they_cost_memory_or_time() -> None:
    limit = MAX_BYTES // 1024 // 1024
    assert refusal(b"x" * (MAX_BYTES + 1)) == [f"the file is larger than {limit} MB; split it by customer"]
    assert refusal("\n" * 4_000_001) == ["the file has more than 2,000,000 lines; split it by customer"]
    assert refusal("Customer,Device ID,Class\nN,1,pc\nN" + "," * 100_000 + "\nN,1,pc\n") == [
        "line 3: the line is longer than 100,000 characters",
        "line 4, Device ID: the device id “1” is already in line 2",
    ]
    assert refusal("x" * 100_001) == ["line 1: the line is longer than 100,000 characters"]
    assert refusal("Customer,Device ID,Class\n" + 'N,1,"pc\n' * 300)[-1] == (
        "line 203: too many open quotation marks: the rest was not checked"
    )


def test_a_file_that_is_wrong_everywhere_names_ten_thousand_rows_and_counts_the_rest() -> None:
    with pytest.raises(SourceRefused) as refused:
        read("Customer,Device ID,Class\n" + "N,,pc\n" * 10_007)
    assert (len(refused.value.faults), refused.value.unnamed_count) == (10_000, 7)
    assert str(refused.value).endswith("\nand 7 more of this kind")


def test_a_file_is_described_before_anything_is_decided_even_without_its_columns() -> None:
    described = describe_csv("Wer;Geräte-ID;Farbe\nNorth;1;rot\nSouth;2;blau\n".encode("cp1252"), row_count=1)
    assert described == CsvDescription(
        encoding="cp1252",
        delimiter=";",
        header=("Wer", "Geräte-ID", "Farbe"),
        columns={"device_id": 1},
        rows=(("North", "1", "rot"),),
    )


def test_a_line_beyond_all_likelihood_is_named_and_nothing_is_read() -> None:
    with pytest.raises(SourceRefused, match="longer than 100,000 characters") as refused:
        read_csv(
            b"Customer,Device ID,Class\nNorth,1,pc\nNorth," + b"x" * 100_001 + b",pc\n", source="csv", taken_at=TAKEN_AT
        )
    assert [fault.line for fault in refused.value.faults] == [3]
