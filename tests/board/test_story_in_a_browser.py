"""A demo in a real browser, while it is played and as a page that was kept."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab import resources
from tests.support.browser import PHONE, PROJECTOR, Visit, browsing
from tests.support.commands import LAB, Shell

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.long
KEPT = sorted((resources.folder("checks").parent / "docs" / "demos").glob("*.html"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


def test_a_demo_is_played_a_beat_at_a_time_with_its_keys(browser: Browser, tmp_path: Path) -> None:
    kept = tmp_path / "kept.html"
    process = subprocess.Popen(
        [*LAB, "demo", "break-1", "--board", "--export", str(kept)],
        cwd=tmp_path,
        env=Shell(tmp_path).environment(PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        url = re.findall(r"http://\S+", process.stdout.readline())[0]
        visit = Visit(browser, url)
        keys = visit.page.keyboard
        visit.sees("1 of 1 so far", "#place")
        words = set()
        for beat in range(2, 60):
            if visit.page.locator(".choices button").count():
                keys.press("2")
                visit.page.wait_for_selector(".choices button[aria-pressed=true]")
            keys.press(" ")
            visit.sees(f"{beat} of {beat} so far", "#place")
            words.add(visit.page.inner_text("#beat"))
            if visit.page.inner_text("#chapter") == "What this shows":
                break
        assert any("predicted" in word for word in words)
        assert any("measured" in word for word in words)
        assert any("$ rm todos.db" in word for word in words)
        place = visit.page.inner_text("#place")
        keys.press("b")
        assert visit.page.inner_text("#place") != place
        keys.press("f")
        visit.until("document.fullscreenElement != null")
        keys.press("f")
        visit.until("document.fullscreenElement == null")
        keys.press("q")
        visit.sees("Ended.", "#hint")
        assert process.wait(30) == 0
        assert not visit.problems
        visit.close()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
@pytest.mark.parametrize(("size", "scheme"), [(PROJECTOR, "light"), (PHONE, "dark")])
def test_a_kept_demo_is_played_scrubbed_and_printed(
    browser: Browser, kept: Path, size: tuple[int, int], scheme: str
) -> None:
    visit = Visit(browser, kept.as_uri(), size, color_scheme=scheme)
    last = int(visit.page.inner_text("#place").split()[-1])
    assert last > 5
    for place in range(1, last + 1):
        assert visit.page.inner_text("#place") == f"{place} of {last}"
        assert visit.page.inner_text("#beat").strip()
        assert visit.shows_without_a_scrollbar_across()
        visit.page.keyboard.press(" ")
    box = visit.page.locator("#strip").bounding_box()
    assert box
    visit.page.mouse.click(box["x"] + 3, box["y"] + 10)
    assert visit.page.inner_text("#place") == f"1 of {last}"
    visit.page.keyboard.press("p")
    visit.sees(f"2 of {last}", "#place")
    visit.page.keyboard.press("p")
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert visit.page.locator("#all article").count() == last
    assert not visit.accessibility()
    assert not visit.problems
    visit.close()


def test_a_kept_demo_is_there_for_each_that_is_shown() -> None:
    assert {path.stem for path in KEPT} >= {
        "persistence",
        "memory",
        "break-1",
        "break-2",
        "break-3",
    }
