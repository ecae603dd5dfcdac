"""What the fork launcher promises: each server is a process as fresh as one started by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.appserver.environment import handed_over
from lab.appserver.launchers import ForkLauncher, Launcher, Process, SubprocessLauncher
from lab.appserver.server import Server
from lab.appserver.spec import Spec

App = Callable[[str], Path]

HELLO = """
from fastapi import FastAPI
app = FastAPI()
"""
SELF = textwrap.dedent(
    """
    import gc, os, random, resource, signal, sys, threading, time, warnings
    from fastapi import FastAPI

    def descriptors():
        kinds = []
        for number in sorted(map(int, os.listdir("/proc/self/fd"))):
            try:
                place = os.readlink(f"/proc/self/fd/{number}")
            except FileNotFoundError:
                continue
            kind = place if number < 3 else place.partition(":")[0]
            kinds.append([number, kind, os.get_inheritable(number)])
        return kinds

    def stream(one):
        return [one.name, one.encoding, one.errors, one.line_buffering, one.write_through, one.mode]

    def handlers():
        found = {one.name: signal.getsignal(one) for one in signal.Signals}
        return {name: getattr(one, "__qualname__", repr(one)) for name, one in found.items()}

    umask = os.umask(0)
    os.umask(umask)
    with os.popen("env") as lines:  # else its pipe stays open until the command was waited for
        printed = sorted(line for line in lines if line[:2] != "_=")
    SEEN = {
        "environment": dict(os.environ),
        "environment of C": printed,
        "argv": sys.argv,
        "path": sys.path,
        "main": sorted(vars(sys.modules["__main__"])),
        "cwd": os.getcwd(),
        "descriptors": descriptors(),
        "umask": umask,
        "handlers": handlers(),
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "wakeup": signal.set_wakeup_fd(-1),
        "flags": repr(sys.flags),
        "warnings": [repr(one) for one in warnings.filters],
        "streams": [stream(one) for one in (sys.stdin, sys.stdout, sys.stderr)],
        "hooks": [sys.excepthook is sys.__excepthook__, sys.gettrace(), sys.getprofile()],
        "garbage": [gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks],
        "limits": {name: resource.getrlimit(getattr(resource, name))
                   for name in dir(resource) if name.startswith("RLIMIT")},
        "niceness": os.nice(0),
        "leads": [os.getpid() == os.getpgid(0), os.getpid() == os.getsid(0)],
        "threads": sorted(one.name for one in threading.enumerate()),
        "main thread": threading.current_thread() is threading.main_thread(),
        "recursion": sys.getrecursionlimit(),
        "switches": sys.getswitchinterval(),
        "bytecode": [sys.dont_write_bytecode, sys.pycache_prefix],
        "finders": [getattr(one, "__name__", type(one).__name__) for one in sys.meta_path],
        "timezone": time.tzname,
    }
    MODULES = sorted(sys.modules)
    RANDOM = [random.random(), random.SystemRandom().random()]

    app = FastAPI()

    @app.get("/seen")
    def seen():
        return SEEN

    @app.get("/modules")
    def modules():
        return MODULES

    @app.get("/random")
    def numbers():
        return RANDOM

    @app.get("/handlers")
    def handlers_now():
        return handlers()
    """
)


@contextmanager
def serving(folder: Path, launcher: Launcher) -> Iterator[Server]:
    with Server(folder, launcher) as server:
        server.start()
        yield server


def asked(folder: Path, launcher: Launcher, path: str) -> Any:
    with serving(folder, launcher) as server:
        answer = server.get(path)
    assert answer.ok, answer
    return answer.json


@pytest.fixture(scope="module")
def fork() -> Iterator[Launcher]:
    launcher = ForkLauncher()
    yield launcher
    launcher.close()


# -- as fresh as a process that was started by hand ------------------------------------------


def test_both_launchers_give_the_app_the_same_process(app: App, fork: Launcher) -> None:
    folder = app(SELF)
    forked = asked(folder, fork, "/seen")
    spawned = asked(folder, SubprocessLauncher(), "/seen")
    assert forked.keys() == spawned.keys()
    assert {name: forked[name] for name in forked if forked[name] != spawned[name]} == {}


def test_both_launchers_serve_with_the_same_signal_handlers(app: App, fork: Launcher) -> None:
    folder = app(SELF)
    assert asked(folder, fork, "/handlers") == asked(folder, SubprocessLauncher(), "/handlers")


def test_what_a_fork_has_imported_before_is_of_the_frameworks_and_of_python(
    app: App, fork: Launcher
) -> None:
    folder = app(SELF)
    forked = set(asked(folder, fork, "/modules"))
    spawned = set(asked(folder, SubprocessLauncher(), "/modules"))
    assert spawned - forked == set()
    more = {name.partition(".")[0] for name in forked - spawned}
    frameworks = {"anyio", "fastapi", "greenlet", "h11", "httptools", "pydantic", "pydantic_core"}
    frameworks |= {"sqlalchemy", "starlette", "uvicorn", "uvloop", "websockets", "wsproto"}
    assert more <= frameworks | set(sys.stdlib_module_names)


def test_chance_differs_from_start_to_start(app: App, fork: Launcher) -> None:
    folder = app(SELF)
    first, second = asked(folder, fork, "/random"), asked(folder, fork, "/random")
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_what_one_server_does_to_its_process_no_other_sees(app: App, fork: Launcher) -> None:
    folder = app(SELF)
    before = asked(folder, fork, "/seen")
    app(
        HELLO
        + textwrap.dedent(
            """
            import gc, os, signal, sqlalchemy.orm, sys
            os.environ["LEFT"] = "behind"
            os.umask(0o77)
            os.nice(1)
            gc.disable()
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            sqlalchemy.orm.Session = None
            sys.path.append("/nowhere")
            sys.setrecursionlimit(500)
            """
        )
    )
    with serving(folder, fork):
        app(SELF)
        assert asked(folder, fork, "/seen") == before


# -- apps that are no simple ones --------------------------------------------------------------


def test_an_app_that_imports_what_is_not_preloaded_works(app: App, each_launcher: Launcher) -> None:
    more = "import csv, xml.dom.minidom, sqlalchemy.ext.hybrid, sqlalchemy.dialects.postgresql\n"
    (app("") / "helper.py").write_text("ANSWER = 42\n", "utf-8")
    folder = app(HELLO + more + "import helper\n@app.get('/n')\ndef n(): return helper.ANSWER\n")
    assert asked(folder, each_launcher, "/n") == 42


def test_what_servers_will_need_is_imported_once_for_all_of_them_and_theirs_to_hide(
    app: App, fork: Launcher
) -> None:
    class Preloading:
        def launch(self, spec: Spec) -> Process:
            return fork.launch(replace(spec, preload=("wave",)))

        def close(self) -> None:
            """The other launcher is somebody else's."""

    seen = "import sys\nTHERE = 'wave' in sys.modules\nimport wave\n"
    folder = app(HELLO + seen + "@app.get('/n')\ndef n(): return [THERE, wave.__file__]\n")
    there, file = asked(folder, Preloading(), "/n")
    assert there and not file.startswith(str(folder))
    (folder / "wave.py").touch()
    there, file = asked(folder, Preloading(), "/n")
    assert not there and file.startswith(str(folder))


