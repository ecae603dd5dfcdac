"""A real headless Chromium, where the machine has one; else the test is skipped with a word."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
PROJECTOR, PHONE = (1280, 720), (390, 844)
AXE = "LAB_AXE"  # the path of axe.min.js, of the npm package axe-core


def chromium() -> str:
    """The browser's path. Skips the test where there is none, or no Playwright to drive it."""
    pytest.importorskip("playwright", reason="no Playwright: pip install -e '.[proofs]'")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium")
    return found


@contextmanager
def browsing() -> Iterator[Browser]:
    """Give a browser for as long as the block runs."""
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


class Visit:
    """One visitor of a page: what it asks other hosts for, and what its console says, is kept."""

    def __init__(self, browser: Browser, url: str, size: tuple[int, int] = PROJECTOR, **more: Any):
        viewport: Any = {"width": size[0], "height": size[1]}
        self.problems: list[str] = []
        self._own = "/".join(url.split("/")[:3])
        self._context = browser.new_context(viewport=viewport, **more)
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda message: self._said(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(url)

    def _said(self, kind: str, text: str) -> None:
        # A button that is refused answers 409, which the browser notes.
        if kind in ("error", "warning") and "409" not in text:
            self.problems.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self._own, "data:", "file:")):
            self.problems.append(f"another host: {url}")

    def press(self, action: str) -> None:
        """Press a button of the board."""
        self.page.click(f"[data-action={action}]")

    def sees(self, words: str | re.Pattern[str], within: str = "body", seconds: int = 30) -> None:
        """Wait until the words are there to be read."""
        found = self.page.locator(within).filter(has_text=words).first
        found.wait_for(state="visible", timeout=seconds * 1000)

    def until(self, script: str, seconds: int = 60) -> None:
        """Wait until an expression is true. (Playwright's own way the page's policy forbids.)"""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(script):
            assert time.monotonic() < deadline, script
            self.page.wait_for_timeout(50)

    def shows_without_a_scrollbar_across(self) -> bool:
        """Whether the page is no wider than the screen."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(wide)) <= 0

    def accessibility(self) -> list[str]:
        """What axe-core finds that is serious; skips the test where it is not there."""
        script = os.environ.get(AXE, "")
        if not Path(script).is_file():
            pytest.skip(f"no axe-core: npm install axe-core, and {AXE}=.../axe.min.js")
        # Playwright's own world is not bound by the page's policy.
        self.page.evaluate(Path(script).read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
        return [f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:3]]}" for v in serious]

    def close(self) -> None:
        self._context.close()
