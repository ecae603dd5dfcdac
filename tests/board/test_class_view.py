"""A class on a page, in a real browser: it fills in, names wait to be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from lab.board.class_view import ClassView
from lab.grade.outcome import Outcome, Status
from lab.model import CheckResult, ExerciseResult, Verdict
from tests.support.browser import PHONE, PROJECTOR, Visit, browsing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.long
HELP = "Is the commit missing? <img src=x onerror=document.title=1>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


def judged(name: str, *, passes: bool) -> Outcome:
    verdict = Verdict.PASSED if passes else Verdict.FAILED
    check = CheckResult("kept", "A todo is kept.", verdict, help=None if passes else HELP)
    done = ExerciseResult("persist", verdict, (check,))
    other = ExerciseResult("alter-1", Verdict.PASSED, ())
    return Outcome(name, "", Status.JUDGED, exercises=(done, other))


def test_the_class_fills_in_and_tells_no_name_until_it_is_asked(browser: Browser) -> None:
    with ClassView(("persist", "alter-1"), 30) as page:
        page.show(judged(f"student-{n}", passes=n % 3 > 0) for n in range(20))
        visit = Visit(browser, page.url)
        visit.sees("20 of 30 submissions judged", "#state")
        visit.sees("13 of 20", "#grid")
        visit.sees("7 \N{MULTIPLICATION SIGN}", "#mistakes")
        visit.sees("persist: Is the commit missing? <img src=x", "#mistakes")
        assert visit.page.locator("#grid .failed").count() == 7
        assert "student-" not in visit.page.content()
        page.show([Outcome("<b>Eve</b>", "", Status.SYNTAX_ERROR)])
        visit.sees("21 of 30 submissions judged", "#state")
        visit.page.keyboard.press("n")
        visit.sees("<b>Eve</b>", "#grid")
        visit.sees("student-19", "#grid")
        visit.page.keyboard.press("n")
        visit.until("!document.body.innerHTML.includes('student-')")
        for size in (PROJECTOR, PHONE):
            visit.page.set_viewport_size({"width": size[0], "height": size[1]})
            assert visit.shows_without_a_scrollbar_across()
        visit.page.emulate_media(color_scheme="dark")
        assert visit.accessibility() == []
    visit.sees("The lab has ended", "#state")
