"""A learner's app as a real server, under both launchers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lab.appserver.curl import curl
from lab.appserver.launchers import Launcher, Process, SubprocessLauncher
from lab.appserver.server import LOCK, Server
from lab.appserver.spec import Spec
from lab.model import AppFailed
from lab.workspace.operations import Request

App = Callable[[str], Path]

HELLO = """
from fastapi import FastAPI
app = FastAPI()
"""


def test_a_todo_survives_every_kind_of_restart(reference: Path, each_launcher: Launcher) -> None:
    with Server(reference, each_launcher) as server:
        server.start()
        assert server.app == "todos_app.main:app"
        assert server.post("/todos", {"title": "keep me"}).status == 201
        for kill in (False, True):
            server.restart(kill=kill)
            assert [todo["title"] for todo in server.get("/todos").json] == ["keep me"]
        assert server.databases() == [reference / "todos.db"]


def test_each_start_imports_the_code_anew(app: App, each_launcher: Launcher) -> None:
    folder = app(HELLO + "@app.get('/n')\ndef n(): return 1\n")
    with Server(folder, each_launcher) as server:
        server.start()
        assert server.get("/n").json == 1
        # The same size within the same second: a stale .pyc would be served.
        app(HELLO + "@app.get('/n')\ndef n(): return 2\n")
        server.restart(kill=True)
        assert server.get("/n").json == 2
    assert not list(folder.rglob("__pycache__"))


def test_stop_and_kill_end_as_a_person_would_see_it(app: App, each_launcher: Launcher) -> None:
    with Server(app(HELLO), each_launcher) as server:
        server.start()
        assert server.stop() == -signal.SIGTERM
        server.start()
        assert server.stop(by=signal.SIGINT) == 0
        server.start()
        assert server.log.text().count("Application startup complete") == 3


def test_the_process_looks_like_one_that_uvicorn_started(
    app: App, each_launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/not-this-one.db")
    folder = app(
        HELLO
        + textwrap.dedent(
            """
            import os, random, sys, threading
            AT_IMPORT = sorted(t.name for t in threading.enumerate())
            @app.get("/seen")
            def seen():
                return {
                    "argv": sys.argv, "path": sys.path[0], "cwd": os.getcwd(),
                    "url": os.environ.get("DATABASE_URL"),
                    "main": sorted(n for n in vars(sys.modules["__main__"]) if n[0] != "_"),
                    "lab": [n for n in sys.modules if n.split(".")[0] == "lab"],
                    "random": random.random(), "threads": AT_IMPORT,
                    "pytest": [n for n in os.environ if n.startswith("PYTEST_")],
                    "stdin": sys.stdin.read(),
                    "fds": len(os.listdir("/proc/self/fd")) if os.path.exists("/proc") else 0,
                }
            """
        )
    )
    with Server(folder, each_launcher) as server:
        server.start()
        first = server.get("/seen").json
        server.restart(kill=True)
        second = server.get("/seen").json
    assert first["argv"][0] == "uvicorn"
    assert first["path"] == first["cwd"] == str(folder.resolve())
    assert (first["url"], first["main"]) == (None, [])
    assert first["lab"] == first["pytest"] == []
    assert first["threads"] == ["MainThread", "lab-lifeline"]
    assert first["stdin"] == ""
    assert first["random"] != second["random"]
    # Standard input, output and error; the loop's own; the channel and the listening socket.
    assert first["fds"] == second["fds"] < 16


def test_a_crash_at_import_names_the_learners_own_line(app: App, each_launcher: Launcher) -> None:
    folder = app("from fastapi import FastAPI\nfrom nowhere import thing\n")
    with pytest.raises(AppFailed) as failed, Server(folder, each_launcher) as server:
        server.start()
    assert "No module named 'nowhere'" in failed.value.message
    assert "main.py:2" in failed.value.message


def test_a_syntax_error_names_file_and_line(app: App, each_launcher: Launcher) -> None:
    folder = app(HELLO + "def broken(:\n    pass\n")
    with (
        pytest.raises(AppFailed, match=r"SyntaxError.*main\.py:4"),
        Server(folder, each_launcher) as server,
    ):
        server.start()


def test_an_error_in_the_lifespan_names_the_learners_own_line(
    app: App, each_launcher: Launcher
) -> None:
    folder = app(
        textwrap.dedent(
            """
            from contextlib import asynccontextmanager
            from fastapi import FastAPI
            @asynccontextmanager
            async def lifespan(app):
                raise RuntimeError("no tables today")
                yield
            app = FastAPI(lifespan=lifespan)
            """
        )
    )
    with (
        pytest.raises(AppFailed, match=r"no tables today.*main\.py:6"),
        Server(folder, each_launcher) as server,
    ):
        server.start()


@pytest.mark.parametrize("ending", ["sys.exit(4)", "os._exit(4)", "os.kill(os.getpid(), 9)"])
def test_an_app_that_ends_while_it_starts_is_reported(
    app: App, each_launcher: Launcher, ending: str
) -> None:
    folder = app("import os, sys\n" + ending + "\n" + HELLO)
    with pytest.raises(AppFailed) as failed, Server(folder, each_launcher) as server:
        server.start()
    assert "SystemExit" in failed.value.message or "ended while it was" in failed.value.message


def test_an_app_that_never_starts_is_reported_with_the_line_it_hangs_at(
    app: App, each_launcher: Launcher
) -> None:
    folder = app(HELLO + "import time\nwhile True:\n    time.sleep(987)\n")
    with (
        pytest.raises(AppFailed, match=r"within.*main\.py:6"),
        Server(folder, each_launcher, seconds=8) as server,
    ):
        server.start()


def test_a_folder_without_an_app_says_what_was_looked_at(
    tmp_path: Path, each_launcher: Launcher
) -> None:
    (tmp_path / "empty").mkdir()
    with (
        pytest.raises(AppFailed, match=r"no main\.py, app\.py or api\.py"),
        Server(tmp_path / "empty", each_launcher) as server,
    ):
        server.start()


def test_an_app_that_is_busy_now_and_then_is_seen_where_it_is(app: App, launcher: Launcher) -> None:
    folder = app(
        HELLO
        + textwrap.dedent(
            """
            import asyncio, time
            from contextlib import asynccontextmanager
            async def drip():
                while True:
                    await asyncio.sleep(0.08)
                    time.sleep(0.02)
            @asynccontextmanager
            async def life(app):
                kept = asyncio.create_task(drip())
                yield
            app = FastAPI(lifespan=life)
            """
        )
    )
    with Server(folder, launcher) as server:
        server.start()
        seen = [server.events.ask_where(2.0) for _ in range(10)]
    assert [frame and frame.function for frame in seen] == ["drip"] * 10


def test_an_answer_that_never_ends_is_cut_off(app: App, launcher: Launcher) -> None:
    folder = app(
        HELLO
        + textwrap.dedent(
            """
            import time
            from fastapi.responses import StreamingResponse
            @app.get("/drip")
            def drip():
                def words():
                    while True:
                        time.sleep(0.1)
                        yield b"x"
                return StreamingResponse(words())
            @app.get("/flood")
            def flood():
                def words():
                    while True:
                        yield b"x" * 100000
                return StreamingResponse(words())
            """
        )
    )
    with Server(folder, launcher, seconds=4) as server:
        server.start()
        with pytest.raises(AppFailed, match="more than 5 MB"):
            server.get("/flood")
        with pytest.raises(AppFailed, match="did not end"):
            server.get("/drip")


def test_an_endpoint_that_ends_the_process_is_reported(app: App, each_launcher: Launcher) -> None:
    folder = app(HELLO + "import os\n@app.get('/end')\ndef end(): os._exit(5)\n")
    with Server(folder, each_launcher) as server:
        server.start()
        with pytest.raises(AppFailed, match="exit code 5"):
            server.get("/end")


def test_an_unhandled_error_comes_with_its_line_and_log(app: App, each_launcher: Launcher) -> None:
    folder = app(HELLO + "@app.get('/')\ndef root():\n    return {}['missing']\n")
    with Server(folder, each_launcher) as server:
        server.start()
        answer = server.get("/")
    assert answer.status == 500
    assert answer.crash and answer.crash.frame
    assert str(answer.crash.frame) == "main.py:6 in root: return {}['missing']"
    assert "KeyError: 'missing'" in answer.log
    assert str(folder) not in answer.log


def test_a_database_outside_the_folder_is_not_touched(
    app: App, each_launcher: Launcher, tmp_path: Path
) -> None:
    outside = tmp_path / "precious.db"
    folder = app(HELLO + f"import sqlite3\nsqlite3.connect({str(outside)!r})\n")
    with (
        pytest.raises(AppFailed, match=r"outside its folder.*main\.py:5"),
        Server(folder, each_launcher) as server,
    ):
        server.start()
    assert not outside.exists()


def test_processes_that_the_app_started_end_with_the_server(
    app: App, each_launcher: Launcher
) -> None:
    folder = app(
        HELLO
        + "import subprocess, sys\n"
        + "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        + "@app.get('/child')\ndef pid(): return child.pid\n"
    )
    with Server(folder, each_launcher) as server:
        server.start()
        child = server.get("/child").json
        assert psutil.pid_exists(child)
    assert_gone([child])


def test_a_burst_cut_short_returns_what_was_answered(
    reference: Path, each_launcher: Launcher
) -> None:
    def writes() -> Iterator[Request]:
        for number in range(5000):
            yield "POST", "/todos", {"title": f"{number}"}

    with Server(reference, each_launcher) as server:
        server.start()
        answered = server.kill_during(writes(), answers=30)
        assert 30 <= len(answered) < 5000
        server.start()
        have = {todo["title"] for todo in server.get("/todos").json}
    assert {done.sent["title"] for done in answered} <= have


def test_leaked_connections_are_counted_with_the_line_that_took_them(
    reference: Path, each_launcher: Launcher
) -> None:
    database = reference / "todos_app" / "database.py"
    source = database.read_text("utf-8")
    start = source.index("    db = SessionLocal()")
    end = source.index("SessionDep =")
    database.write_text(
        source[:start] + "    db = SessionLocal()\n    return db\n\n\n" + source[end:], "utf-8"
    )
    with Server(reference, each_launcher, collect=False) as server:
        server.start()
        counts = []
        for _ in range(4):
            server.get("/todos")
            counts.append(len(server.connections_out(grace=0.1)))
        frame = server.connections_out()[0].frame
    assert counts == [1, 2, 3, 4]
    assert frame and frame.function == "list_todos"


def test_a_server_ends_when_the_lab_is_killed(reference: Path, tmp_path: Path) -> None:
    for name in ("fork", "subprocess"):
        program = textwrap.dedent(
            f"""
            import sys
            from pathlib import Path
            from lab.appserver.launchers import choose
            from lab.appserver.server import Server
            server = Server(Path({str(reference)!r}), choose({name!r}))
            server.start()
            print("up", flush=True)
            sys.stdin.read()
            """
        )
        lab = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert lab.stdout and lab.stdout.readline() == b"up\n"
        started = [child.pid for child in psutil.Process(lab.pid).children(recursive=True)]
        assert started
        os.kill(lab.pid, signal.SIGKILL)
        lab.wait()
        assert_gone(started)


def test_a_module_that_hides_a_framework_breaks_the_app_as_it_would_by_hand(
    app: App, each_launcher: Launcher
) -> None:
    folder = app(HELLO)
    (folder / "fastapi.py").write_text("# my notes on FastAPI\n", "utf-8")
    with pytest.raises(AppFailed, match="ImportError"), Server(folder, each_launcher) as server:
        server.start()


def test_the_curl_that_is_shown_can_be_pasted() -> None:
    said = curl("POST", "/todos", {"title": "it's"})
    assert said.startswith("curl -i -X POST http://127.0.0.1:8000/todos -H ")
    shell = subprocess.run(
        ["sh", "-c", "printf '%s\n' " + said.removeprefix("curl ")], capture_output=True, text=True
    )
    assert '{"title": "it\'s"}' in shell.stdout.splitlines()


def assert_gone(pids: list[int]) -> None:
    """Fails where one of the processes still runs after 2 s."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        alive = [pid for pid in pids if psutil.pid_exists(pid) and running(pid)]
        if not alive:
            return
        time.sleep(0.02)
    raise AssertionError(f"still running: {alive}")


