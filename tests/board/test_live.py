"""The board beside `lab serve`: real requests and signals, and what it tells of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab.workspace import creation
from lab.workspace.workspace import Workspace
from tests.support.commands import Shell
from tests.support.serving import PATIENCE, Running, serving

Event = dict[str, Any]
OWN_NAMES = """\
from fastapi import FastAPI, HTTPException

app = FastAPI()
tasks = {}


@app.get("/api/v1/tasks")
def tasks_of_all() -> list[dict]:
    return list(tasks.values())


@app.post("/api/v1/tasks", status_code=201)
def add(text: str) -> dict:
    tasks[len(tasks) + 1] = {"id": len(tasks) + 1, "text": text, "done": False}
    return tasks[len(tasks)]


@app.patch("/api/v1/tasks/{task_id}")
def change(task_id: int, done: bool) -> dict:
    tasks[task_id]["done"] = done
    return tasks[task_id]
"""


class Page:
    """What a page of the board does, without a browser."""

    def __init__(self, url: str, lines: Iterator[str]) -> None:
        self.url = url
        self._lines = lines
        self.seen: list[Event] = []
        self._since = 0  # the last press

    def press(self, name: str, **given: Any) -> httpx.Response:
        self._since = len(self.seen)
        headers = {"origin": self.url.rsplit("/", 2)[0]}
        return httpx.post(f"{self.url}do/{name}", json=given, headers=headers, timeout=PATIENCE)

    def wait(self, kind: str, wanted: Callable[[Event], bool] = lambda event: True) -> Event:
        """The first event of this kind since the last press that is wanted."""
        place, deadline = self._since, time.monotonic() + PATIENCE
        while True:
            for event in self.seen[place:]:
                if event["kind"] == kind and wanted(event):
                    return event
            place = len(self.seen)
            line = next(self._lines)
            if line.startswith("data: "):
                self.seen += json.loads(line[6:])
            assert time.monotonic() < deadline, f"no {kind} came"

    def rows(self, count: int) -> Event:
        return self.wait("rows", lambda event: event.get("table", {}).get("count") == count)


@contextmanager
def board(made: Workspace) -> Iterator[tuple[Running, Page]]:
    with serving(made) as running:
        url = running.wait("started")["board"]
        with httpx.stream("GET", f"{url}events", timeout=PATIENCE) as answer:
            yield running, Page(url, answer.iter_lines())


def test_a_button_sends_a_real_request_and_tells_its_curl_its_steps_and_the_rows(
    made: Workspace,
) -> None:
    with board(made) as (running, page):
        title = "<img src=x onerror=alert(1)>"
        said = page.press("create", title=title).json()
        assert said["said"] == "201"
        assert running.wait("request")["status"] == 201
        assert page.wait("button")["command"] == said["command"]
        assert said["command"].startswith("curl -i -X POST http://127.0.0.1:")
        request = page.wait("request", lambda event: event["state"] == "done")
        lanes = {step["lane"] for step in request["steps"]}
        assert lanes == {"client", "endpoint", "session", "pool", "file"}
        assert any(step["what"].startswith("INSERT") for step in request["steps"])
        assert any(event.get("size") == 5 for event in page.seen)
        table = page.rows(4)["table"]
        assert title in table["rows"][-1]


def test_kill_start_and_the_loss_of_the_file_are_done_and_told(made: Workspace) -> None:
    shell = Shell(made.folder)
    with board(made) as (running, page):
        page.rows(3)
        assert page.press("start").json() == {"said": "Your API runs already."}
        page.press("kill")
        assert running.wait("stopped")["killed"]
        assert page.wait("server", lambda event: event["state"] == "killed")
        assert page.press("create").status_code == 409
        page.press("start")
        page.wait("server", lambda event: event["state"] == "running")
        assert page.press("list").json()["said"] == "200"
        assert page.press("delete_database").status_code == 409
        assert (made.folder / "todos.db").exists()
        page.press("delete_database", confirmed=True)
        assert running.wait("deleted")["files"] == ["todos.db"]
        assert page.wait("rows")["files"] == []
        assert running.end() == 0
    assert not (made.folder / "todos.db").exists()
    assert shell.lab("undo").code == 0
    assert (made.folder / "todos.db").exists()


@pytest.mark.long
def test_the_buttons_say_todos_in_the_apps_own_words(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "main.py").write_text(OWN_NAMES, "utf-8")
    made = creation.adopt(source, tmp_path / "own", "main:app", "/api/v1/tasks")
    with board(made) as (_, page):
        created = page.press("create", title="Mine").json()
        assert created["said"] in ("200", "201")
        assert "/api/v1/tasks?text=Mine" in created["command"]
        assert "/api/v1/tasks/1?done=True" in page.press("complete").json()["command"]
        assert page.press("delete").json() == {
            "said": "This API has no request that deletes a todo."
        }
        # The lab's own look at the app's document is no request of the learner's.
        answer = page.wait("answer", lambda event: "PATCH" in event["request"])
        assert answer["table"]["rows"] == [["1", "Mine", "true"]]


@pytest.mark.long
def test_thirty_at_once_leave_nobody_who_holds_a_connection(made: Workspace) -> None:
    with board(made) as (_, page):
        assert page.press("crowd").json()["said"] == "30 times 200"
        assert page.wait("pool", lambda event: event["peak"] > 1)
        done: set[str] = set()

        def all_are_done(event: Event) -> bool:
            done.update([event["id"]] if event["state"] == "done" else [])
            return len(done) == 30

        page.wait("request", all_are_done)
        page.press("list")
        assert page.wait("pool", lambda event: event["count"] == 0)


@pytest.mark.long
def test_ten_thousand_requests_are_told_in_words_and_in_bounded_memory(made: Workspace) -> None:
    with board(made) as (running, page):
        api = running.seen[-1]["url"]
        with httpx.Client() as client:
            for _ in range(1000):
                client.get(f"{api}/todos", timeout=PATIENCE)
        thinned = page.wait("thinned")
        assert thinned["count"] > 0
        drawn = len({event["id"] for event in page.seen if event["kind"] == "request"})
        assert drawn < 500
