"""Apps that do the worst that an app can do: told in time, in true words, kept in their folder."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.appserver.tables import rows_of
from lab.model import AppFailed, NoAnswer, Verdict
from lab.verify.runner import AT_ONCE, judge
from lab.workspace.workspace import Workspace

pytestmark = pytest.mark.long

App = Callable[[str], Path]

CHECK_SECONDS = 20
TODOS = (Path(__file__).parents[1] / "corpus" / "styles" / "single" / "main.py").read_text("utf-8")
LISTS = "    return db.scalars(select(Todo)).all()\n"
IS_LINUX = sys.platform == "linux"


def few(names: Collection[str], quick: int) -> list[Any]:
    """These names, of which all but the first ones are for the longer proofs."""
    long = pytest.mark.long
    return [*names][:quick] + [pytest.param(name, marks=long) for name in [*names][quick:]]


def listing(code: str, how: str = "def") -> str:
    """The todo API with this code in the endpoint that lists."""
    changed = TODOS.replace(LISTS, "".join(f"    {line}\n" for line in code.splitlines()) + LISTS)
    return changed.replace("def list_todos", f"{how} list_todos")


def living(code: str) -> str:
    """The todo API with this code as its lifespan."""
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    life = f"import contextlib\n@contextlib.asynccontextmanager\nasync def life(app):\n{lines}"
    return TODOS.replace("app = FastAPI()", life + "app = FastAPI(lifespan=life)")


# -- databases outside the folder -------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{path}' AS other",
        "ATTACH DATABASE 'file:{path}?mode=rwc' AS other",
        "ATTACH '../app/../beside.db' AS other",
        "VACUUM INTO '{path}'",
    ],
)
def test_sql_that_opens_a_database_outside_is_stopped_and_told(
    app: App, tmp_path: Path, launcher: Launcher, sql: str
) -> None:
    other = tmp_path / "beside.db"
    code = (
        "import sqlite3\n"
        "raw = sqlite3.connect('file:todos.db', uri=True, isolation_level=None)\n"
        f'raw.execute("{sql.format(path=other)}")\n'
        "raw.execute('CREATE TABLE other.t (x)')"
    )
    with Server(app(listing(code)), launcher, seconds=CHECK_SECONDS) as server:
        server.start()
        with pytest.raises(AppFailed, match=r"outside its folder: .*beside\.db \(main\.py:50"):
            server.get("/todos")
    assert not other.exists()


@pytest.mark.parametrize(
    "attach",
    [
        "raw.execute('ATTACH ? AS other', (path,))",
        "raw.execute('ATTACH DATABASE :file AS other', {'file': 'file:' + path + '?mode=rwc'})",
        "raw.execute('/* to */ attach cast(? as text)\\nas other', (path.encode(),))",
        "raw.execute('ATTACH ? || ? AS other', (path[:-3], '.db'))",
        "raw.execute('ATTACH ? AS other', ('in.db',))\n"
        "raw.execute('DETACH other')\n"
        "raw.execute('ATTACH ? AS other', (path,))",
        "raw.execute('VACUUM INTO ?', (path,))",
        "from sqlalchemy import text\ndb.execute(text('ATTACH :path AS other'), {'path': path})",
    ],
)
def test_a_database_outside_that_only_a_value_names_is_stopped_and_told(
    app: App, tmp_path: Path, launcher: Launcher, attach: str
) -> None:
    other = tmp_path / "beside.db"
    code = (
        "import sqlite3\n"
        f"path = {str(other)!r}\n"
        "raw = sqlite3.connect('file:todos.db', uri=True, isolation_level=None)\n"
        f"{attach}\n"
        "raw.execute('CREATE TABLE other.t (x)')"
    )
    with Server(app(listing(code)), launcher, seconds=CHECK_SECONDS) as server:
        server.start()
        with pytest.raises(AppFailed, match=r"outside its folder: .*beside\.db \(main\.py:5[123]"):
            server.get("/todos")
    assert not other.exists()


@pytest.mark.parametrize("path", ["../beside.db", "{tmp}/beside.db", "link.db"])
def test_a_path_that_leads_outside_is_stopped_and_told(
    app: App, tmp_path: Path, launcher: Launcher, path: str
) -> None:
    folder = app(TODOS.replace("todos.db", path.format(tmp=tmp_path)))
    (folder / "link.db").symlink_to(tmp_path / "beside.db")
    with (
        Server(folder, launcher, seconds=CHECK_SECONDS) as server,
        pytest.raises(AppFailed, match=r"outside its folder: .*beside\.db"),
    ):
        server.start()
    assert not (tmp_path / "beside.db").exists()


def test_sql_that_stays_inside_is_nobodys_business(app: App, launcher: Launcher) -> None:
    code = (
        "import sqlite3\n"
        "raw = sqlite3.connect('todos.db')\n"
        "raw.execute(\"ATTACH 'second.db' AS second\")\n"
        "raw.execute(\"ATTACH ':memory:' AS third\")\n"
        "for file in ('fourth.db', ':memory:', '', None):\n"
        "    raw.execute('ATTACH ? AS fourth', (file,))\n"
        "    raw.execute('DETACH fourth')\n"
        "raw.execute('VACUUM')\n"
        "raw.execute('CREATE TEMP TABLE t (x)')\n"
        "raw.execute('INSERT INTO t VALUES (?)', ('attach \"/other.db\" as fifth',))\n"
        "raw.close()"
    )
    with Server(app(listing(code)), launcher, seconds=CHECK_SECONDS) as server:
        server.start()
        assert server.get("/todos").json == []
        opened = [path.name for path in server.databases()]
    assert opened == ["todos.db", "second.db", "fourth.db"]


# -- what is left behind ----------------------------------------------------------------------


def test_an_error_as_long_as_a_book_is_cut(app: App, launcher: Launcher) -> None:
    code = "raise ValueError('x' * 10_000_000)"
    with Server(app(listing(code)), launcher, seconds=CHECK_SECONDS) as server:
        server.start()
        answer = server.get("/todos")
    assert answer.crash and answer.crash.frame
    assert len(answer.crash.message) < 10_000
    assert len(answer.log) < 1_000_000


def test_json_that_is_nested_without_end_is_no_json(app: App, launcher: Launcher) -> None:
    code = "from fastapi import Response\nreturn Response('[' * 100_000)"
    with Server(app(listing(code)), launcher, seconds=CHECK_SECONDS) as server:
        server.start()
        assert server.get("/todos").json is None


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_gigabyte_of_log_does_not_fill_the_disk(app: App, launcher: Launcher) -> None:
    code = "while True:\n    print('x' * 1_000_000)"
    folder = app(listing(code))
    log = folder.with_name("app.log")
    with Server(folder, launcher, seconds=CHECK_SECONDS) as server:
        server.start()
        answer = server.get("/todos")
        assert log.stat().st_size <= 200_000_000
    assert answer.status == 500
    assert answer.crash and "File too large" in answer.crash.message
    assert not log.exists()


# -- verdicts ---------------------------------------------------------------------------------


def verdict(folder: Path, launcher: Launcher, *ids: str) -> tuple[Verdict, str, float]:
    """The verdict on an app, what its failures say, and the seconds it took."""
    began = time.monotonic()
    _, results = judge(Workspace.read_only(folder, "main:app"), ids or ("persist",), launcher)
    said = " ".join(f"{check.actual} {check.help}" for r in results for check in r.checks)
    return results[0].verdict, said, time.monotonic() - began


HARMLESS = {
    "changes its folder": listing("import os; os.chdir('/')"),
    "forks, and both return": listing("import os; os.fork()"),
    "prints what is no text": listing("import os; os.write(1, bytes(range(256)))"),
    "disables all logging": "import logging; logging.disable(100)\n" + TODOS,
    "has a thread that never ends": TODOS
    + "\nimport threading\nthreading.Thread(target=threading.Event().wait).start()\n",
    "imports a lab of its own": "import lab\n" + TODOS,
    "stops its parent": "import os\nif 'forker' in open(f'/proc/{os.getppid()}/cmdline').read():\n"
    "    for number in (1, 2, 15): os.kill(os.getppid(), number)\n" + TODOS,
}
SLOWLY_HARMLESS = {
    "ignores SIGTERM": living("import signal; signal.signal(15, signal.SIG_IGN)\nyield"),
    "never ends its lifespan": living("yield\nwhile True: pass"),
    "prints without end": TODOS
    + "\nimport threading\ndef spam():\n    while True: print('spam ' * 100_000)\n"
    + "threading.Thread(target=spam, daemon=True).start()\n",
}
HARMFUL = {
    "exits": (listing("raise SystemExit(3)"), "SystemExit: 3 (main.py:48"),
    "ends the process": (
        listing("import os; os._exit(0)"),
        "ended while it answered GET /todos (exit code 0)",
    ),
    "calls itself": (listing("def f(): return f()\nf()"), "RecursionError"),
    "deletes its folder": (
        listing("import os, shutil; shutil.rmtree(os.getcwd(), ignore_errors=True)"),
        "still holds the database file that was deleted",
    ),
    "opens a database elsewhere": (
        "import os; os.chdir('/')\n" + TODOS,
        "outside its folder: /todos.db",
    ),
    "closes every file": (
        listing("import os; os.closerange(3, 256)", "async def"),
        "GET /todos got a closed connection",
    ),
    "redirects to no address": (
        listing(
            "from fastapi import Response\n"
            "return Response(status_code=307, headers={'location': 'http://[::1'})"
        ),
        "GET /todos got an answer that is no HTTP: Invalid URL in location header",
    ),
    "has headers without end": (
        listing(
            "from fastapi import Response\n"
            "return Response('[]', headers={f'x-{n}': 'y' * 1000 for n in range(1000)})"
        ),
        "GET /todos got an answer that is no HTTP",
    ),
}
HANGING = {
    "loops on import": (TODOS + "\nwhile True: pass\n", "did not start within 15 s", "main.py:86"),
    "loops in the lifespan": (living("while True: pass\nyield"), "did not start", "main.py:38"),
    "loops": (listing("while True: pass"), "GET /todos got no answer", "main.py:48"),
    "blocks the event loop": (
        listing("while True: pass", "async def"),
        "GET /todos got no answer",
        "main.py:48",
    ),
    "waits": (listing("import time; time.sleep(99)"), "GET /todos got no answer", "main.py:48"),
    "drips": (
        listing(
            "import time\nfrom fastapi.responses import StreamingResponse\n"
            "def drip():\n    while True: yield time.sleep(0.1) or b' '\n"
            "return StreamingResponse(drip())"
        ).replace("-> list[TodoOut]", "", 1),
        "did not end within 8 s",
        "main.py:51",
    ),
    "waits in POST": (
        TODOS.replace("    db.add(todo)", "    __import__('time').sleep(99)"),
        "POST /todos got no answer",
        "main.py:61",
    ),
    "stops itself": (
        listing("import os; os.kill(os.getpid(), 19)"),
        "GET /todos got no answer",
        "GET /todos",
    ),
}


@pytest.mark.parametrize("name", few(HARMLESS, 2))
def test_what_does_no_harm_passes(app: App, launcher: Launcher, name: str) -> None:
    folder = app(HARMLESS[name])
    (folder / "lab.py").touch()
    found, said, _ = verdict(folder, launcher)
    assert found is Verdict.PASSED, said


@pytest.mark.long
@pytest.mark.parametrize("name", SLOWLY_HARMLESS)
def test_what_is_only_slow_to_end_passes(app: App, launcher: Launcher, name: str) -> None:
    found, said, seconds = verdict(app(SLOWLY_HARMLESS[name]), launcher)
    assert found is Verdict.PASSED, said
    assert seconds < 3 * CHECK_SECONDS


@pytest.mark.parametrize("name", few(HARMFUL, 2))
def test_what_does_harm_fails_in_true_words(app: App, launcher: Launcher, name: str) -> None:
    source, words = HARMFUL[name]
    found, said, _ = verdict(app(source), launcher)
    assert found is Verdict.FAILED, said
    assert words in said


@pytest.mark.long
@pytest.mark.parametrize("name", HANGING)
def test_what_hangs_is_found_out_once_for_all_checks(
    app: App, launcher: Launcher, name: str
) -> None:
    source, words, line = HANGING[name]
    found, said, seconds = verdict(
        app(source), launcher, "persist", "alter-1", "alter-2", "alter-3", "fix-2", "fix-3"
    )
    assert found is Verdict.FAILED, said
    assert words in said and line in said
    assert seconds < 3 * CHECK_SECONDS


@pytest.mark.long
@pytest.mark.parametrize(
    ("function", "passing"), [("put_todo", {"fix-1"}), ("delete_todo", {"fix-1", "fix-2"})]
)
def test_what_hangs_in_one_method_costs_its_time_once_and_what_does_without_is_judged(
    app: App, launcher: Launcher, function: str, passing: set[str]
) -> None:
    begins = TODOS.index(":\n", TODOS.index(f"def {function}")) + 2
    folder = app(f"{TODOS[:begins]}    while True: pass\n{TODOS[begins:]}")
    ids = ["persist", "alter-2", "alter-3", "fix-1", "fix-2", "fix-3"]
    _, results = judge(Workspace.read_only(folder, "main:app"), ids, launcher)
    assert passing == {result.id for result in results if result.verdict is Verdict.PASSED}
    said = [str(check.actual) for result in results for check in result.checks]
    waited = [words for words in said if function in words and "got no answer within" in words]
    assert len(waited) > 3
    # As many as run at the same time may find it out for themselves.
    assert sum("within 8 s" in words for words in waited) <= AT_ONCE
    assert sum("within 2 s" in words for words in waited) >= len(waited) - AT_ONCE


@pytest.mark.long
@pytest.mark.skipif(not IS_LINUX, reason="only Linux keeps to the limit")
def test_memory_without_end_is_refused(app: App, launcher: Launcher) -> None:
    code = "kept = []\nwhile True: kept.append(bytearray(50_000_000))"
    with Server(app(listing(code)), launcher, seconds=CHECK_SECONDS) as server:
        server.start()
        try:
            answer = server.get("/todos")
            assert answer.crash and answer.crash.kind == "MemoryError"
        except NoAnswer:
            pass  # what is left of its memory may not do for an answer
        assert psutil.virtual_memory().available > 500_000_000


LINKS = """
import os
from fastapi import FastAPI
app = FastAPI()
os.symlink(OUTSIDE, "rows.db")
"""
DIGS = """
home = os.getcwd()
for _ in range(200):
    os.mkdir("d")
    os.chdir("d")
