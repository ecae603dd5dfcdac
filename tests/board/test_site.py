"""Who may ask a board for something, and what its pages are made of."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

import httpx
import pytest

from lab.board.ring import Ring
from lab.board.site import STATIC, Refused, Site

PAGES = sorted(path.name for path in STATIC.glob("*.html"))


class Board:
    """A board with one button, which notes what it was given."""

    def __init__(self) -> None:
        self.noted: list[Any] = []
        self.ring = Ring()
        self.site = Site("board.html", self.ring, {"note": self._note, "no": self._no})

    def _note(self, given: Any) -> dict[str, Any]:
        self.noted.append(given)
        return {"said": "noted"}

    def _no(self, given: Any) -> dict[str, Any]:
        raise Refused("Not now.")

    def post(self, name: str = "note", **headers: str) -> httpx.Response:
        """A press of the button, as the page does it, with these headers put in or left out."""
        own = self.site.url.split("/")[2]
        sent = {"origin": f"http://{own}", "content-type": "application/json", **headers}
        kept = {name: value for name, value in sent.items() if value}
        return httpx.post(f"{self.site.url}do/{name}", content=b"{}", headers=kept)


@pytest.fixture
def board() -> Iterator[Board]:
    made = Board()
    with made.site:
        yield made


def test_a_press_of_the_pages_own_button_is_done(board: Board) -> None:
    assert board.post().json() == {"said": "noted"}
    assert board.noted == [{}]


def test_what_cannot_be_done_is_said(board: Board) -> None:
    refused = board.post("no")
    assert (refused.status_code, refused.json()) == (409, {"said": "Not now."})


def test_without_the_token_nothing_is_answered(board: Board) -> None:
    root = board.site.url.rsplit("/", 2)[0]
    token = board.site.url.split("/")[3]
    for path in ("", "/", "/events", "/static/board.js", "/do/note", f"/{token[:-1]}/", "//"):
        answer = httpx.get(f"{root}{path}")
        assert answer.status_code == 404, path
        assert token not in answer.text
    other = f"{root}/{token[::-1]}/do/note"
    headers = {"origin": root, "content-type": "application/json"}
    assert httpx.post(other, content=b"{}", headers=headers).status_code == 404
    assert not board.noted


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
        ({"origin": ""}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_foreign_page_changes_nothing(board: Board, headers: dict[str, str], status: int) -> None:
    assert board.post(**headers).status_code == status
    assert not board.noted


def test_a_refusal_arrives_also_where_the_body_comes_after_it(board: Board) -> None:
    head = b"POST /do/note HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n"
    with socket.create_connection(("127.0.0.1", board.site.port), timeout=60) as client:
        for _ in range(2):
            client.sendall(head)
            answer = HTTPResponse(client)
            answer.begin()
            client.sendall(b"{}")
            assert (answer.status, answer.read()) == (421, b"The board has another address.\n")


def test_a_press_with_very_much_to_say_is_not_read(board: Board) -> None:
    headers = {"origin": board.site.url.rsplit("/", 2)[0], "content-type": "application/json"}
    content = b'{"title": "' + b"x" * 5000 + b'"}'
    answer = httpx.post(f"{board.site.url}do/note", content=content, headers=headers)
    assert answer.status_code == 413
    assert not board.noted


def test_a_foreign_page_may_not_read_along(board: Board) -> None:
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        for path in ("", "events", "static/board.js"):
            assert httpx.get(board.site.url + path, headers=headers).status_code == 403


def test_nothing_is_changed_by_a_get(board: Board) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        answer = httpx.request(method, f"{board.site.url}do/note")
        assert answer.status_code in (403, 405), method
    assert not board.noted


def test_no_file_but_the_pages_own_is_given(board: Board) -> None:
    for name in ("../site.py", "..%2fsite.py", "%2e%2e/site.py", "nothing.js", "site.py"):
        assert httpx.get(f"{board.site.url}static/{name}").status_code == 404


def test_every_answer_forbids_what_is_not_the_boards_own(board: Board) -> None:
    for path in ("", "static/board.js", "static/nothing.js", "elsewhere"):
        headers = httpx.get(board.site.url + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(page: str) -> None:
    text = (STATIC / page).read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) == [""]
    for place in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert (STATIC / place.removeprefix("static/")).is_file(), place


def test_no_script_of_a_board_parses_markup() -> None:
    for script in STATIC.glob("*.js"):
        text = script.read_text("utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in text, script.name


@contextmanager
def reading(url: str) -> Iterator[Iterator[list[dict[str, Any]]]]:
    with httpx.stream("GET", url, timeout=60) as answer:
        lines = answer.iter_lines()
        yield (json.loads(line[6:]) for line in lines if line.startswith("data: "))


def test_events_come_as_they_are_told_and_from_where_a_page_has_left_off(board: Board) -> None:
    board.ring.tell({"kind": "note", "words": "first"}, {"kind": "note", "words": "second"})
    with reading(f"{board.site.url}events?after=1") as batches:
        assert [event["words"] for event in next(batches)] == ["second"]
        board.ring.tell({"kind": "note", "words": "third"})
        assert [event["words"] for event in next(batches)] == ["third"]


def test_a_board_that_is_read_along_ends_all_the_same() -> None:
    made = Board()
    with made.site:
        made.ring.tell({"kind": "note"})
        with reading(f"{made.site.url}events") as batches:
            next(batches)
            made.site.__exit__()
            assert not list(batches)
    with pytest.raises(httpx.ConnectError):
        httpx.get(made.site.url)


def test_the_ring_keeps_a_bounded_number_and_says_what_is_gone() -> None:
    ring = Ring(most_bytes=10_000)
    for number in range(5000):
        ring.tell({"kind": "note", "number": number})
    last, texts = ring.since(0)
    assert last == 5000
    assert sum(map(len, texts)) < 10_100
    first, *others = map(json.loads, texts)
    assert first == {"kind": "gone", "count": 5000 - len(others)}
    assert [event["number"] for event in others] == list(range(5000 - len(others), 5000))
