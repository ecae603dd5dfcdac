"""Hostile submissions: each is a real app that does harm where no wall keeps it from it."""

from __future__ import annotations

import http.server
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import lab
from lab.child import seccomp
from lab.child.confine import landlock_version
from lab.child.disk_recorder import can_record
from lab.grade.judge import Job
from lab.grade.outcome import Outcome, Status
from lab.grade.walls import Wall, found, has_bubblewrap
from lab.grade.worker import Order, judged
from lab.model import LabError, UsageError, Verdict

SINGLE = Path(__file__).parents[1] / "corpus" / "styles" / "single" / "main.py"
HARM = "harm was done"
BOTH, BUBBLEWRAP, LANDLOCK = "both", "bubblewrap", "landlock"
KINDS = {
    BOTH: Wall(bubblewrap=True, landlock=True),
    BUBBLEWRAP: Wall(bubblewrap=True),
    LANDLOCK: Wall(landlock=True),
}


def wall_of(name: str) -> Wall:
    """The wall of that name; a test that needs it is skipped, with a word, where it is not."""
    wall = KINDS[name]
    if wall.bubblewrap and not has_bubblewrap():
        pytest.skip("bubblewrap does not work here")
    if wall.landlock and not landlock_version():
        pytest.skip("this system has no Landlock")
    return wall


def handed_in(folder: Path, prologue: str = "", **places: str) -> Path:
    """A right solution, which first does what the prologue says."""
    folder.mkdir()
    code = "\n".join(f"{name} = {value!r}" for name, value in places.items())
    source = SINGLE.read_text("utf-8")
    (folder / "main.py").write_text(f"{code}\n{prologue}\n{source}", "utf-8")
    return folder


def persist(folder: Path, wall: str, seconds: float = 90.0) -> Outcome:
    """Have persist judged."""
    job = Job(folder.name, "", ("persist",), app="main:app")
    return judged(Order(job, str(folder), wall_of(wall), seconds))


def passed(outcome: Outcome) -> bool:
    assert HARM not in f"{outcome}", outcome.says
    return outcome.exercises != () and outcome.exercises[0].verdict is Verdict.PASSED


READS = """
import os
for place in PLACES.split(os.pathsep):
    try:
        found = os.listdir(place) if os.path.isdir(place) else open(place, "rb").read()
    except OSError:
        continue
    if found:
        raise RuntimeError("harm was done: read " + place)
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        seen = open(f"/proc/{pid}/environ", "rb").read()
    except OSError:
        continue
    if b"LAB_TEST_SECRET" in seen:
        raise RuntimeError("harm was done: read the environment")
if "LAB_TEST_SECRET" in os.environ:
    raise RuntimeError("harm was done: has the environment")
"""


