"""The report shows a class, and what a submission says never becomes markup."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lab.grade.mistakes import mistakes
from lab.grade.outcome import Outcome, Prediction, Status
from lab.grade.report import html_of
from lab.grade.scores import Class, points
from lab.model import CheckResult, Crash, Evidence, ExerciseResult, Frame, Verdict
from tests.support.browser import PHONE, PROJECTOR, browsing

PAPER = (794, 1123)  # A4 at 96 dots an inch
EVIL = "</script><script src=https://evil.example/x.js></script>\"><img src=x onerror='alert(1)'>"


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def failed(name: str, line: int, help: str = EVIL, crash: bool = True) -> Outcome:
    frame = Frame("main.py", line, "create", f"db.add({EVIL})")
    seen = Evidence(curl=EVIL, log=EVIL, crash=Crash("OperationalError", EVIL, frame))
    check = CheckResult(
        "is_kept", "It is kept", Verdict.FAILED, EVIL, EVIL, help, seen if crash else None
    )
    right = CheckResult("is_made", "It is made", Verdict.PASSED)
    result = ExerciseResult("persist", Verdict.FAILED, (right, check))
    said = (Prediction("break-1", EVIL, False),)
    return Outcome(name, "d", Status.JUDGED, EVIL, EVIL, EVIL, 1.0, (result,), said)


def of(*outcomes: Outcome) -> Class:
    return Class(("persist",), outcomes, points(("persist",)))


def test_nothing_that_a_submission_says_becomes_markup() -> None:
    page = html_of(of(failed(EVIL, 3), Outcome("b", "d", Status.NO_APP, EVIL)))
    tags = Tags(page)
    scripts = [attributes for tag, attributes in tags.found if tag == "script"]
    assert scripts == [{}] and not any(tag == "img" for tag, _ in tags.found)
    assert not any(name.startswith("on") for _, attributes in tags.found for name in attributes)
    assert tags.text.count(EVIL) >= 6


def test_the_page_needs_no_other_host_and_forbids_other_scripts() -> None:
    tags = Tags(html_of(of(failed("ada", 3))))
    assert not any({"src", "href"} & attributes.keys() for _, attributes in tags.found)
    (policy,) = [a["content"] or "" for t, a in tags.found if t == "meta" and "http-equiv" in a]
    assert "default-src 'none'" in policy and "script-src 'sha256-" in policy


def test_the_same_mistake_is_told_once_with_each_ones_own_line() -> None:
    class_ = of(
        failed("ada", 3),
        failed("bob", 14, "Other words about the same error"),
        failed("eve", 0, "No error", crash=False),
    )
    made = mistakes(class_)
    assert [[one.submission for one in mistake.made] for mistake in made] == [
        ["ada", "bob"],
        ["eve"],
    ]
    assert made[0].error == "OperationalError" and made[1].help == "No error"
    assert [one.line.split(" ")[0] for one in made[0].made] == ["main.py:3", "main.py:14"]
    text = Tags(html_of(class_)).text
    assert "persist: OperationalError. </script>" in text
    assert "main.py:14 in create" in text


def test_what_stops_a_whole_submission_is_told_once_and_names_the_exercises() -> None:
    ids = ("persist", "alter-1")
    said = "The app does not start: SyntaxError: '(' was never closed"

    def with_typo(name: str, line: int) -> Outcome:
        frame = Frame("main.py", line, "<module>", "app = FastAPI(")
        seen = Evidence(crash=Crash("SyntaxError", "'(' was never closed", frame))
        failures = {
            id: CheckResult(id, f"{id} holds", Verdict.FAILED, None, said, "Look there.", seen)
            for id in ids
        }
        results = tuple(ExerciseResult(id, Verdict.FAILED, (failures[id],)) for id in ids)
        return Outcome(name, "d", Status.SYNTAX_ERROR, said, exercises=results)

    class_ = Class(ids, (with_typo("ada", 3), with_typo("bob", 8), failed("eve", 1)), points(ids))
    made = mistakes(class_)
    assert [mistake.exercises for mistake in made] == [ids, ("persist",)]
    assert [one.submission for one in made[0].made] == ["ada", "bob"]
    assert made[0].says == ("persist holds", "alter-1 holds")
    text = Tags(html_of(class_)).text
    assert text.count("2 \u00d7 persist, alter-1: SyntaxError. Look there.") == 1


def test_an_error_of_one_request_is_told_for_each_exercise_that_it_fails() -> None:
    ids = ("persist", "alter-1")
    one = failed("ada", 3)
    results = tuple(replace(one.exercises[0], id=id) for id in ids)
    made = mistakes(Class(ids, (replace(one, says="", exercises=results),), points(ids)))
    assert [mistake.exercises for mistake in made] == [("alter-1",), ("persist",)]


@pytest.mark.long
def test_on_a_screen_on_a_phone_and_on_paper_nobody_is_cut_off(tmp_path: Path) -> None:
    outcomes = (replace(failed("", 3), submission=f"{number:03}") for number in range(300))
    (tmp_path / "report.html").write_bytes(html_of(of(*outcomes)))
    with browsing() as browser:
        for size, is_print in ((PROJECTOR, False), (PHONE, False), (PAPER, True)):
            page = browser.new_page(viewport={"width": size[0], "height": size[1]})
            page.emulate_media(media="print" if is_print else "screen")
            page.goto((tmp_path / "report.html").as_uri())
            outside = page.evaluate(
                "[...document.querySelectorAll('.strip')].filter("
                "strip => strip.scrollWidth > strip.clientWidth).length"
            )
            assert outside == 0, size
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
