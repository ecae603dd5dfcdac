"""The runner: checks on servers of their own, several at a time, a result each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab import resources
from lab.appserver import process, timeouts
from lab.appserver.database_provider import FileDatabases
from lab.appserver.launchers import Launcher
from lab.model import CannotWrite, CheckResult, LabError, Progress, Verdict
from lab.verify import checks, runner
from lab.verify.checks import Check
from lab.verify.runner import judge, on_own_solution, run
from lab.verify.staged_server import StagedServers
from lab.workspace import creation
from lab.workspace.workspace import Workspace

App = Callable[[str], Path]
CORPUS = Path(__file__).parents[1] / "corpus"
Run = Callable[..., dict[str, CheckResult]]

NO_TODOS = "from fastapi import FastAPI\napp = FastAPI()\n"
SLOW = """
import time
from fastapi import FastAPI
app = FastAPI()
@app.get("/todos")
def todos():
    return []
@app.get("/slow")
def slow():
    time.sleep(60)
"""
HEAD = """
from lab.model import CheckFailed
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], list[Check]]:
    """Writes a file of checks and returns what is in it."""

    def write(source: str) -> list[Check]:
        file = tmp_path / "test_written.py"
        file.write_text(HEAD + source, "utf-8")
        return checks.in_file(file)

    return write


@pytest.fixture
def results(written: Callable[[str], list[Check]], launcher: Launcher) -> Run:
    """Runs the checks of a file on a workspace and returns their results by name."""

    def results(
        workspace: Workspace, source: str, progress: Progress = lambda result: None
    ) -> dict[str, CheckResult]:
        servers = StagedServers(workspace, launcher, FileDatabases())
        _, found = run(written(source), servers, progress)
        return {check.name: result for check, result in found.items()}

    return results


def must_pass(results: Mapping[str, CheckResult]) -> None:
    assert {result.verdict for result in results.values()} == {Verdict.PASSED}, results


# -- what a check gets -----------------------------------------------------------------------


def test_each_check_has_a_server_and_a_database_of_its_own(made: Workspace, results: Run) -> None:
    one = """
def test_{name}(todos):
    todos.server.start()
    assert todos.all() == []
    todos.create("mine alone")
"""
    must_pass(results(made, "".join(one.format(name=name) for name in ("one", "two", "three"))))


def test_a_check_finds_the_workspaces_own_todos_where_it_asks_for_them(
    made: Workspace, results: Run
) -> None:
    source = """
def test_own(own):
    own.server.start()
    assert len(own.all()) == 3
def test_todos(todos):
    todos.server.start()
    assert todos.all() == []
def test_fresh(fresh):
    fresh.server.start()
    assert fresh.all() == []
"""
    must_pass(results(made, source))


def test_an_app_that_works_on_its_own_database_alone_is_judged_on_a_copy_of_it(
    made: Workspace, results: Run
) -> None:
    main = made.folder / "todos_app" / "main.py"
    code = main.read_text("utf-8")
    assert "create_all" in code
    main.write_text(code.replace("Base.metadata.create_all", "print"), "utf-8")
    source = """
def test_todos(todos):
    todos.server.start()
    assert len(todos.all()) == 3
def test_fresh(fresh):
    fresh.server.start()
    assert fresh.server.get("/todos").status == 500
"""
    must_pass(results(made, source))


# -- servers that checks share ---------------------------------------------------------------

SHARING = """
def test_{name}(running):
    assert running.all() == []
    assert running.create("mine alone")["id"] == 1
    running.server.restart(kill=True)
    assert len(running.all()) == 1
"""
REMEMBERS = """
import sqlite3
from fastapi import FastAPI
app = FastAPI()
database = sqlite3.connect("todos.db", check_same_thread=False, isolation_level=None)
database.execute("CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY, title, completed)")
kept = [dict(zip(("id", "title"), row)) for row in database.execute("SELECT id, title FROM todos")]
@app.get("/todos")
def todos():
    return kept
@app.post("/todos")
def create(todo: dict):
    done = database.execute("INSERT INTO todos (title) VALUES (?)", (todo["title"],))
    kept.append({"id": done.lastrowid, **todo})
    return kept[-1]
"""