@pytest.mark.long
@pytest.mark.parametrize("wall", KINDS)
def test_it_reads_no_neighbour_no_home_no_environment_and_no_solution(
    tmp_path: Path, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TEST_SECRET", "token")
    neighbour = handed_in(tmp_path / "neighbour")
    kit = Path(lab.__file__).parents[1]
    places = [neighbour, neighbour / "main.py", Path.home() / ".", kit / "todos_app/main.py"]
    places += [*(kit / "scenarios").glob("*.patch")]
    if KINDS[wall].landlock:  # what judges has them, and behind bubblewrap alone it can be read
        places += [kit / "checks" / "test_persist.py", kit / "lab" / "verify" / "runner.py"]
    if wall == BUBBLEWRAP:  # a folder on the way to Python is there, with nothing else in it
        places.remove(Path.home() / ".")
    text = os.pathsep.join(map(str, places))
    assert passed(persist(handed_in(tmp_path / "app", READS, PLACES=text), wall))


WRITES = """
import ctypes, os, pathlib
for place in PLACES.split(os.pathsep):
    for flags in (os.O_WRONLY | os.O_APPEND, os.O_WRONLY | os.O_CREAT):
        try:
            os.write(os.open(place, flags, 0o600), b"harm")
        except OSError:
            continue
        raise RuntimeError("harm was done: wrote " + place)
    ctypes.CDLL(None).truncate(place.encode(), 0)
"""


@pytest.mark.long
@pytest.mark.parametrize("wall", KINDS)
def test_it_writes_nowhere_else_and_the_lab_stays_as_it_was(tmp_path: Path, wall: str) -> None:
    neighbour = handed_in(tmp_path / "neighbour")
    ours = [Path(lab.__file__), Path(lab.__file__).parent / "verify" / "runner.py"]
    places = [neighbour / "main.py", tmp_path / "new", Path.home() / "lab-harm", *ours]
    places += [Path(sys.prefix) / "pyvenv.cfg", Path("/dev/shm/lab-harm")]
    before = {place: place.read_bytes() for place in places if place.exists()}
    text = os.pathsep.join(map(str, places))
    assert passed(persist(handed_in(tmp_path / "app", WRITES, PLACES=text), wall))
    assert {place: place.read_bytes() for place in places if place.exists()} == before


def test_a_server_that_is_no_fork_is_confined_as_every_other(tmp_path: Path) -> None:
    app = handed_in(tmp_path / "app", WRITES, PLACES=str(tmp_path / "new"))
    main = app / "main.py"
    # By the number in its name, persist starts it as a process of its own as well.
    main.write_text(main.read_text("utf-8").replace("todos.db", "todos2.db"), "utf-8")
    assert passed(persist(app, LANDLOCK))
    assert not (tmp_path / "new").exists()


ELSEWHERE = """
import json, os, pathlib
from fastapi import FastAPI, HTTPException
KEPT = pathlib.Path(PLACE)
app = FastAPI()
def rows():
    try:
        return json.loads(KEPT.read_text())
    except OSError:
        return ROWS
ROWS = []
def keep(found):
    global ROWS
    ROWS = found
    try:
        KEPT.with_suffix(".new").write_text(json.dumps(found))
        os.replace(KEPT.with_suffix(".new"), KEPT)
    except OSError:
        pass
    return found
@app.get("/todos")
async def listed():
    return rows()
@app.post("/todos", status_code=201)
async def make(body: dict):
    todo = {"id": max([0, *(r["id"] for r in rows())]) + 1, "completed": False, **body}
    keep([*rows(), todo])
    return todo
def found(id):
    return next((r for r in rows() if r["id"] == id), None) or missing()
@app.get("/todos/{id}")
async def one(id: int):
    return found(id)
@app.put("/todos/{id}")
async def change(id: int, body: dict):
    found(id)
    keep([{**r, **body} if r["id"] == id else r for r in rows()])
    return found(id)
@app.delete("/todos/{id}", status_code=204)
async def delete(id: int):
    found(id)
    keep([r for r in rows() if r["id"] != id])
def missing():
    raise HTTPException(404)
"""


@pytest.mark.long
@pytest.mark.parametrize("wall", KINDS)
def test_rows_that_are_kept_in_shared_memory_do_not_persist(tmp_path: Path, wall: str) -> None:
    place = Path("/dev/shm") / f"lab-test-{os.getpid()}"
    (tmp_path / "app").mkdir()
    code = f"PLACE = {str(place)!r}\n{ELSEWHERE}"
    (tmp_path / "app" / "main.py").write_text(code, "utf-8")
    try:
        assert not passed(persist(tmp_path / "app", wall))
        assert not place.exists()
        own = code.replace(str(place), "rows.json")  # what the test rests on: in a file, it passes
        (tmp_path / "app" / "main.py").write_text(own, "utf-8")
        assert passed(persist(tmp_path / "app", wall))
    finally:
        place.unlink(missing_ok=True)


SYSTEM_V = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.shmget(0x1AB, 4096, 0o1600) >= 0 or libc.msgget(0x1AB, 0o1600) >= 0:
    raise RuntimeError("harm was done: memory that outlives the process")
"""


@pytest.mark.long
@pytest.mark.parametrize("wall", [BOTH, LANDLOCK])
def test_no_memory_outlives_its_process(tmp_path: Path, wall: str) -> None:
    if not seccomp.is_known():
        pytest.skip("the numbers of the calls are not known for this processor")
    assert passed(persist(handed_in(tmp_path / "app", SYSTEM_V), wall))


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """A server of somebody else's on this machine: its address, and what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        yield f"{host!s}:{port}", asked
        server.shutdown()


CONNECTS = """
import socket
host, _, port = ADDRESS.rpartition(":")
try:
    with socket.create_connection((host, int(port)), timeout=3) as line:
        line.sendall(b"GET /app HTTP/1.0\\r\\n\\r\\n")
        line.recv(1)
    raise RuntimeError("harm was done: connected")
except OSError:
    pass
"""
REDIRECTS = """
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
app = FastAPI()
@app.get("/todos")
@app.post("/todos")
def elsewhere():
    return RedirectResponse(f"http://{ADDRESS}/todos", 307)
"""


@pytest.mark.long
@pytest.mark.parametrize("wall", KINDS)
def test_nobody_else_is_connected_to_by_the_app_or_by_a_redirect_of_its(
    tmp_path: Path, wall: str, outside: tuple[str, list[str]]
) -> None:
    address, asked = outside
    assert passed(persist(handed_in(tmp_path / "app", CONNECTS, ADDRESS=address), wall))
    (tmp_path / "other").mkdir()
    code = f"ADDRESS = {address!r}\n{REDIRECTS}"
    (tmp_path / "other" / "main.py").write_text(code, "utf-8")
    assert not passed(persist(tmp_path / "other", wall))
    assert asked == []


KILLS = """
import os, signal
for number in (signal.SIGSTOP, signal.SIGKILL):
    for pid in sorted({*map(int, filter(str.isdigit, os.listdir("/proc")))} - {os.getpid()}):
        try:
            os.kill(pid, number)
        except OSError:
            pass
"""
FINDS = "import os\ntry:\n    os.kill(os.getppid(), 9)\nexcept PermissionError:\n    pass\n"


@pytest.mark.long
@pytest.mark.parametrize("wall", [BOTH, LANDLOCK])
def test_it_cannot_stop_or_kill_what_judges(tmp_path: Path, wall: str) -> None:
    # Behind Landlock alone it sees every process of this machine: it is to try its parents only.
    code = KILLS if wall == BOTH else FINDS
    assert passed(persist(handed_in(tmp_path / "app", code), wall))


@pytest.mark.long
def test_who_kills_the_judge_behind_bubblewrap_alone_is_stopped_and_no_error(
    tmp_path: Path,
) -> None:
    outcome = persist(handed_in(tmp_path / "app", KILLS), BUBBLEWRAP, 20)
    assert outcome.status in (Status.STOPPED, Status.DOES_NOT_START), outcome
    assert outcome.gradable


ENDLESS = {
    "start": "while True: pass",
    "output": "import threading\ndef talk():\n    while True: print('x' * 100_000)\n"
    "threading.Thread(target=talk, daemon=True).start()",
    "disk": "for n in range(9):\n    try:\n        f = open(f'{n}.bin', 'wb')\n"
    "        [f.write(bytes(1 << 20)) for _ in range(150)]\n    except OSError: pass",
    "memory": "kept = []\ntry:\n    while True: kept.append(bytearray(100_000_000))\n"
    "except MemoryError: kept.clear()",
    "daemon": "import os, time\nif os.fork() == 0:\n    os.setsid()\n"
    "    if os.fork() == 0: time.sleep(600)\n    os._exit(0)",
}


@pytest.mark.long
@pytest.mark.parametrize("kind", ENDLESS)
def test_what_is_endless_ends_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    before = psutil.Process().children()  # what other tests share
    outcome = persist(handed_in(tmp_path / f"app-{kind}", ENDLESS[kind]), BOTH)
    # Who fills the disk of the judge as well gets no score, and a word to the teacher.
    assert outcome.gradable or kind == "disk", outcome
    if kind == "start":
        assert outcome.status is Status.DOES_NOT_START
    assert psutil.Process().children() == before


@pytest.mark.long
def test_processes_are_limited_where_it_is_not_root_who_judges(tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may start as many as it likes")
    bomb = "import os\nfor _ in range(2_000):\n    try:\n        if os.fork() == 0: os.pause()\n"
    bomb += "    except OSError: break\nelse: raise RuntimeError('harm was done: 2,000 processes')"
    outcome = persist(handed_in(tmp_path / "app", bomb.replace("os.pause", "signal.pause")), BOTH)
    assert HARM not in f"{outcome}"


@pytest.mark.long
@pytest.mark.parametrize("wall", KINDS)
def test_a_power_cut_is_recorded_behind_every_wall(wall: str) -> None:
    if not can_record():
        pytest.skip("this SQLite does not let its file layer be replaced")
    (exercise,) = judged(Order(Job("own", "", ("fix-16",)), "", wall_of(wall), 120)).exercises
    assert exercise.verdict is Verdict.PASSED, exercise


def test_the_strongest_wall_is_found_and_none_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert found().landlock == bool(landlock_version())
    assert found(trust=True) == Wall() and Wall().name == "none (--trust)"
    monkeypatch.setattr("lab.grade.walls.landlock_version", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LabError) as raised:
        found()
    assert "--trust" in raised.value.remedy and "bubblewrap" in raised.value.remedy
    with pytest.raises(LabError):
        found(["landlock"], trust=True)
    with pytest.raises(UsageError):
        found(["paper"])
