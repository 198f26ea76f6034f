"""How a bill's facts are kept: their canonical bytes, packed by zlib with the words that all facts share.

The words are the form's: they never change, or kept facts could not be read again. A bill of 50 devices packs to 0.4 KB
with them and to 0.8 KB without.
"""

from __future__ import annotations

import zlib

_LEVEL = 6

# Facts of form 1 (engine/stored_facts.py) with nothing special in them: rare words first, frequent ones last.
_WORDS = (
    b'{"adjustments":[{"amount":null,"id":"1","percent":"-5","quantity":"1","rest":"0","starts_on":"2026-01-01",'
    b'"subscription":null,"tax_code":"standard","text":"","times":null,"unit_price":null,"until":null,"used":0}],'
    b'"exceptions":[],"replaced_by":{"billed":[{"bill":"","class":null,"days":["fraction":"1/1","per":1,"quantity":"1",'
    b'"unit":"device-day"period"occasion":"settlement"late"ended"only_in_favour":true"counting":"prorated"any_day"'
    b'peak"at_start"timing":"advance"cycle":[1,"year"week"final_period":"full"applies":"next_period"AE"E"O"volume"'
    b'{"adjustments":[],"billing_on":"2026-05-01","currency":"EUR","customer":"1","exceptions":[],"form":1,'
    b'"replaced_by":{},"stays":[["computer","2026-04-01","2026-05-01",["1"],["PC-1"]]],"subscriptions":['
    b'{"billing_day":null,"counting":"at_end","cycle":[1,"month"],"due_days":14,"final_period":"prorated","id":"1",'
    b'"overrides":[],"periods":[{"billed":[],"full":["2026-04-01","2026-05-01"],"occasion":"first",'
    b'"only_in_favour":false,"served":["2026-04-01","2026-05-01"]}],"plan":"","starts_on":"2026-01-01",'
    b'"timing":"arrears","versions":[{"applies":"on_day","effective_on":"2026-01-01","flat_fee":["0","standard"],'
    b'"order":["computer","server","mobile"],"prices":{"computer":{"included":0,"minimum":0,"tax_code":"standard",'
    b'"tiers":null,"unit_price":"30"},"mobile":{"included":0,"minimum":0,"tax_code":"standard","tiers":null,'
    b'"unit_price":"9"},"server":{"included":0,"minimum":0,"tax_code":"standard","tiers":["graduated",[10,"90"],'
    b'[null,"80"]],"unit_price":null}}}]}],"tax_rules":[["standard","0001-01-01",["S","19","",[],"standard"]]],'
    b'"time_zone":"Europe/Berlin"}'
)


class UnreadableFacts(ValueError):
    """What is kept are no packed facts."""


def pack(content: bytes) -> bytes:
    """The facts' bytes as they are kept."""
    packer = zlib.compressobj(_LEVEL, zdict=_WORDS)
    return packer.compress(content) + packer.flush()


def unpack(kept: bytes) -> bytes:
    """The facts' bytes again; UnreadableFacts if what is kept is not what was packed."""
    unpacker = zlib.decompressobj(zdict=_WORDS)
    try:
        return unpacker.decompress(kept) + unpacker.flush()
    except zlib.error as error:
        raise UnreadableFacts(f"these facts cannot be unpacked: {error}") from None
