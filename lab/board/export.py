"""A demo as one page to keep: no server, no other host, nothing but the file."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence

from lab.board import beats
from lab.board.ring import PageEvent
from lab.board.site import STATIC

MODULES = ("dom.js", "scene.js", "beats.js", "story.js", "kept.js")  # each after what it imports
STYLES = ("board.css", "show.css")
IMPORT = re.compile(r"^import .*?;\n", re.MULTILINE | re.DOTALL)
EXPORT = re.compile(r"^export ", re.MULTILINE)
LINKS = re.compile(r'  <(?:link|script)[^>]*(?:href|src)="static/[^>]*>(?:</script>)?\n')


def page(story: beats.Story, told: Sequence[PageEvent]) -> str:
    """Return the HTML of a page that tells a story that was played."""
    title = beats.title_of(story)
    script = "".join(EXPORT.sub("", IMPORT.sub("", _text(name))) for name in MODULES)
    style = "".join(map(_text, STYLES))
    # Only this script and this style may run, whatever an answer of the API may hold.
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    # "<" in a string of JSON may be written so, and then ends no script.
    data = json.dumps({"title": title, "beats": list(told)}, default=str, indent=1)
    data = data.replace("<", "\\u003c")
    head = (
        f'  <meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '  <link rel="icon" href="data:,">\n'
        f"  <style>{style}</style>\n"
    )
    body = (
        f'<script id="story" type="application/json">{data}</script>\n'
        f'<script type="module">{script}</script>\n'
    )
    html = LINKS.sub("", _text("show.html"))
    return html.replace("</head>", f"{head}</head>").replace("</body>", f"{body}</body>")


def _text(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
