"""What the tests of the watch share: a judge that only reads, and waiting for an event."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.model import CheckResult, ExerciseResult, Progress, Verdict
from lab.verify.verdicts import Report
from lab.watch.judging import Event, Judged, Watch

LIST = """def list_todos(db: SessionDep) -> Sequence[Todo]:
    return db.scalars(select(Todo).order_by(Todo.id)).all()
"""
FILTERED = """def list_todos(db: SessionDep, completed: bool | None = None) -> Sequence[Todo]:
    query = select(Todo).order_by(Todo.id)
    if completed is not None:
        query = query.where(Todo.completed == completed)
    return db.scalars(query).all()
"""
RESULT = CheckResult("one", "One thing holds", Verdict.PASSED)


@contextmanager
def ends_in_time(watch: Watch, seconds: float) -> Iterator[None]:
    """A watch that waits in vain ends, so that the test fails in place of hanging."""
    timer = threading.Timer(seconds, watch.press, "q")
    timer.start()
    yield
    timer.cancel()
    timer.join()


def wait_for(watch: Watch, wanted: Callable[[Event], bool], seconds: float = 60.0) -> list[Event]:
    """The events up to and with the first that is wanted."""
    seen: list[Event] = []
    with ends_in_time(watch, seconds):
        for event in watch.events():
            seen.append(event)
            if wanted(event):
                return seen
    raise AssertionError(f"it did not come; what came: {seen}")


class Reader:
    """A judge that takes its time, and whose verdict is what is in main.py when it begins."""

    def __init__(self, folder: Path, checks: int = 4, seconds: float = 0.02) -> None:
        self.main = folder / "main.py"
        self.checks = checks
        self.seconds = seconds
        self.runs = 0
        self.whole = 0

    def __call__(self, progress: Progress) -> Report:
        self.runs += 1
        text = self.main.read_text() if self.main.exists() else "none"
        for _ in range(self.checks):
            time.sleep(self.seconds)
            progress(RESULT)
        self.whole += 1
        return Report(text, (ExerciseResult("one", Verdict.PASSED, (RESULT,)),), 0.0)


def judged(text: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Judged) and event.report.app == text


@pytest.fixture(name="folder")
def a_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-todos"
    folder.mkdir()
    (folder / "main.py").write_text("first = 0\n")
    return folder


@pytest.fixture(name="reader")
def a_reader(folder: Path) -> Reader:
    return Reader(folder)


@pytest.fixture(name="watch")
def a_watch(folder: Path, reader: Reader) -> Iterator[Watch]:
    """A watch that has judged once."""
    with Watch(folder, reader) as watch:
        wait_for(watch, judged("first = 0\n"))
        yield watch
