"""A vote: phones say what they predict, one vote each, until the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from lab.board.ring import PageEvent
from lab.board.site import LOOPBACK
from lab.board.vote import Vote, picture
from lab.scenario import Prediction
from tests.support.browser import PHONE, Visit, browsing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ASKED = Prediction(
    "What does GET /todos answer?",
    of=lambda seen: 500,
    choices={200: "200", 500: "500", 422: "422"},
    why="Because.",
)
DEVICES = 200


class Room:
    """A vote, and what the screen in front is told of it."""

    def __init__(self) -> None:
        self.told: list[PageEvent] = []
        # The tests are no local network: what holds for its address holds for this one.
        self.vote = Vote(self.told.append, LOOPBACK)
        self.url = self.vote.site.url
        self.headers = {"origin": self.url.rsplit("/", 2)[0]}

    @property
    def counts(self) -> list[int]:
        return list(self.told[-1]["counts"])

    def says(self, device: str, choice: Any) -> int:
        given = {"device": device, "choice": choice}
        return httpx.post(f"{self.url}do/vote", json=given, headers=self.headers).status_code


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    with room.vote.site:
        yield room


def test_each_device_has_one_vote_and_may_change_it_until_the_answer(room: Room) -> None:
    assert room.says("a" * 16, 1) == 409  # nothing is asked yet
    room.vote.ask(ASKED)
    assert room.counts == [0, 0, 0]
    for choice in (0, 0, 1):
        assert room.says("a" * 16, choice) == 200
    assert room.says("b" * 16, 1) == 200
    assert room.counts == [0, 2, 0]
    assert room.vote.close() == 1
    assert room.says("a" * 16, 2) == 409
    room.vote.ask(ASKED)
    assert room.counts == [0, 0, 0]
    assert room.vote.close() is None


def test_what_is_no_vote_does_not_count(room: Room) -> None:
    room.vote.ask(ASKED)
    for device, choice in (("", 1), ("short", 1), ("x" * 65, 1), ("a" * 16, 3), ("a" * 16, "1")):
        assert room.says(device, choice) == 409
    assert room.counts == [0, 0, 0]


def test_the_phones_page_has_no_other_button(room: Room) -> None:
    for name in ("next", "choose", "leave", "kill"):
        answer = httpx.post(f"{room.url}do/{name}", json={}, headers=room.headers)
        assert answer.status_code == 404


@pytest.mark.long
def test_two_hundred_vote_at_once_while_they_look_on(room: Room) -> None:
    room.vote.ask(ASKED)

    async def everybody() -> list[int]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(limits=limits, timeout=60, headers=room.headers) as client:

            async def one(number: int) -> int:
                async with client.stream("GET", f"{room.url}events") as events:
                    async for line in events.aiter_lines():
                        if "asked" in line:
                            break
                    given = {"device": f"device number {number:05}", "choice": number % 3}
                    return (await client.post(f"{room.url}do/vote", json=given)).status_code

            return await asyncio.gather(*map(one, range(DEVICES)))

    assert asyncio.run(everybody()) == [200] * DEVICES
    assert room.counts == [67, 67, 66]


def test_the_code_on_the_wall_is_a_picture_without_anything_else() -> None:
    drawn = picture("http://192.0.2.7:41234/token/").decode()
    assert drawn.startswith(("<?xml", "<svg"))
    assert "<script" not in drawn


@pytest.mark.long
def test_phones_vote_on_their_page_and_see_what_was_measured(room: Room) -> None:
    def pressed(visit: Visit, words: str) -> None:
        visit.page.click(f"button:has-text('{words}')")
        visit.sees("Your vote counts", "[role=status]")

    with browsing() as browser:
        phones = [_phone(browser, room.url, scheme) for scheme in ("light", "dark", "light")]
        room.vote.ask(ASKED)
        for phone in phones:
            phone.sees("What does GET /todos answer?")
        pressed(phones[0], "200")
        pressed(phones[0], "500")
        pressed(phones[1], "500")
        pressed(phones[2], "422")
        assert room.counts == [0, 2, 1]
        assert room.vote.close() == 1
        room.vote.answer(1)
        phones[0].sees("As you said.")
        phones[2].sees("This is what was measured.")
        for phone in phones:
            phone.sees("measured", ".happened")
            assert phone.shows_without_a_scrollbar_across()
            assert not phone.problems
        assert not phones[0].accessibility()
        for phone in phones:
            phone.close()


def _phone(browser: Browser, url: str, scheme: str) -> Visit:
    return Visit(browser, url, PHONE, color_scheme=scheme)
