"""Who may ask the board for something: whoever has its token, from its own page, at its address."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 4000  # of a request
READING = {"GET", "HEAD"}
HEADERS = {
    # No script, style or picture but the board's own, nothing inline, and in no frame.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",  # the token is in the URL
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Lets a request through to `app`, without the token in its path, or refuses it.

    `hosts` are the names, with port, under which the board is reached: another one is a foreign
    page that a name server has led here.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Collection[str]) -> None:
        self._app = app
        self._token = token
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        refused = self._refused(scope["method"], headers)
        _, token, *rest = f"{scope['path']}/".split("/", 2)
        if refused is None and not secrets.compare_digest(token.encode(), self._token.encode()):
            refused = 404, "There is nothing here. Is the address whole?"
        if refused is None and rest == [""]:
            refused = 404, "The address of the board ends with a slash."
        if refused:
            await _answer(send, *refused)
            return
        inner = {**scope, "path": "/" + rest[0].removesuffix("/"), "raw_path": None}
        await self._app(inner, receive, _adding(send))

    def _refused(self, method: str, headers: dict[str, str]) -> tuple[int, str] | None:
        """Return the status and the reason for a request that is not for the board."""
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "The board has another address."
        own = f"http://{host}"
        origin = headers.get("origin", own if method in READING else "")
        # A browser says where a request comes from, and no page can make it say otherwise.
        if origin != own or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return 403, "Another page may not ask this."
        if method in READING:
            return None
        if method != "POST":
            return 405, "GET and POST."
        if headers.get("content-type") != "application/json":
            return 415, "JSON."
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            return 413, f"Not more than {BODY_BYTES} bytes."
        return None


def _adding(send: Send) -> Send:
    """Return what sends every answer with the board's headers."""
    added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *added]
        await send(message)

    return sending


async def _answer(send: Send, status: int, text: str) -> None:
    sending = _adding(send)
    # The connection is kept: one closed with its body unread is reset, its answer lost with it.
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await sending({"type": "http.response.start", "status": status, "headers": headers})
    await sending({"type": "http.response.body", "body": f"{text}\n".encode()})
