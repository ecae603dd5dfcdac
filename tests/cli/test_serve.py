"""`lab serve`: one's own API, running, on one's own database."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from lab.workspace.workspace import Workspace
from tests.support.commands import LAB, Shell
from tests.support.serving import PATIENCE, serving


def main_of(made: Workspace) -> Path:
    return made.folder / "todos_app" / "main.py"


def titles(url: str) -> list[str]:
    return [todo["title"] for todo in httpx.get(f"{url}/todos", timeout=PATIENCE).json()]


def test_a_todo_is_still_there_when_the_server_is_started_again(made: Workspace) -> None:
    with serving(made) as running:
        started = running.wait("started")
        assert started["databases"] == ["todos.db"]
        httpx.post(f"{started['url']}/todos", json={"title": "Stay"}, timeout=PATIENCE)
        answered = running.wait("request")
        assert (answered["method"], answered["path"], answered["status"]) == ("POST", "/todos", 201)
        assert running.end() == 0
    with serving(made) as running:
        assert "Stay" in titles(running.wait("started")["url"])


def test_a_save_starts_it_anew_at_the_same_place(made: Workspace) -> None:
    with serving(made) as running:
        url = running.wait("started")["url"]
        source = main_of(made).read_text("utf-8")
        main_of(made).write_text(f"{source}\n@app.get('/new')\ndef new():\n    return 'new'\n")
        assert running.wait("saved")["files"] == ["todos_app/main.py"]
        assert running.wait("started")["url"] == url
        assert httpx.get(f"{url}/new", timeout=PATIENCE).json() == "new"


def test_what_the_app_or_an_editor_writes_starts_nothing_anew(made: Workspace) -> None:
    with serving(made) as running:
        url = running.wait("started")["url"]
        httpx.post(f"{url}/todos", json={"title": "In the database"}, timeout=PATIENCE)
        for name in ("uploads.json", "todos_app/.main.py.swp", "notes.db"):
            (made.folder / name).write_text("{}", "utf-8")
        source = main_of(made).read_text("utf-8")
        main_of(made).write_text(f"{source}\n# saved\n", "utf-8")
        running.wait("saved")
        assert sum(event.get("event") == "saved" for event in running.seen) == 1


@pytest.mark.long
def test_without_reload_a_save_changes_nothing(made: Workspace) -> None:
    with serving(made, "--no-reload") as running:
        url = running.wait("started")["url"]
        main_of(made).write_text("nonsense", "utf-8")
        assert titles(url)
        running.wait("request")
        assert {event["event"] for event in running.seen} == {"started", "request"}


def test_a_syntax_error_is_told_and_the_old_code_runs_until_it_is_mended(made: Workspace) -> None:
    with serving(made) as running:
        url = running.wait("started")["url"]
        source = main_of(made).read_text("utf-8")
        main_of(made).write_text(f"def (\n{source}", "utf-8")
        half = running.wait("half_written")
        assert (half["file"], half["line"]) == ("todos_app/main.py", 1)
        assert titles(url)
        main_of(made).write_text(source, "utf-8")
        assert running.wait("started")["url"] == url
        assert titles(url)


def test_an_error_at_the_start_is_told_with_its_line_and_a_save_mends_it(made: Workspace) -> None:
    source = main_of(made).read_text("utf-8")
    main_of(made).write_text(f"undefined()\n{source}", "utf-8")
    with serving(made) as running:
        assert "NameError" in running.wait("down")["error"]
        assert "todos_app/main.py:1" in running.seen[-1]["error"]
        main_of(made).write_text(source, "utf-8")
        assert titles(running.wait("started")["url"])


def test_an_error_in_an_endpoint_and_what_it_printed_are_shown(made: Workspace) -> None:
    source = main_of(made).read_text("utf-8")
    failing = "@app.get('/fails')\ndef fails():\n    print('I am here')\n    return 1 / 0\n"
    main_of(made).write_text(f"{source}\n{failing}", "utf-8")
    with serving(made) as running:
        url = running.wait("started")["url"]
        assert httpx.get(f"{url}/fails?a=b", timeout=PATIENCE).status_code == 500
        crash = running.wait("crash")
        assert crash["request"] == "GET /fails?a=b"
        assert crash["crash"]["kind"] == "ZeroDivisionError"
        assert crash["crash"]["frame"]["text"] == "return 1 / 0"
        if not any(event.get("line") == "I am here" for event in running.seen):
            running.wait("printed", lambda event: event["line"] == "I am here")
        assert not any("Traceback" in str(event.get("line")) for event in running.seen)


def test_a_process_that_ends_itself_is_told_and_a_save_starts_it_again(made: Workspace) -> None:
    source = main_of(made).read_text("utf-8")
    ending = "@app.get('/ends')\ndef ends():\n    import os\n    os._exit(7)\n"
    main_of(made).write_text(f"{source}\n{ending}", "utf-8")
    with serving(made) as running:
        url = running.wait("started")["url"]
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{url}/ends", timeout=PATIENCE)
        assert "exit code 7" in running.wait("down")["error"]
        main_of(made).write_text(source, "utf-8")
        assert titles(running.wait("started")["url"])


def test_a_port_that_is_taken_is_told_and_the_next_free_one_is_taken(made: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with serving(made, "--port", port) as running:
            taken = running.wait("port_taken")
            assert taken["port"] == port
            assert taken["instead"] > port
            if sys.platform == "linux":
                assert "python" in taken["holder"] or "pytest" in taken["holder"]
            assert running.wait("started")["url"].endswith(f":{taken['instead']}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_leaves_nothing(made: Workspace, number: signal.Signals) -> None:
    shell = Shell(made.folder.parent)
    with serving(made) as running:
        url = running.wait("started")["url"]
        assert titles(url)
        assert len(shell.processes()) >= 2  # the lab and the server are found
        assert running.end(number) == 0
        deadline = time.monotonic() + PATIENCE
        while (left := shell.processes()) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not left
    assert not shell.left()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_the_page_about_the_api_needs_no_other_host(made: Workspace) -> None:
    with serving(made) as running:
        url = running.wait("started")["docs"]
        for page in (url, url.replace("/docs", "/redoc")):
            text = httpx.get(page, timeout=PATIENCE).text
            needed = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]+)"', text)
            assert len(needed) >= 2
            for place in needed:
                assert not place.startswith(("http:", "https:", "//"))
                found = httpx.get(httpx.URL(url).join(place), timeout=PATIENCE)
                assert found.status_code == 200
                assert found.content


@pytest.mark.long
def test_while_it_serves_a_copy_may_be_judged_and_nothing_is_replaced(made: Workspace) -> None:
    shell = Shell(made.folder)
    with serving(made) as running:
        url = running.wait("started")["url"]
        httpx.post(f"{url}/todos", json={"title": "Mine"}, timeout=PATIENCE)
        assert shell.lab("verify", "persist").code == 0
        for words in (["undo"], ["reset"], ["run", "break-2", "-y", "--no-predict"], ["serve"]):
            refused = shell.lab(*words)
            assert refused.code == 3
            refused.said("`lab serve`", "is using the workspace", "Ctrl+C")
        assert "Mine" in titles(url)
        assert running.end() == 0
    shell.lab("reset").said("Reset")


def test_a_person_is_told_where_it_is_and_what_is_asked_of_it(made: Workspace) -> None:
    process = subprocess.Popen(
        [*LAB, "serve", "--port", "0"],
        cwd=made.folder,
        env=Shell(made.folder.parent).environment(PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = process.stdout.readline()
        url = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
        assert said == f"Your API is at {url}, on todos.db.\n"
        assert process.stdout.readline() == f"Try it in the browser: {url}/docs\n"
        httpx.get(f"{url}/todos/12345?really=no", timeout=PATIENCE)
        board = r"See what happens in it: http://127\.0\.0\.1:\d+/[\w-]+/\n"
        assert re.fullmatch(board, process.stdout.readline())
        lines = [process.stdout.readline() for _ in range(3)]
        assert re.fullmatch(r"GET    /todos/12345\?really=no  404  \d+ ms\n", lines[-1])
        process.send_signal(signal.SIGINT)
        assert "Your API has stopped." in process.stdout.read()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
