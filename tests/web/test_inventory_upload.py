"""Devices from a CSV file in three steps: the file, its columns, what would change; and then just that."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterday.accounts.models import Upload
from quarterday.inventory.actions import map_customer
from quarterday.inventory.models import CustomerMapping, Device, SyncRun
from quarterday.shared.database import acting
from quarterday.shared.scope import Scope
from tests.inventory.ledger import JANE, days_later, known_now, sync
from tests.shop import NOW, a_customer
from tests.web.plans_desk import at_desk, counting_queries, fields_of, text_of

GERMAN = "Kunde;Gerätenummer;Rechnername;Typ\nNorth;1;FRONT;Laptop\nNorth;2;SRV;Windows Server 2022\n"


@pytest.fixture
def desk(sign_in, time_machine):
    return at_desk(sign_in, time_machine)


@pytest.fixture
def everything(desk):
    with acting(Scope.all()):
        yield


def upload(desk, text, *, encoding="utf-8", source="csv"):
    """Step 1; the address of step 2."""
    file = SimpleUploadedFile("devices.csv", text.encode(encoding))
    return desk.post("/inventory/upload/", file=file, source=source)["Location"]


def to_preview(desk, text, *, fields=None, **options):
    """Steps 1 and 2 as they are offered; the address of step 3."""
    columns = upload(desk, text, **options)
    return desk.post(columns, fields={**fields_of(desk.get(columns)), **(fields or {})})["Location"]


def test_a_german_file_is_read_as_it_is_written_and_applied_as_it_was_shown(desk, everything):
    a_customer("North")
    columns = upload(desk, GERMAN, encoding="cp1252")
    offered = fields_of(desk.get(columns))
    assert (offered["delimiter"], offered["encoding"]) == (";", "cp1252")
    assert [offered[f"column_{name}"] for name in ("customer", "device_id", "name", "class", "serial")] == [
        *("Kunde", "Gerätenummer", "Rechnername", "Typ"),
        "",
    ]
    assert "FRONT Laptop" in text_of(desk.get(columns))

    preview = desk.post(columns, fields=offered)["Location"]
    said = text_of(desk.get(preview))
    assert "2 devices of the source csv." in said
    assert "2 new" in said
    assert "FRONT 1 North Computer 10 Apr 2026" in said
    assert known_now() == []

    answer = desk.post(preview, fields={**fields_of(desk.get(preview)), "apply": "yes"})
    assert answer["Location"] == f"/inventory/syncs/{SyncRun.objects.get().pk}/"
    assert known_now() == ["1 FRONT North computer 04-10..", "2 SRV North server 04-10.."]
    assert not Upload.objects.exists()


def test_the_preview_names_what_is_new_gone_moved_renamed_replaced_and_unknown(desk, everything):
    a_customer("North")
    a_customer("South")
    sync("North 1 FRONT computer\nNorth 2 BACK computer\nNorth 3 OLD computer S3\nSouth 4 DESK computer", days_later(0))
    preview = to_preview(
        desk,
        "customer,device id,name,class,serial\n"
        "North,1,RECEPTION,computer,\nSouth,2,BACK,computer,\nNorth,33,NEW,computer,S3\n"
        "South,4,DESK,server,\nWest,5,X,computer,\n",
    )
    said = text_of(desk.get(preview))
    for words in (
        "1 new 1 moved 1 of another class 1 renamed 1 gone 1 replaced 1 unknown customer",
        "FRONT → RECEPTION 1 North",
        "BACK 2 North → South",
        "DESK 4 South Computer → Server",
        "OLD 3 North Computer",
        "NEW 33 OLD 3 North same serial number both count as one",
        "West – 1 device",
    ):
        assert words in said, (words, said)


def test_what_would_do_something_else_by_now_is_refused_and_shown_anew(desk, everything):
    north = a_customer("North")
    preview = to_preview(desk, GERMAN.replace("North", "Nord"))
    seen = fields_of(desk.get(preview))
    sync("Nord 9 X computer", days_later(0))
    map_customer(CustomerMapping.objects.get().pk, to=north, now=NOW, by=JANE)

    answer = desk.post(preview, fields={**seen, "apply": "yes"})
    said = text_of(answer)
    assert "Meanwhile something else changed what we know" in said
    assert "2 new" in said
    assert not Device.objects.exists()

    desk.post(preview, fields={**fields_of(answer), "apply": "yes"})
    assert Device.objects.count() == 2


def test_a_wrong_file_imports_nothing_and_names_every_bad_row(desk, everything):
    a_customer("North")
    preview = to_preview(desk, "customer,device id,class\nNorth,1,Toaster\n,2,Laptop\nNorth,1,Laptop\n")
    answer = desk.get(preview)
    said = text_of(answer)
    assert answer.status_code == 422
    assert "Nothing is imported, because something is wrong" in said
    assert "2 Class “Toaster” is no class that we know" in said
    assert "3 Customer the customer is missing" in said
    assert "4 Device id the device id “1” is already in line 2" in said
    assert desk.post(preview, fields={"apply": "yes"}).status_code == 422
    assert not Device.objects.exists()


def test_words_for_classes_and_a_class_for_the_rest_are_said_once(desk, everything):
    a_customer("North")
    preview = to_preview(
        desk,
        "customer,device id,class\nNorth,1,Kiosk\nNorth,2,Toaster\n",
        fields={"class_words": "kiosk = mobile", "class_of_others": "server"},
    )
    desk.post(preview, fields={**fields_of(desk.get(preview)), "apply": "yes"})
    assert dict(Device.objects.values_list("external_id", "device_class")) == {"1": "mobile", "2": "server"}


def test_a_missing_column_and_a_word_without_its_class_are_said_beside_their_fields(desk, everything):
    columns = upload(desk, "a,b\n1,2\n")
    answer = desk.post(columns, fields={**fields_of(desk.get(columns)), "class_words": "kiosk"})
    page = answer.content.decode()
    assert 'id="id_column_customer_error"' in page
    assert 'id="id_column_device_id_error"' in page
    assert 'id="id_column_class_error"' in page
    assert "“kiosk” needs an equals sign: kiosk = computer" in text_of(answer)


def test_another_delimiter_reads_the_columns_anew_and_a_wrong_encoding_is_told(desk, everything):
    columns = upload(desk, "customer|x,device id\nNorth|y,1\n")
    again = desk.post(columns, fields={**fields_of(desk.get(columns)), "delimiter": ",", "read": "yes"})
    assert fields_of(again)["column_device_id"] == "device id"
    wrong = desk.post(columns, fields={**fields_of(desk.get(columns)), "encoding": "utf-16", "read": "yes"})
    assert "the file is not utf-16 (byte 31); give its encoding" in text_of(wrong)


def test_the_days_of_the_file_and_of_a_first_load_are_kept(desk, everything):
    a_customer("North")
    preview = to_preview(desk, GERMAN, fields={"as_of": "2026-03-31", "present_since": "2026-01-01"})
    said = text_of(desk.get(preview))
    assert (
        "The file holds for 31 Mar 2026, each customer's local day. On a first load devices count from 1 Jan 2026."
        in said
    )
    desk.post(preview, fields={**fields_of(desk.get(preview)), "apply": "yes"})
    assert known_now()[0] == "1 FRONT North computer 01-01.."
    newer = to_preview(desk, GERMAN, fields={"as_of": "2026-03-01"})
    assert "It would change nothing: something newer is known already. North. What" in text_of(desk.get(newer))
    assert b"Apply this" not in desk.get(newer).content


def test_a_sudden_drop_can_be_held_for_somebody_else_or_agreed_to(desk, everything):
    a_customer("North")
    rows = "\n".join(f"North {number} PC-{number} computer" for number in range(1, 6))
    sync(rows, days_later(0))
    short = "customer,device id,name,class\nNorth,1,PC-1,computer\n"

    held = to_preview(desk, short)
    assert "North would lose 4 of 5 devices." in text_of(desk.get(held))
    page = desk.post(held, fields={**fields_of(desk.get(held)), "apply": "hold"})["Location"]
    assert SyncRun.objects.latest("pk").state == "held"
    assert "It is held: nothing was changed yet" in text_of(desk.get(page))

    agreed = to_preview(desk, short)
    desk.post(agreed, fields={**fields_of(desk.get(agreed)), "confirm_drop": "yes"})
    assert SyncRun.objects.latest("pk").state == "applied"
    assert [line for line in known_now() if line.endswith("..")] == ["1 PC-1 North computer 04-01.."]


@pytest.mark.parametrize(
    ("content", "words"), [(b"PK\x03\x04x", "save the table as “CSV UTF-8”"), (b"\n\n", "the file is empty")]
)
def test_a_file_that_is_no_table_is_refused_beside_its_field(desk, everything, content, words):
    answer = desk.post("/inventory/upload/", file=SimpleUploadedFile("x.csv", content), source="csv")
    assert words in text_of(answer)
    assert b'id="id_file_error"' in answer.content
    assert not Upload.objects.exists()


def test_the_file_is_its_users_alone_and_is_put_away_when_asked(desk, everything, sign_in):
    preview = to_preview(desk, GERMAN)
    assert sign_in("admin").get(preview).status_code == 404
    assert desk.post(preview, discard="yes")["Location"] == "/inventory/"
    assert desk.get(preview).status_code == 404


def test_a_preview_without_its_columns_leads_back_to_them(desk, everything):
    columns = upload(desk, GERMAN)
    assert desk.get(f"{columns}preview/")["Location"] == columns


@pytest.mark.parametrize("count", [1, 3])
def test_more_rows_need_no_more_queries(desk, everything, count):
    for number in range(count):
        a_customer(f"Customer{number}")
        sync(f"Customer{number} {number} PC computer", days_later(0), source=f"csv {number}")
    rows = "".join(f"Customer{number},{number},PC,computer\n" for number in range(count))
    columns = upload(desk, f"customer,device id,name,class\n{rows}")
    preview = to_preview(desk, f"customer,device id,name,class\n{rows}")
    for address, expected in (("/inventory/upload/", 5), (columns, 5), (preview, 5)):
        with counting_queries() as asked:
            assert desk.get(address).status_code == 200
        assert len(asked) == expected, (address, len(asked), asked)
