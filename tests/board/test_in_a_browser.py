"""The board in a real browser: every button, every key, kill and restart, the way back in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from lab.workspace.workspace import Workspace
from tests.support.browser import PHONE, PROJECTOR, Visit, browsing
from tests.support.serving import PATIENCE, Running, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.long
SMALL_PROJECTOR = (1024, 640)
# Who asks what the API offers, or goes before, may still be under way, and counted with the crowd.
CROWD = re.compile("3[0-9] \N{MULTIPLICATION SIGN} 200")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def running(made: Workspace, browser: Browser) -> Iterator[Running]:
    with serving(made) as running:
        running.wait("started")
        yield running


def board_of(running: Running) -> str:
    return str(running.seen[-1]["board"])


def test_every_button_does_what_it_says(running: Running, browser: Browser) -> None:
    visit = Visit(browser, board_of(running))
    visit.sees("Your API runs", "header")
    visit.page.fill("#title", "<img src=x onerror=document.title='broken'>")
    visit.press("create")
    visit.sees("POST /todos: 201", "#log")
    visit.sees("INSERT INTO", ".steps")
    visit.sees("<img src=x", ".file")
    visit.sees("4 rows", ".file")
    visit.sees("curl -i -X POST", "#command")
    assert visit.page.title() == "The board"
    visit.press("list")
    visit.sees("GET /todos: 200", "#log")
    visit.sees("4 rows", ".answer")
    visit.press("complete")
    visit.sees("PUT /todos/1: 200", "#log")
    visit.press("delete")
    visit.sees("DELETE /todos/4: 204", "#log")
    visit.sees("3 rows", ".file")
    visit.press("crowd")
    visit.sees(CROWD, ".stage")
    visit.press("stop")
    visit.sees("Stopped: SIGTERM", "header")
    visit.press("start")
    visit.sees("Your API runs", "header")
    visit.press("kill")
    visit.sees("Killed: SIGKILL", "header")
    visit.press("create")
    visit.sees("start it", "#command")
    visit.press("start")
    visit.sees("Your API runs", "header")
    visit.press("delete_database")
    visit.page.click("#keep")
    visit.press("delete_database")
    visit.page.click("#really")
    visit.sees("no file", ".file")
    assert not visit.problems
    visit.close()


def test_every_key_does_what_its_button_does(running: Running, browser: Browser) -> None:
    visit = Visit(browser, board_of(running))
    keys = visit.page.keyboard
    visit.sees("Your API runs", "header")
    keys.press("t")
    keys.type("Typed, list and kill")
    keys.press("Enter")
    visit.sees("Typed, list and kill", ".file")
    for key, words in (
        ("c", "POST /todos: 201"),
        ("l", "GET /todos: 200"),
        ("d", "PUT /todos/1: 200"),
        ("x", "DELETE /todos/5: 204"),
    ):
        keys.press(key)
        visit.sees(words, "#log")
    keys.press("a")
    visit.sees(CROWD, ".stage")
    for key, words in (("s", "Stopped"), ("r", "Your API runs"), ("k", "Killed")):
        keys.press(key)
        visit.sees(words, "header")
    keys.press("r")
    visit.sees("Your API runs", "header")
    keys.press("f")
    keys.press("Enter")  # the button that has the focus keeps the file
    visit.sees("4 rows", ".file")
    keys.press("f")
    keys.press("Tab")
    keys.press("Enter")
    visit.sees("no file", ".file")
    assert not visit.problems
    visit.close()


def test_the_way_back_in_time_shows_what_was_then_and_a_seam(
    running: Running, browser: Browser
) -> None:
    visit = Visit(browser, board_of(running))
    keys = visit.page.keyboard
    visit.sees("3 rows", ".file")
    keys.press("c")
    visit.sees("4 rows", ".file")
    keys.press("k")
    visit.sees("Killed", "header")
    assert visit.page.locator(".seam.killed").count() == 1
    keys.press("r")
    visit.sees("Your API runs", "header")
    keys.press("c")
    visit.sees("5 rows", ".file")
    for _ in range(3):
        keys.press("ArrowLeft")
    visit.sees("as it was at", "header")
    visit.sees("4 rows", ".file")
    visit.sees("1 row", ".answer")
    visit.page.click("#to-live")
    visit.sees("5 rows", ".file")
    box = visit.page.locator("#timeline").bounding_box()
    assert box
    visit.page.mouse.click(box["x"] + 20, box["y"] + 30)  # where it was started
    visit.sees("as it was at", "header")
    assert visit.page.locator("#timeline").get_attribute("aria-valuenow") == "0"
    keys.press("End")
    visit.sees("live", "header")
    assert not visit.problems
    visit.close()


def test_a_request_that_waits_for_a_connection_is_seen_to_wait(
    made: Workspace, browser: Browser
) -> None:
    main = made.folder / "todos_app" / "database.py"
    source = main.read_text("utf-8")
    main.write_text(source.replace("        db.close()", "        pass"), "utf-8")
    with serving(made) as running:
        running.wait("started")
        visit = Visit(browser, board_of(running))
        visit.sees("Your API runs", "header")
        visit.page.keyboard.press("a")
        visit.sees("no answer yet", ".stage")
        visit.page.keyboard.press("k")
        visit.sees("no answer", ".stage")
        visit.sees("Killed", "header")
        assert not visit.problems
        visit.close()


@pytest.mark.parametrize("size", [(900, 640), (990, 640), SMALL_PROJECTOR, (1200, 640), PROJECTOR])
def test_the_buttons_stand_in_one_line_with_the_command_below_them_on_the_first_screen(
    running: Running, browser: Browser, size: tuple[int, int]
) -> None:
    visit = Visit(browser, board_of(running), size)
    tops = "[...document.querySelectorAll('[data-action]')].map(e => e.getBoundingClientRect().top)"
    assert visit.page.evaluate(f"new Set({tops}).size") == 1
    end = "document.getElementById('command').getBoundingClientRect().bottom"
    assert visit.page.evaluate(end) <= size[1]
    visit.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PROJECTOR, PHONE])
def test_it_can_be_read_by_everybody(
    running: Running, browser: Browser, scheme: str, size: tuple[int, int]
) -> None:
    visit = Visit(browser, board_of(running), size, color_scheme=scheme, reduced_motion="reduce")
    for action in ("create", "list", "crowd"):
        visit.press(action)
    visit.sees(CROWD, ".stage")
    assert visit.shows_without_a_scrollbar_across()
    visit.sees("GET /todos: 200", "#log")
    assert visit.page.locator("#log").get_attribute("aria-live") == "polite"
    assert not visit.accessibility()
    assert not visit.problems
    visit.close()


def test_very_many_requests_do_not_choke_it(running: Running, browser: Browser) -> None:
    api = running.seen[-1]["url"]
    visit = Visit(browser, board_of(running))
    visit.sees("Your API runs", "header")
    with httpx.Client() as client:
        for _ in range(1000):
            client.get(f"{api}/todos", timeout=PATIENCE)
    visit.press("create")
    visit.sees("POST /todos: 201", "#log")
    visit.sees("4 rows", ".file")
    visit.sees("counted, and not drawn", "#log")
    assert visit.page.locator("#log p").count() < 250
    assert not visit.problems
    visit.close()