def test_checks_that_share_a_server_find_it_running_and_its_database_as_new(
    made: Workspace, results: Run
) -> None:
    source = "".join(SHARING.format(name=name) for name in ("one", "two", "three", "four"))
    must_pass(results(made, source))


def test_a_server_goes_from_one_check_to_the_next(made: Workspace, launcher: Launcher) -> None:
    servers = StagedServers(made, launcher, FileDatabases())
    with closing(servers):
        with servers.running() as first:
            first.server.post("/todos", {"title": "of the first"})
            pid = first.server.events.all("listening")[0]["pid"]
        with servers.running() as second:
            assert second.used
            assert second.server.events.all("listening")[0]["pid"] == pid
            assert second.server.get("/todos").json == []


def test_a_check_that_wants_no_garbage_collector_shares_with_those_that_want_none(
    made: Workspace, launcher: Launcher
) -> None:
    with closing(StagedServers(made, launcher, FileDatabases())) as servers:
        found = []
        for collect in (True, False, False):
            with servers.running(collect=collect) as shared:
                found.append((shared.used, shared.server.collect))
    assert found == [(False, True), (False, False), (True, False)]


def test_what_fails_where_others_were_before_is_run_again_on_a_server_of_its_own(
    app: App, results: Run
) -> None:
    source = "".join(SHARING.format(name=name) for name in ("one", "two", "three"))
    must_pass(results(Workspace.read_only(app(REMEMBERS)), source))


def test_an_app_that_holds_a_connection_or_has_failed_has_no_second_check(
    made: Workspace, launcher: Launcher
) -> None:
    main = made.folder / "todos_app" / "main.py"
    main.write_text(
        main.read_text("utf-8")
        + "\n\nheld = []\n@app.get('/holds')\ndef holds():\n"
        + "    held.append(engine.connect())\n"
        + "@app.get('/fails')\ndef fails():\n    1 / 0\n",
        "utf-8",
    )
    with closing(StagedServers(made, launcher, FileDatabases())) as servers:
        for path in ("/holds", "/fails", "/todos"):
            with servers.running() as shared:
                assert not shared.used
                shared.server.get(path)


@pytest.mark.long
def test_an_app_that_locks_its_database_for_good_is_judged_and_has_no_second_check(
    made: Workspace, launcher: Launcher
) -> None:
    main = made.folder / "todos_app" / "main.py"
    locks = 'held = engine.connect()\n    held.exec_driver_sql("BEGIN EXCLUSIVE")\n    yield\n'
    main.write_text(main.read_text("utf-8").replace("yield\n", locks, 1), "utf-8")
    with closing(StagedServers(made, launcher, FileDatabases())) as servers:
        for _ in range(2):
            with servers.running() as shared:
                assert not shared.used
                assert shared.server.get("/todos").status == 500


# -- many checks -----------------------------------------------------------------------------


def test_checks_run_at_the_same_time(made: Workspace, results: Run) -> None:
    source = """
from threading import Barrier
both = Barrier(2)
def test_one(todos):
    both.wait(20)
def test_two(todos):
    both.wait(20)
"""
    must_pass(results(made, source))


