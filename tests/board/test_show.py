"""A demo on the board: it goes on when the room does, and can be kept as one page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from lab.board import beats
from lab.board.export import page
from lab.board.show import Left, Show
from lab.course import catalogue
from lab.model import Exchange
from lab.scenario import Exercise
from lab.scenario import events as e

PATIENCE = 60
STORY = catalogue.load().showing("break-2")
MEAN = "</script><img src=x onerror=alert(1)>"


def said(text: str) -> e.Said:
    return e.Said(text)


class Room:
    """Who looks at a show."""

    def __init__(self, show: Show) -> None:
        self._url = show.url

    def press(self, name: str, **given: Any) -> httpx.Response:
        headers = {"origin": self._url.rsplit("/", 2)[0]}
        return httpx.post(f"{self._url}do/{name}", json=given, headers=headers)


class Playing(threading.Thread):
    """A play that runs while the room looks."""

    def __init__(self, play: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._play = play
        self.result: object = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self._play()
        except Left:
            self.result = Left

    def ends_with(self) -> object:
        self.join(PATIENCE)
        assert not self.is_alive()
        return self.result


@pytest.fixture
def show() -> Iterator[Show]:
    with Show(STORY) as show:
        yield show


def test_the_play_waits_until_the_room_goes_on_and_two_presses_are_not_two_beats(
    show: Show,
) -> None:
    passed: list[str] = []

    def play() -> None:
        show.listen(e.Chapter("A chapter is seen with what comes next"))
        for text in ("first", "second", "third"):
            show.listen(said(text))
            passed.append(text)

    playing, room = Playing(play), Room(show)
    room.press("next", seen=2)
    room.press("next", seen=2)
    playing.join(0.5)
    assert passed == ["first"]
    room.press("next", seen=100)  # nobody has seen what was not told
    playing.join(0.5)
    assert "third" not in passed
    room.press("next", seen=4)
    assert playing.ends_with() is None
    assert passed == ["first", "second", "third"]


def test_what_the_room_predicts_is_handed_on(show: Show) -> None:
    assert isinstance(STORY, tuple)
    prediction = STORY[0].prediction
    assert prediction
    room = Room(show)
    assert room.press("choose", choice=1).status_code == 409  # nothing is asked yet
    playing = Playing(lambda: show.ask(prediction))
    while room.press("choose", choice=1).status_code == 409:
        assert playing.is_alive()
    for wrong in (3, -1, "1", None):
        assert room.press("choose", choice=wrong).status_code == 409
    room.press("choose", choice=2)
    room.press("next", seen=1)
    assert playing.ends_with() == 2


def test_whoever_shows_it_may_leave_at_any_moment(show: Show) -> None:
    playing = Playing(lambda: show.listen(said("Not the end")))
    Room(show).press("leave")
    assert playing.ends_with() is Left


def test_at_the_end_it_stays_until_somebody_leaves(show: Show) -> None:
    playing = Playing(show.end)
    playing.join(0.3)
    assert playing.is_alive()
    Room(show).press("leave")
    assert playing.ends_with() is None


def test_without_pauses_nobody_is_waited_for() -> None:
    with Show(STORY, pauses=False) as show:
        for number in range(5):
            show.listen(said(str(number)))


def test_each_part_of_a_story_begins_on_a_server_of_its_own() -> None:
    assert isinstance(STORY, tuple)
    for part in STORY:
        assert isinstance(part, Exercise)
        assert beats.beat(e.Chapter(f"{part.id}: {part.title}"), STORY)["begins"]
    assert not beats.beat(e.Chapter("What happens now"), STORY)["begins"]


def test_a_kept_page_is_one_file_that_needs_and_allows_nothing_else() -> None:
    exchange = Exchange("GET", "/todos", None, "curl", 200, json.dumps([{"id": 1, "t": MEAN}]), 0.1)
    told = [beats.beat(event, STORY) for event in (said(MEAN), e.Requested(exchange))]
    html = page(STORY, told)
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", html)
    assert "http://www.w3.org/2000/svg" in html  # a name, and no address
    assert not re.search(r"^(import|export) ", html, re.MULTILINE)
    assert MEAN not in html
    (story,) = re.findall(r'<script id="story"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert json.loads(story)["beats"][0]["text"] == MEAN
    (script,) = re.findall(r'<script type="module">(.*?)</script>', html, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    for text in (script, style):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
