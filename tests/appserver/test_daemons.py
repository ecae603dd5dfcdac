"""What the app starts and lets go of ends with its server, however the server ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.model import AppFailed

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who is whose child"),
]

App = Callable[[str], Path]

SECONDS_TO_END = 2.0
APP = """
import os, signal, subprocess
from contextlib import asynccontextmanager
from fastapi import FastAPI

def daemon():
    return subprocess.Popen(["sleep", "987"], start_new_session=True).pid

{before}
app = FastAPI(lifespan={lifespan})

@app.get("/exit")
def exit():
    os._exit(0)

@app.get("/crash")
def crash():
    os.kill(os.getpid(), signal.SIGSEGV)
"""
DAEMONS = {
    "a child": "daemon()",
    # As a daemon is made by the book: its parent has gone before the server serves.
    "an orphan": textwrap.dedent(
        """
        made, making = os.pipe()
        if os.fork() == 0:
            os.setsid()
            daemon()
            os.write(making, b".")
            os._exit(0)
        os.read(made, 1)
        """
    ),
    "the child of a child": "subprocess.Popen('sleep 987 & sleep 987', shell=True,"
    " start_new_session=True)",
}
AT_THE_END = """
@asynccontextmanager
async def life(app):
    yield
    daemon()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the app is; what a failed test leaves there is ended."""
    yield tmp_path / "app"
    for process in daemons(tmp_path / "app"):
        process.kill()


def daemons(folder: Path) -> list[psutil.Process]:
    """What runs in the folder and is no server."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder) and process.name() == "sleep":
                found.append(process)
    return found


def left(folder: Path) -> list[psutil.Process]:
    """What still runs there once the time is over in which all of it must have ended."""
    deadline = time.monotonic() + SECONDS_TO_END
    while (found := daemons(folder)) and (seconds := deadline - time.monotonic()) > 0:
        psutil.wait_procs(found, timeout=seconds)
    return found


def end(server: Server, how: str) -> None:
    """End a server, or let its app do it."""
    if how in ("stop", "kill"):
        getattr(server, how)()
    else:
        with pytest.raises(AppFailed, match="ended while it answered"):
            server.get(f"/{how}")


@pytest.mark.parametrize("how", ["stop", "kill", "exit", "crash"])
@pytest.mark.parametrize("kind", DAEMONS)
def test_a_daemon_of_the_app_ends_with_the_server(
    app: App, folder: Path, each_launcher: Launcher, kind: str, how: str
) -> None:
    app(APP.format(before=DAEMONS[kind], lifespan=None))
    with Server(folder, each_launcher) as server:
        server.start()
        assert daemons(folder), "the app has started one"
        end(server, how)
        assert left(folder) == []


def test_a_daemon_that_is_started_while_the_server_stops_ends_with_it(
    app: App, folder: Path, each_launcher: Launcher
) -> None:
    app(APP.format(before=AT_THE_END, lifespan="life"))
    with Server(folder, each_launcher) as server:
        server.start()
        server.stop()
        assert left(folder) == []


@pytest.mark.parametrize("launcher", ["ForkLauncher", "SubprocessLauncher"])
def test_a_daemon_ends_where_the_lab_is_killed(app: App, folder: Path, launcher: str) -> None:
    app(APP.format(before=DAEMONS["an orphan"], lifespan=None))
    code = f"""
        import sys
        from pathlib import Path
        from lab.appserver import launchers
        from lab.appserver.server import Server

        server = Server(Path({str(folder)!r}), launchers.{launcher}())
        server.start()
        print("serving", flush=True)
        sys.stdin.read()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as lab:
        assert lab.stdout
        assert lab.stdout.readline() == "serving\n"
        assert daemons(folder), "the app has started one"
        os.kill(lab.pid, signal.SIGKILL)
        assert left(folder) == []