def test_threads_that_are_started_at_import_run(app: App, each_launcher: Launcher) -> None:
    folder = app(
        HELLO
        + textwrap.dedent(
            """
            import threading, time
            from concurrent.futures import ThreadPoolExecutor
            BEATS = []
            def beat():
                while True:
                    BEATS.append(1)
                    time.sleep(0.001)
            threading.Thread(target=beat, daemon=True).start()
            POOL = ThreadPoolExecutor(2)
            SUM = POOL.submit(sum, [1, 2, 3]).result(5)
            @app.get("/beats")
            def beats():
                before = len(BEATS)
                for _ in range(2000):
                    if len(BEATS) > before:
                        return [SUM, POOL.submit(sum, [4, 5]).result(5)]
                    time.sleep(0.001)
            """
        )
    )
    assert asked(folder, each_launcher, "/beats") == [6, 9]


def test_an_async_engine_works(app: App, each_launcher: Launcher) -> None:
    folder = app(
        HELLO
        + textwrap.dedent(
            """
            from sqlalchemy import text
            from sqlalchemy.ext.asyncio import create_async_engine
            engine = create_async_engine("sqlite+aiosqlite:///async.db")
            @app.get("/one")
            async def one():
                async with engine.begin() as connection:
                    await connection.execute(text("CREATE TABLE IF NOT EXISTS t (n INTEGER)"))
                    await connection.execute(text("INSERT INTO t VALUES (1)"))
                    return (await connection.execute(text("SELECT count(*) FROM t"))).scalar()
            """
        )
    )
    with serving(folder, each_launcher) as server:
        assert server.get("/one").json == 1
        server.restart(kill=True)
        assert server.get("/one").json == 2


def test_an_app_may_start_processes_of_its_own(app: App, each_launcher: Launcher) -> None:
    folder = app(
        HELLO
        + textwrap.dedent(
            """
            import os, subprocess, sys
            @app.get("/said")
            def said():
                code = os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", "exit(7)"])
                done = subprocess.run([sys.executable, "-c", "print(5)"], capture_output=True)
                return [code, int(done.stdout)]
            """
        )
    )
    assert asked(folder, each_launcher, "/said") == [7, 5]


def test_what_is_printed_is_in_the_log_at_once_and_in_order(
    app: App, each_launcher: Launcher
) -> None:
    folder = app(
        HELLO
        + textwrap.dedent(
            """
            import os, sys
            print("one, on output: ü")
            print("two, on error", file=sys.stderr)
            os.write(1, b"three, past Python\\n")
            print("four, without an end", end="")
            """
        )
    )
    with serving(folder, each_launcher) as server:
        server.kill()
        log = server.log.text()
    order = [log.index(word) for word in ("one, on output: ü", "two,", "three,", "four,")]
    assert order == sorted(order)


def test_the_environment_may_change_while_a_server_gets_its_own() -> None:
    ended = threading.Event()

    def change() -> None:
        while not ended.is_set():
            os.environ["LAB_CHANGES"] = "1"
            del os.environ["LAB_CHANGES"]

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=change)
    thread.start()
    try:
        sys.setswitchinterval(1e-6)
        for _ in range(2000):
            handed_over()
    finally:
        sys.setswitchinterval(interval)
        ended.set()
        thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="it takes a shell that closes descriptors")
@pytest.mark.parametrize("closed", ["2>&-", "0<&- 2>&-"])
def test_servers_are_forked_where_the_lab_was_called_without_standard_error(
    app: App, closed: str
) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from lab.appserver.launchers import ForkLauncher\n"
        "from lab.appserver.server import Server\n"
        "launcher = ForkLauncher()\n"
        "with Server(Path(sys.argv[1]), launcher) as server:\n"
        "    server.start(); print(server.get('/openapi.json').status)\n"
        "launcher.close()"
    )
    shell = f'exec "$0" -c "$1" "$2" {closed}'
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable, program, str(app(HELLO))],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "200\n"
