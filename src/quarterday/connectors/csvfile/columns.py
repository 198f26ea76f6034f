"""Header to meaning: which column holds the customer, the device's id, its name, class and serial number?

The names are those of exports met in the wild: by hand in English and German, and from the RMM tools (Tactical RMM,
NinjaOne, Datto, N-central, Atera, Syncro, Action1, ConnectWise, Endpoint Central, MeshCentral).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from quarterday.connectors.shape import Fault, SourceRefused, clean_name

FIELDS = ("customer", "device_id", "name", "class", "serial", "last_seen")
"""What a row says of a device, by the names that `--column` takes."""

# Of two columns that fit, the one named first here is taken.
_USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "customer": (
        "customer",
        "customer name",
        "kunde",
        "kundenname",
        "client",
        "client name",
        "mandant",
        "organization",
        "organization name",
        "organisation",
        "organisation name",
        "company",
        "company name",
        "firma",
        "account",
        "account name",
        "business name",
        "tenant",
        "tenant name",
        "customer id",
        "customer number",
        "kundennummer",
        "kundennr",
        "client id",
        "organization id",
        "org",
        "site name",
        "site",
        "mesh name",
        "group name",
    ),
    "device_id": (
        "device id",
        "agent id",
        "device uid",
        "device guid",
        "device uuid",
        "endpoint id",
        "computer id",
        "machine id",
        "system id",
        "node id",
        "asset id",
        "resource id",
        "geräte id",
        "gerät id",
        "geraete id",
        "geraet id",
        "gerätekennzeichen",
        "gerätenummer",
        "geraetenummer",
        "gerätekennung",
        "inventarnummer",
        "uid",
        "uuid",
        "guid",
        "id",
    ),
    "name": (
        "device name",
        "name",
        "hostname",
        "host name",
        "host",
        "computer name",
        "computername",
        "machine name",
        "system name",
        "endpoint name",
        "agent name",
        "resource name",
        "asset name",
        "node name",
        "display name",
        "friendly name",
        "long name",
        "gerätename",
        "geraetename",
        "rechnername",
        "bezeichnung",
        "gerät",
        "geraet",
        "rechner",
        "device",
        "computer",
        "asset",
    ),
    "class": (
        "class",
        "device class",
        "class name",
        "klasse",
        "geräteklasse",
        "geraeteklasse",
        "device type",
        "devicetype",
        "node class",
        "monitoring type",
        "asset type",
        "endpoint type",
        "agent type",
        "computer type",
        "gerätetyp",
        "geraetetyp",
        "geräteart",
        "geraeteart",
        "os type",
        "role",
        "type",
        "typ",
        "art",
        "category",
        "kategorie",
    ),
    "serial": (
        "serial",
        "serial number",
        "serialnumber",
        "serial no",
        "serial num",
        "serial nr",
        "device serial number",
        "vendor serial number",
        "asset serial",
        "bios serial",
        "bios serial number",
        "system serial number",
        "service tag",
        "seriennummer",
        "seriennr",
        "serien nr",
        "serien nummer",
        "sn",
        "s n",
    ),
    "last_seen": (
        "last seen",
        "last contact",
        "last check in",
        "last checkin",
        "last online",
        "last response",
        "last communication",
        "last heard",
        "zuletzt gesehen",
        "zuletzt online",
        "letzter kontakt",
    ),
}
_FIELD_BY_SQUEEZED_NAME = {
    name.replace(" ", ""): (field, rank)
    for field, names in _USUAL_NAMES.items()
    for rank, name in reversed(tuple(enumerate(names)))
}


def recognised_count(header: Sequence[str], given: Mapping[str, str]) -> int:
    """How many cells of this line are names of columns: how the header speaks for a delimiter."""
    wanted = {_squeezed(name) for name in given.values()}
    return sum(1 for cell in header if (name := _squeezed(cell)) in wanted or name in _FIELD_BY_SQUEEZED_NAME)


def found_columns(header: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """The position of each field's column, as far as they are there: what a page offers for a person to change."""
    positions = {field: _positions(header, field, given) for field in FIELDS}
    return {field: found[0] for field, found in positions.items() if found}


def map_columns(header: Sequence[str], given: Mapping[str, str], *, line: int, class_needed: bool) -> dict[str, int]:
    """The position of each field's column; `given` names columns by hand, e.g. {"customer": "Kunde"}.

    Raises `SourceRefused` that names every column which is missing, given but absent, or there twice. The customer,
    the device's id and (when `class_needed`) its class must be there; the others may be absent.
    """
    faults = [
        Fault(0, field, f"there is no such field; the fields are {', '.join(FIELDS)}")
        for field in given
        if field not in FIELDS
    ]
    needed = {"customer", "device_id", *given, *(["class"] if class_needed else [])}
    for field in FIELDS:
        positions = _positions(header, field, given)
        if len(positions) > 1:
            name = clean_name(header[positions[0]])
            faults.append(Fault(line, field, f"two columns are called “{name}”; rename one"))
        elif not positions and field in needed:
            faults.append(Fault(line, field, f"{_absent(field, given)}; the columns are {_listed(header)}"))
    if faults:
        raise SourceRefused(faults)
    return found_columns(header, given)


def _absent(field: str, given: Mapping[str, str]) -> str:
    if field in given:
        return f"the file has no column “{clean_name(given[field])}”"
    return f"no column says this; name it with --column {field}=…"


def _positions(header: Sequence[str], field: str, given: Mapping[str, str]) -> list[int]:
    if field in given:
        return [i for i, cell in enumerate(header) if _squeezed(cell) == _squeezed(given[field])]
    return _usual_positions(header, field, taken=given.values())


def _usual_positions(header: Sequence[str], field: str, *, taken: Iterable[str]) -> list[int]:
    given_names = {_squeezed(name) for name in taken}
    ranked: dict[int, list[int]] = {}
    for position, cell in enumerate(header):
        name = _squeezed(cell)
        known = _FIELD_BY_SQUEEZED_NAME.get(name)
        if known and known[0] == field and name not in given_names:
            ranked.setdefault(known[1], []).append(position)
    return ranked[min(ranked)] if ranked else []


def _squeezed(name: str) -> str:
    """The letters and digits alone, so that "Device ID", "device_id", "DeviceId" and "DEVICE-ID" are one name."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", name).casefold())


def _listed(header: Sequence[str]) -> str:
    shown = [f"“{clean_name(cell)[:40]}”" for cell in header[:20]]
    return ", ".join(shown) + (" …" if len(header) > 20 else "")