def test_what_has_failed_before_is_the_first_to_run(
    made: Workspace, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def run_check(check: Check, booted: object, servers: object) -> CheckResult:
        begun.append(check.name)
        return CheckResult(check.name, check.says, Verdict.PASSED)

    monkeypatch.setattr(runner, "run_check", run_check)
    monkeypatch.setattr(runner, "SHARED", 1)
    _, (result,) = judge(made, ["alter-2"], launcher, first={"keeps_the_shape"})
    assert begun[0] == "keeps_the_shape"
    assert [check.name for check in result.checks][-1] == "keeps_the_shape"


def test_a_check_that_fails_stops_no_other(made: Workspace, results: Run) -> None:
    source = """
def test_fails(todos):
    "It fails."
    raise CheckFailed("this", "that", "Look.")
def test_breaks(todos):
    {}["nothing"]
def test_passes(todos):
    todos.server.start()
"""
    told: list[CheckResult] = []
    found = results(made, source, told.append)
    assert [(name, result.verdict) for name, result in found.items()] == [
        ("fails", Verdict.FAILED),
        ("breaks", Verdict.ERROR),
        ("passes", Verdict.PASSED),
    ]
    assert {result.name for result in told} == set(found)
    failed, broken = found["fails"], found["breaks"]
    assert (failed.says, failed.expected, failed.actual) == ("It fails", "this", "that")
    assert "KeyError" in (broken.actual or "")
    assert "test_written.py, line 8" in (broken.actual or "")


@pytest.mark.parametrize("is_busy", [True, False])
def test_what_took_too_long_is_run_once_more_where_the_machine_may_be_the_cause(
    made: Workspace, results: Run, monkeypatch: pytest.MonkeyPatch, is_busy: bool
) -> None:
    monkeypatch.setattr(timeouts, "is_busy", lambda: is_busy)
    source = """
from lab.model import NoAnswer
begun = []
def test_slow(todos):
    begun.append("slow")
    if len(begun) == 1:
        raise NoAnswer("GET /todos got no answer.", "Look.")
def test_hangs(todos):
    raise NoAnswer("GET /todos got no answer.", "Look.")
"""
    told: list[CheckResult] = []
    found = results(made, source, told.append)
    expected = Verdict.PASSED if is_busy else Verdict.FAILED
    assert (found["slow"].verdict, found["hangs"].verdict) == (expected, Verdict.FAILED)
    assert sorted(told, key=lambda each: each.name) == [found["hangs"], found["slow"]]


@pytest.mark.long
def test_an_app_that_was_too_slow_to_start_is_started_once_more_where_the_machine_has_much_to_do(
    app: App, launcher: Launcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = tmp_path / "the machine is quick again"

    def is_busy() -> bool:
        quick.touch()
        return True

    monkeypatch.setattr(timeouts, "is_busy", is_busy)
    monkeypatch.setattr(process, "START_SECONDS", 8.0)
    wait = f"""
import time
from pathlib import Path
while not Path({str(quick)!r}).exists():
    time.sleep(0.1)
"""
    source = (CORPUS / "styles" / "single" / "main.py").read_text("utf-8")
    folder = app(source.replace("\nfrom fastapi", f"\n{wait}\nfrom fastapi", 1))
    booted, (result,) = judge(Workspace.read_only(folder), ["persist"], launcher)
    assert booted.failure is None
    assert result.verdict is Verdict.PASSED, result.checks


def test_an_app_that_does_not_start_fails_every_check_with_the_same_reason(
    app: App, launcher: Launcher
) -> None:
    _, found = judge(Workspace.read_only(app("import nowhere\n")), ["persist", "fix-2"], launcher)
    all_results = [check for result in found for check in result.checks]
    assert {check.verdict for check in all_results} == {Verdict.FAILED}
    assert all("main.py:1" in (check.actual or "") for check in all_results)


# -- ending early ----------------------------------------------------------------------------

WAITS = """
import _thread
from threading import Event
waiting = Event()
def test_waits(todos):
    todos.server.start()
    waiting.set()
    todos.server.get("/slow")
def test_ends(todos):
    waiting.wait(20)
"""


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_is_raised_meanwhile_ends_the_servers_under_way_at_once(
    app: App, results: Run, error: type[BaseException]
) -> None:
    def progress(result: CheckResult) -> None:
        raise error

    began = time.monotonic()
    with pytest.raises(error):
        results(Workspace.read_only(app(SLOW)), WAITS, progress)
    assert time.monotonic() - began < 7, "no request is waited for as long as it may take"


def test_ctrl_c_ends_the_servers_under_way_at_once(app: App, results: Run) -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        results(Workspace.read_only(app(SLOW)), WAITS + "    _thread.interrupt_main()\n")
    assert time.monotonic() - began < 7


# -- files of checks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import nothing_of_that_name\n", "nothing_of_that_name"),
        ("def test_one(todos)\n", "SyntaxError"),
        ("{}['nothing']\n", "KeyError"),
        ("def test_one(todos, tmp_path): ...\n", "test_one must have one parameter"),
        ("def test_one(server): ...\n", "todos, own, fresh, running"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_words(
    written: Callable[[str], list[Check]], source: str, says: str
) -> None:
    with pytest.raises(LabError) as caught:
        written(source)
    assert "test_written.py" in caught.value.message
    assert says in caught.value.message


def test_the_checks_of_a_file_come_in_its_order_with_those_that_it_has_imported() -> None:
    assert [check.name for check in checks.of_exercise("alter-8")][:3] == [
        "every_todo_has_arrived",
        "moved_todos_are_listed",
        "new_todos_follow",
    ]


# -- whose fault a failure is ----------------------------------------------------------------


def test_what_the_labs_own_solution_fails_too_is_an_error_and_no_failure(
    app: App, launcher: Launcher
) -> None:
    def control(exercise: str, failed: Sequence[Check]) -> Mapping[Check, CheckResult]:
        same = CheckResult("same", "", Verdict.FAILED, actual="here too")
        return dict.fromkeys(failed, same)

    workspace = Workspace.read_only(app(NO_TODOS))
    _, (result,) = judge(workspace, ["alter-3"], launcher, control=control)
    assert result.verdict is Verdict.ERROR
    assert "not your code" in (result.checks[0].help or "")
    assert "here too" in (result.checks[0].help or "")


def test_what_only_the_learners_app_fails_is_a_failure(app: App, launcher: Launcher) -> None:
    _, (result,) = judge(Workspace.read_only(app(NO_TODOS)), ["alter-3"], launcher)
    assert result.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("free", "files_left"), [(100_000, 10**6), (10**9, 3)], ids=["bytes", "files"]
)
def test_on_a_disk_as_good_as_full_nothing_is_a_failure(
    app: App, launcher: Launcher, monkeypatch: pytest.MonkeyPatch, free: int, files_left: int
) -> None:
    folder = app(NO_TODOS)
    disk = SimpleNamespace(f_files=10**6, f_favail=files_left)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    monkeypatch.setattr(os, "statvfs", lambda path: disk, raising=False)
    with pytest.raises(CannotWrite) as refused:
        judge(Workspace.read_only(folder), ["alter-3"], launcher)
    assert "TMPDIR" in refused.value.remedy


def test_the_labs_own_solution_is_judged_by_the_same_checks(
    written: Callable[[str], list[Check]], launcher: Launcher
) -> None:
    every = written("def test_hopeless(todos):\n    raise CheckFailed('a', 'b', 'c')\n")
    every += checks.of_exercise("alter-2")
    found = on_own_solution("alter-2", every, launcher, FileDatabases())
    failed = [check.name for check, result in found.items() if result.verdict is Verdict.FAILED]
    assert failed == ["hopeless"]


# -- pytest ----------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("source", [None, NO_TODOS, "import nowhere\n"])
def test_pytest_gives_the_same_verdicts_one_check_at_a_time(
    app: App, tmp_path: Path, launcher: Launcher, source: str | None
) -> None:
    made = Workspace.read_only(app(source)) if source else creation.create(tmp_path / "my-todos")
    file = resources.folder("checks") / "test_alter_2_filter.py"
    command = [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider"]
    done = subprocess.run(
        [*command, str(file), f"--workspace={made.folder}"],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # some take seconds to import
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    _, found = run(checks.in_file(file), StagedServers(made, launcher, FileDatabases()))
    letters = ["." if result.verdict is Verdict.PASSED else "F" for result in found.values()]
    assert done.stdout.startswith("".join(letters) + " "), done.stdout + done.stderr
    assert all(result.actual in done.stdout for result in found.values() if result.actual)


@pytest.mark.long
def test_pytest_is_told_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    file = resources.folder("checks") / "test_persist.py"
    command = [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider", str(file)]
    done = subprocess.run(
        [*command, "--workspace=nowhere"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode != 0
    assert "there is no folder nowhere" in done.stdout + done.stderr
    assert "no app to start" not in done.stdout + done.stderr
