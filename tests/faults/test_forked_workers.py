"""Two workers that are forked from a process that has imported the app: what they share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.faults import forked_workers as faults
from lab.faults.forked_workers import crossed, forked_workers
from lab.model import AppFailed, NotApplicable, NotPossible
from lab.verify.experiments import forked_workers as experiment
from lab.verify.todos import Todos

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
PIDS = """
import os
imported_by = os.getpid()

@app.get("/todos")
def get_todos():
    return [imported_by, os.getppid(), os.getpid()]
"""
Apps = Callable[[str], Path]


@pytest.mark.launchers
def test_both_workers_are_forks_of_one_process_that_has_imported_the_app_and_serves_nothing(
    app: Apps, each_launcher: Launcher
) -> None:
    with Server(app(APP + PIDS), each_launcher) as server:
        with forked_workers(server) as second:
            first, other = (worker.get("/todos").json for worker in (server, second))
        master = first[0]
        assert first[:2] == other[:2] == [master, master]
        assert len({master, first[2], other[2]}) == 3
        for pid in (master, first[2], other[2]):  # none of them outlives the block
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        server.start()  # by itself again
        assert server.get("/todos").json[0] == server.get("/todos").json[2]


def test_a_worker_that_ends_gives_its_place_to_another_fork(app: Apps, launcher: Launcher) -> None:
    with Server(app(APP + PIDS), launcher) as server, forked_workers(server):
        before = server.get("/todos").json
        server.restart()
        after = server.get("/todos").json
        assert before[0] == after[0] and before[2] != after[2]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (APP + "1 / 0\n", "ZeroDivisionError"),
        ("import sys\nsys.exit('not today')\n", "not today"),
        (APP + "import os\nos._exit(4)\n", "before it could be forked"),
        ("name = 'no app'\n", "no FastAPI app"),
    ],
)
def test_what_the_import_comes_to_is_told(
    app: Apps, launcher: Launcher, source: str, told: str
) -> None:
    with Server(app(source), launcher) as server:
        with pytest.raises(AppFailed) as failed, forked_workers(server):
            pass
        assert told in f"{failed.value.message} {failed.value.crash} {failed.value.log}"
        assert server.launcher is launcher


@pytest.mark.long
def test_an_import_that_never_ends_is_given_up(
    app: Apps, launcher: Launcher, tmp_path: Path
) -> None:
    told = tmp_path / "pid"
    folder = app(
        f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    )
    with (
        Server(folder, launcher) as server,
        pytest.raises(AppFailed, match="before it could be forked"),
        forked_workers(server),
    ):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text("utf-8")), 0)


@pytest.mark.launchers
@pytest.mark.parametrize("endpoint", ["def", "async def"])
def test_one_worker_is_held_before_its_commit_while_the_other_one_is_asked(
    reference: Path, each_launcher: Launcher, endpoint: str
) -> None:
    file = reference / "todos_app" / "main.py"
    source = file.read_text("utf-8")
    file.write_text(source.replace("def create_todo", f"{endpoint} create_todo"), "utf-8")
    with Server(reference, each_launcher) as server, forked_workers(server) as second:
        found = crossed(
            server,
            second,
            lambda: server.post("/todos", {"title": "not committed yet"}),
            lambda: second.get("/todos"),
        )
        assert found.was_held and not found.waited
        assert (found.held.status, found.other.json) == (201, [])
        assert len(second.get("/todos").json) == 1


def test_who_waits_for_the_one_that_is_held_is_told_to(reference: Path, launcher: Launcher) -> None:
    def post(worker: Server) -> int:
        return worker.post("/todos", {"title": "needs the write lock"}).status

    with Server(reference, launcher) as server, forked_workers(server) as second:
        found = crossed(server, second, lambda: post(server), lambda: post(second))
        assert found.was_held and found.waited
        assert (found.held, found.other) == (201, 201)


def test_what_comes_to_no_commit_is_over_before_the_other_one_is_asked(
    app: Apps, launcher: Launcher
) -> None:
    with Server(app(APP + PIDS), launcher) as server, forked_workers(server) as second:
        found = crossed(server, second, lambda: server.get("/todos"), lambda: second.get("/todos"))
        assert not found.was_held and not found.waited
        assert found.held.ok and found.other.ok


def test_a_system_without_fork_is_told_of_and_nobody_fails_there(
    app: Apps, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "CAN_FORK", False)
    monkeypatch.setattr(experiment, "CAN_FORK", False)
    with Server(app(APP + PIDS), launcher) as server:
        with pytest.raises(NotPossible, match="cannot fork"), forked_workers(server):
            pass
        with pytest.raises(NotApplicable), experiment.two_workers(Todos(server)):
            pass