os.chdir(home)
"""


@pytest.mark.skipif(not IS_LINUX, reason="links and folders as on Linux")
@pytest.mark.parametrize("then", ["", DIGS])
def test_rows_of_somebody_else_are_not_read_through_a_link_that_the_app_makes(
    app: App, launcher: Launcher, tmp_path: Path, then: str
) -> None:
    outside = tmp_path / "private" / "secret.db"
    outside.parent.mkdir()
    with closing(sqlite3.connect(outside)) as database:
        database.execute("CREATE TABLE todos (id INTEGER, title TEXT, completed BOOLEAN)")
        database.execute("INSERT INTO todos VALUES (1, 'secret', 0)")
        database.commit()
    with Server(app(f"OUTSIDE = {str(outside)!r}\n{LINKS}{then}"), launcher) as server:
        server.start()
        assert rows_of(server) is None
        server.delete_databases()
    assert outside.exists()


LOOPS = """
import os, sqlite3
from fastapi import FastAPI
app = FastAPI()
os.symlink("one.db", "other.db")
os.symlink("other.db", "one.db")
try:
    sqlite3.connect("one.db")
except sqlite3.OperationalError:
    pass
"""


@pytest.mark.skipif(not IS_LINUX, reason="links as on Linux")
def test_links_that_lead_to_each_other_hold_no_rows(app: App, launcher: Launcher) -> None:
    with Server(app(LOOPS), launcher) as server:
        server.start()
        assert rows_of(server) is None
        server.delete_databases()