def running(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


SLOW_END = """
import time
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.responses import RedirectResponse
app = FastAPI()
kept = []

def unit():
    work = []
    yield work
    time.sleep(0.2)
    kept.extend(work)
    print("kept", work, flush=True)

@app.post("/todos")
def create(body: dict, work: list = Depends(unit)):
    work.append(body["title"])
    return work

@app.get("/todos")
def all():
    return kept

@app.get("/old")
def old():
    return RedirectResponse("/todos")

@app.get("/missing")
def missing():
    raise HTTPException(404)

@app.get("/endless")
def endless(tasks: BackgroundTasks):
    tasks.add_task(time.sleep, 60)
    return kept
"""


def test_a_request_meets_what_the_one_before_has_done_after_its_answer(
    app: App, each_launcher: Launcher
) -> None:
    with Server(app(SLOW_END), each_launcher) as server:
        server.start()
        for number in range(3):
            server.post("/todos", {"title": f"{number}"})
            assert len(server.get("/todos").json) == number + 1
        server.post("/todos", {"title": "3"})
        server.restart(kill=True)
        assert server.log.text().count("kept") == 4


def test_who_interrupts_many_requests_waits_for_none_of_them(
    app: App, launcher: Launcher, tmp_path: Path
) -> None:
    answered = tmp_path / "answered"
    source = f"""
import asyncio
from pathlib import Path
from fastapi import FastAPI
app = FastAPI()
@app.get("/todos")
async def todos():
    Path({str(tmp_path / "came")!r}).touch()
    await asyncio.sleep(6)
    Path({str(answered)!r}).touch()
"""
    ended = threading.Event()

    def press() -> None:
        while not (tmp_path / "came").exists() and not ended.wait(0.01):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    with Server(app(source), launcher, "main:app") as server:
        server.start()
        threading.Thread(target=press).start()
        with pytest.raises(KeyboardInterrupt):
            server.at_once([("GET", "/todos", None)] * 4)
        ended.set()
    assert not answered.exists()


def test_what_never_ends_after_its_answer_holds_nobody_up_for_long(
    app: App, each_launcher: Launcher
) -> None:
    with Server(app(SLOW_END), each_launcher) as server:
        server.start()
        server.get("/endless")
        began = time.monotonic()
        for _ in range(3):
            assert server.get("/todos").ok
        server.restart(kill=True)
        assert time.monotonic() - began < 30  # of the 60 that it takes


def test_a_process_that_is_to_end_with_an_answer_does_nothing_after_it(
    app: App, each_launcher: Launcher
) -> None:
    with Server(app(SLOW_END), each_launcher) as server:
        server.start()
        server.end_with_success()
        assert server.get("/missing").status == 404
        assert server.post("/todos", {"title": "lost"}).json == ["lost"]
        with pytest.raises(AppFailed):
            server.get("/todos")
        server.restart(kill=True)
        assert "kept" not in server.log.text()
        server.end_with_success()
        assert server.get("/old").ok  # a redirect is no answer yet


def test_a_deleted_database_is_not_opened_anew_by_the_next_request(
    reference: Path, each_launcher: Launcher
) -> None:
    source = reference / "todos_app" / "database.py"
    late = source.read_text("utf-8").replace(
        "db.close()", "__import__('time').sleep(0.2), db.close()"
    )
    source.write_text(late, "utf-8")
    with Server(reference, each_launcher) as server:
        server.start()
        server.post("/todos", {"title": "from before"})
        assert server.delete_databases() == ["todos.db"]
        assert [todo["title"] for todo in server.get("/todos").json] == ["from before"]
        assert not (reference / "todos.db").exists()


class Noise(SubprocessLauncher):
    """A launcher at whose servers' line another program of this machine is heard first."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def launch(self, spec: Spec) -> Process:
        with socket.create_connection(spec.channel) as stranger:
            stranger.sendall(self._said)
        return super().launch(spec)


@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.1\r\n\r\n", b"5\n", b"[5]\n", b'[{"a": 1}]\n', b"\xff\n"]
)
def test_another_program_at_the_servers_line_changes_nothing(reference: Path, said: bytes) -> None:
    with Server(reference, Noise(said)) as server:
        server.start()
        assert server.get("/todos").json == []


def test_an_answer_is_told_before_its_request_is_done(app: App, launcher: Launcher) -> None:
    later = """
import asyncio
from fastapi import BackgroundTasks
async def later():
    await asyncio.sleep(30)
@app.get("/todos")
def todos(tasks: BackgroundTasks):
    tasks.add_task(later)
    return []
"""
    with Server(app(HELLO + later), launcher) as server:
        server.start()
        assert server.get("/todos").status == 200
        told = server.events.wait(10, lambda event: event["event"] == "response")
        assert told
        assert told["status"] == 200
        assert not server.events.all("done")


def test_who_is_answered_while_another_one_waits_for_the_lock_has_not_waited(
    reference: Path, launcher: Launcher
) -> None:
    database = reference / "todos_app" / "database.py"
    source = database.read_text("utf-8")
    engine = '"sqlite:///./todos.db"))'
    assert engine in source
    gives_up = engine.replace("))", '), connect_args={"timeout": 0.3})')
    database.write_text(source.replace(engine, gives_up), "utf-8")
    with Server(reference, launcher) as server:
        server.start()
        for _ in range(12):  # the answer and the server's last word of it race each other
            found = server.interleave(
                ("POST", "/todos", {"title": "Buy milk"}), LOCK, ("GET", "/todos", None)
            )
            assert (found.waited, found.held.status) == (False, 201)


def test_a_second_process_serves_the_same_folder_until_its_block_ends(
    app: App, each_launcher: Launcher
) -> None:
    where = "@app.get('/where')\ndef where(): return [os.getpid(), os.getcwd()]\n"
    folder = app(HELLO + "import os\n" + where)
    with Server(folder, each_launcher) as server:
        server.start()
        with server.beside() as second:
            (one, here), (other, there) = (each.get("/where").json for each in (server, second))
            assert (here, one == other, psutil.pid_exists(other)) == (there, False, True)
            assert [exchange.json[0] for exchange in server.exchanges] == [one, other]
            for each in (server, second):
                assert each.log.text().count("Application startup complete") == 1
        assert not psutil.pid_exists(other)
        assert server.get("/where").json[0] == one
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
