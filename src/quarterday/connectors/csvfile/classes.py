"""A source's word for a kind of device to the class that is billed: "Windows Server 2022" is a server."""

import re
from collections.abc import Collection, Mapping

USUAL_CLASSES = ("computer", "server", "mobile")
"""The classes every provider has. Others are the provider's own and are known by their code only."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "computer": (
        *("computer", "computers", "pc", "pcs", "client pc", "workstation", "workstations", "wks", "ws"),
        *("windows workstation", "linux workstation", "mac workstation", "windows desktop", "windows laptop"),
        *("desktop", "desktops", "desktop computer", "laptop", "laptops", "notebook", "notebooks", "ultrabook"),
        *("mac", "macbook", "imac", "macos", "mac os", "mac os x", "chromebook", "all in one", "mini pc", "tower"),
        *("windows", "windows 10", "windows 11", "managed device", "endpoint", "arbeitsplatz", "arbeitsstation"),
        *("arbeitsplatzrechner", "rechner", "klapprechner", "tragbarer computer", "thin client"),
    ),
    "server": (
        *("server", "servers", "srv", "windows server", "linux server", "mac server", "domain controller", "dc"),
        *("hyper v host", "hyper v", "hypervisor", "esxi", "esxi host", "esxi server", "vmware host", "vmware vm host"),
        *("virtual server", "vserver", "terminal server", "file server", "database server", "virtual machine host"),
        *("windows vm server", "hyperv vmm host", "dateiserver", "terminalserver", "domänencontroller"),
    ),
    "mobile": (
        *("mobile", "mobiles", "mobile device", "mobile devices", "phone", "smartphone", "mobile phone", "cell phone"),
        *("tablet", "ipad", "ipados", "iphone", "ios", "android", "android phone", "android tablet", "handy"),
        *("mobilgerät", "mobilgeraet", "mobiltelefon", "telefon", "smartphones", "tablets"),
    ),
}
_CLASS_BY_WORD = {word: code for code, words in _WORDS.items() for word in words}
_SERVER_EDITION = re.compile(r"^(?:microsoft )?windows (?:small business )?server\b")


def class_for(
    word: str, *, known: Collection[str] = USUAL_CLASSES, words: Mapping[str, str] | None = None
) -> str | None:
    """The class's code, or nothing for a word that we do not know.

    First the provider's own `words` ({"thin client": "computer"}), then the codes of the classes that are `known`,
    then the usual words of RMM tools in English and German.

    >>> class_for("Windows Server 2022"), class_for("LAPTOP"), class_for("Toaster")
    ('server', 'computer', None)
    """
    plain = _plain(word)
    for own_word, code in (words or {}).items():
        if _plain(own_word) == plain:
            return code
    for code in known:
        if _plain(code) == plain:
            return code
    usual = "server" if _SERVER_EDITION.match(plain) else _CLASS_BY_WORD.get(plain)
    return usual if usual in known else None


def _plain(word: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", word.casefold()).split())
