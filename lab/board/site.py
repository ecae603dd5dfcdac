"""A board's own small web server: its page, its events, and what its buttons ask for."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import uvicorn
from fastapi import Body, FastAPI, Header, Response
from fastapi.responses import JSONResponse, StreamingResponse

from lab.appserver import ports
from lab.board.guard import Guard
from lab.board.ring import Ring

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
TOKEN_BYTES = 16
END_SECONDS = 0.5
READERS = 500  # pages at once
LOOPBACK = "127.0.0.1"

# What a button asks for: its arguments in, what is answered out. Raises Refused.
Action = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Refused(Exception):
    """Something that a page asked for, and that is not done: the reason, in words."""


class Site:
    """Serves one page on a port of its own until the block ends.

    `host` is the one address of this machine at which it is reached, `pictures` are SVGs by name.
    """

    def __init__(
        self,
        page: str,
        ring: Ring,
        actions: Mapping[str, Action],
        *,
        host: str = LOOPBACK,
        port: int = 0,
        token: str = "",
        pictures: Mapping[str, bytes] | None = None,
    ) -> None:
        self._ring = ring
        self._listening = socket.create_server((host, ports.next_free(port) if port else 0))
        self.port = int(self._listening.getsockname()[1])
        token = token or secrets.token_urlsafe(TOKEN_BYTES)
        self.url = f"http://{host}:{self.port}/{token}/"
        names = {host, "localhost"} if host == LOOPBACK else {host}
        hosts = {f"{name}:{self.port}" for name in names}
        config = uvicorn.Config(
            Guard(pages(page, ring, actions, pictures or {}), token, hosts),
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listening],), name="lab-board", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ring.close()
        self._server.should_exit = True
        self._thread.join(END_SECONDS)
        self._server.force_exit = True
        self._thread.join(END_SECONDS)
        self._listening.close()


def pages(
    page: str, ring: Ring, actions: Mapping[str, Action], pictures: Mapping[str, bytes]
) -> FastAPI:
    """Return what answers the requests of one page, once the guard has let them through."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    files = {path.name: path for path in STATIC.iterdir() if path.suffix in TYPES}

    @app.get("/")
    def index() -> Response:
        return _file(files[page])

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name in pictures:
            return Response(pictures[name], media_type=TYPES[".svg"])
        return _file(files[name]) if name in files else Response(status_code=404)

    @app.get("/events")
    async def events(after: int = 0, last_event_id: str = Header("")) -> Response:
        if ring.readers >= READERS:
            return Response("Too many pages look on.", 503)
        seen = int(last_event_id) if last_event_id.isdecimal() else after
        return StreamingResponse(ring.stream(seen), media_type="text/event-stream")

    @app.post("/do/{name}")
    def do(name: str, given: dict[str, Any] = Body()) -> Response:
        if name not in actions:
            return Response(status_code=404)
        try:
            return JSONResponse(dict(actions[name](given)))
        except Refused as refused:
            return JSONResponse({"said": str(refused)}, 409)

    return app


def _file(path: Path) -> Response:
    return Response(path.read_bytes(), media_type=TYPES[path.suffix])
