"""What the lab takes from an app has an end: answers, redirects, events; and so has its waiting."""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lab.appserver.answer_body import Late
from lab.appserver.bounds import EVENT_BYTES, MEGABYTE
from lab.appserver.client import Client
from lab.appserver.launchers import Launcher, SubprocessLauncher
from lab.appserver.probe_events import Events
from lab.appserver.server import Server
from lab.model import AppFailed, Exchange, TookTooLong

App = Callable[[str], Path]

HELLO = """
from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse
app = FastAPI()
"""
BOMB = (
    HELLO
    + """
import gzip
BOMB = gzip.compress(b"0" * 100_000_000, compresslevel=1)
@app.get("/bomb")
def bomb(layers: int = 1):
    body = BOMB if layers == 1 else gzip.compress(BOMB)
    return Response(body, headers={"Content-Encoding": ", ".join(["gzip"] * layers)})
@app.get("/packed")
def packed():
    return Response(gzip.compress(b'{"packed": true}'), headers={"Content-Encoding": "gzip"})
@app.get("/torn")
def torn():
    return Response(b"no gzip", headers={"Content-Encoding": "gzip"})
"""
)


def grown_by(action: Callable[[], object]) -> float:
    """How many MB more this process had at the most while the action ran."""
    here, most, ended = psutil.Process(), 0, threading.Event()
    before = here.memory_info().rss

    def look() -> None:
        nonlocal most
        while not ended.wait(0.002):
            most = max(most, here.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        action()
    finally:
        ended.set()
        thread.join()
    return (most - before) / 1e6


@pytest.mark.parametrize(
    ("layers", "says"), [(1, "more than 5 MB"), (2, "encoding that nobody asked for")]
)
def test_a_small_answer_that_unpacks_to_a_large_one_is_refused(
    app: App, launcher: Launcher, layers: int, says: str
) -> None:
    with Server(app(BOMB), launcher) as server:
        server.start()

        def ask() -> None:
            with pytest.raises(AppFailed, match=says):
                server.get(f"/bomb?layers={layers}")

        assert grown_by(ask) < 60


def test_an_answer_that_comes_packed_unasked_is_read(app: App, launcher: Launcher) -> None:
    with Server(app(BOMB), launcher) as server:
        server.start()
        assert server.get("/packed").json == {"packed": True}
        with pytest.raises(AppFailed, match="cannot be decoded"):
            server.get("/torn")


def test_what_no_request_can_hold_is_the_apps_failure(app: App, launcher: Launcher) -> None:
    with Server(app(HELLO), launcher) as server:
        server.start()
        for id in ("x" * 200_000, "\x1b"):
            with pytest.raises(AppFailed, match="what no request can hold") as failed:
                server.get(f"/todos/{id}")
            assert failed.value.remedy == "Look at the ids and values that are answered."
        for title in (float("nan"), "\ud800"):
            with pytest.raises(AppFailed, match="what no request can hold"):
                server.put("/todos/1", {"title": title})
        assert server.get("/docs").ok


@pytest.fixture
def elsewhere() -> Iterator[tuple[int, list[str]]]:
    """Another server of this machine: its port, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


ENDLESS = {
    "headers": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "answers that announce another one": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a body": (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "redirects": (b"HTTP/1.1 307 On\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", b""),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_that_comes_for_ever_is_late_whatever_part_of_it_does(kind: str) -> None:
    first, again = ENDLESS[kind]

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                ended.wait(0.1)
                self.request.sendall(first)
                while again and not ended.wait(0.02):
                    self.request.sendall(again)

    ended = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(Late):
                Client(server.server_address[1]).send("GET", "/todos", None, 0.5)
        finally:
            ended.set()
            server.shutdown()


def test_a_redirect_is_followed_only_to_the_app_itself(
    app: App, launcher: Launcher, elsewhere: tuple[int, list[str]]
) -> None:
    port, asked = elsewhere
    source = HELLO + (
        "@app.get('/out')\n"
        f"def out(): return RedirectResponse('http://127.0.0.1:{port}/todos')\n"
        "@app.get('/nowhere')\n"
        "def nowhere(): return RedirectResponse('javascript:alert(1)')\n"
        "@app.get('/in')\n"
        "def inside(): return RedirectResponse('/n')\n"
        "@app.get('/n')\n"
        "def n(): return 1\n"
        "@app.get('/round')\n"
        "def circle(): return RedirectResponse('/round')\n"
    )
    with Server(app(source), launcher) as server:
        server.start()
        assert server.get("/in").json == 1
        with pytest.raises(
            AppFailed, match=f"a redirect to another server, http://127.0.0.1:{port}"
        ):
            server.get("/out")
        with pytest.raises(AppFailed, match="a redirect that leads nowhere"):
            server.get("/nowhere")
        with pytest.raises(AppFailed, match="redirects without an end") as failed:
            server.get("/round")
        assert failed.value.remedy == "Look at where that endpoint sends its clients."
        with pytest.raises(AppFailed, match="another server to ask"):
            server.get(f"http://127.0.0.1:{port}/todos")  # by a path in a document, say
    assert asked == []


def test_events_without_end_end_the_app_and_not_the_lab(
    app: App, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = HELLO + (
        "from sqlalchemy import create_engine\n"
        "engine = create_engine('sqlite://')\n"
        "@app.get('/flood')\n"
        "def flood():\n"
        "    with engine.connect() as connection:\n"
        "        while True: connection.exec_driver_sql('SELECT 1 -- ' + 'x' * 9_000)\n"
    )
    # What is allowed takes a busy machine longer to send than an answer may take.
    monkeypatch.setattr("lab.appserver.probe_events.EVENT_BYTES", 2_000_000)
    with Server(app(source), launcher) as server:
        server.start()
        with pytest.raises(AppFailed, match="did so much in its database"):
            server.get("/flood")


def test_a_line_of_events_without_end_is_cut_off() -> None:
    ours, theirs = socket.socketpair()
    events = Events(ours)

    def flood() -> None:
        with contextlib.suppress(OSError):
            for _ in range(300):
                theirs.sendall(b"x" * 1_000_000)
        theirs.close()
        assert events.wait_closed(10)

    assert grown_by(flood) < 2.5 * EVENT_BYTES / MEGABYTE
    assert events.overflowed
    events.close()


def test_a_server_that_ends_before_it_has_told_of_itself_is_not_waited_for(app: App) -> None:
    with Server(app(HELLO), SubprocessLauncher()) as server:
        failed: list[AppFailed] = []

        def start() -> None:
            try:
                server.start()
            except AppFailed as error:
                failed.append(error)

        thread = threading.Thread(target=start)
        thread.start()
        while server._process is None:
            time.sleep(0.001)
        began = time.monotonic()
        server.abort()  # as a Ctrl+C does in the threads of checks
        thread.join()
        assert failed
        assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    "text",
    ["[" * 900 + "]" * 900, '{"a":' * 150 + "1" + "}" * 150, "9" * 5000, "[" * 100_000],
    ids=["lists", "objects", "digits", "open"],
)
def test_json_that_no_reader_of_it_could_follow_is_none(text: str) -> None:
    assert Exchange("GET", "/todos", None, "", 200, text, 0.0).json is None


def test_json_as_deep_as_an_api_may_need_is_read() -> None:
    text = '{"data":' * 50 + "[{}]" + "}" * 50
    assert Exchange("GET", "/todos", None, "", 200, text, 0.0).json is not None


def test_a_request_that_had_the_rest_of_a_checks_time_is_not_said_to_have_no_answer(
    app: App, launcher: Launcher
) -> None:
    slow = HELLO + "import time\n@app.get('/slow')\ndef slow(): time.sleep(60)\n"
    with Server(app(slow), launcher) as server:
        server.start()
        server.begin_anew(0.5)
        with pytest.raises(TookTooLong, match="The check ran out of time"):
            server.get("/slow")
