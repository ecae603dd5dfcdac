"""Judging, moving and breaking on real database servers: PostgreSQL, and MySQL or MariaDB."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lab import catalogue, opening
from lab.judge import checks, on_server
from lab.judge.moved import compare, new_ids_follow
from lab.judge.stand import standing
from lab.model import CheckFailed, ExerciseResult, LabError, NotPossible, Verdict
from lab.play import played
from lab.play.moving import move
from lab.play.player import play
from lab.remote.copying import copy
from lab.remote.lending import NAME, Lender, disconnect
from lab.remote.tables import connected, todo_rows
from lab.remote.url import DatabaseURL, parse
from lab.server.launchers import Launcher
from lab.server.server import Server
from lab.workspace.workspace import Workspace

pytestmark = pytest.mark.long

VARIABLES = {"postgresql": "LAB_TEST_POSTGRESQL_URL", "mysql": "LAB_TEST_MYSQL_URL"}
ALTERS = {"postgresql": "alter-8", "mysql": "alter-9"}
PASSWORD = "s3cr3t-w0rd"
USER = f"lab_learner_{os.getpid()}"  # of this run alone, for runs beside it
COMMAND = str(Path(sys.executable).with_name("lab"))
HARD_CODED = 'os.environ.get("DATABASE_URL", "sqlite:///./todos.db")'
SQL = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(params=VARIABLES)
def server(request: pytest.FixtureRequest) -> DatabaseURL:
    """A server of each kind; skipped, saying so, where the environment names none."""
    text = os.environ.get(VARIABLES[request.param])
    if not text:
        pytest.skip(f"{VARIABLES[request.param]} names no server")
    return parse(text)


@pytest.fixture
def lender(server: DatabaseURL) -> Iterator[Lender]:
    with Lender(server) as lender:
        yield lender


@pytest.fixture
def own(lender: Lender) -> DatabaseURL:
    """An empty database, as a learner would have made one."""
    return lender.lend().url


@pytest.fixture
def made(tmp_path: Path, launcher: Launcher) -> Workspace:
    """A workspace with three todos in its file."""
    return opening.created(tmp_path / "my-todos", launcher)


@pytest.fixture
def sql() -> SQL:
    """Runs one statement on a database."""

    def run(url: DatabaseURL, statement: str) -> list[tuple[object, ...]]:
        with connected(url) as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    return run


def lent(url: DatabaseURL) -> set[str]:
    """The databases of the lab's that the server has."""
    with connected(url) as connection:
        kind = "pg_database" if url.dialect == "postgresql" else "information_schema.schemata"
        name = "datname" if url.dialect == "postgresql" else "schema_name"
        found = connection.exec_driver_sql(f"SELECT {name} FROM {kind}")
        return {str(row[0]) for row in found if NAME.fullmatch(str(row[0]))}


def edit(made: Workspace, old: str, new: str) -> None:
    path = made.folder / "todos_app" / "database.py"
    source = path.read_text("utf-8")
    assert old in source
    path.write_text(source.replace(old, new), "utf-8")


def failure(result: ExerciseResult) -> str:
    return next(c.actual or "" for c in result.checks if c.verdict is Verdict.FAILED)


def lab(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# -- judging ---------------------------------------------------------------------------------


def test_verdicts_on_a_server_leave_no_database_behind(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    before = lent(server)
    report = on_server.verify(made, ["persist", "fix-3"], launcher, server)
    assert [result.verdict for result in report.exercises] == [Verdict.PASSED] * 2
    assert lent(server) <= before
    assert not made.journal.last_verdict("persist"), "a verdict on a server is not the track's"
    assert made.journal.last_verdict(f"persist@{server.dialect}")


def test_what_the_task_asks_for_is_asked_on_a_server_too(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    (result,) = on_server.verify(made, ["alter-2"], launcher, server).exercises
    assert result.verdict is Verdict.FAILED


def test_an_app_that_ignores_the_url_does_not_pass(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    edit(made, HARD_CODED, '"sqlite:///./todos.db"')
    (result,) = on_server.verify(made, ["persist"], launcher, server).exercises
    assert result.verdict is Verdict.FAILED
    assert all(check.verdict is Verdict.FAILED for check in result.checks)
    assert "todos.db, with SQLite" in failure(result)


@pytest.mark.parametrize("named", [True, False], ids=["with a URL", "without one"])
def test_an_app_never_reaches_a_database_that_it_was_not_lent(
    made: Workspace,
    launcher: Launcher,
    server: DatabaseURL,
    own: DatabaseURL,
    lender: Lender,
    named: bool,
) -> None:
    edit(made, HARD_CODED, repr(own.secret))
    _, (result,) = checks.judge(made, ["persist"], launcher, lender=lender if named else None)
    assert result.verdict is Verdict.FAILED
    assert own.name in failure(result)
    assert todo_rows(own) is None


def test_an_exercise_about_a_file_is_refused(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    with pytest.raises(LabError) as caught:
        on_server.verify(made, ["fix-1"], launcher, server)
    assert caught.value.exit_code == 2
    assert "about a database file" in caught.value.message


def test_drift_is_seen_in_a_copy_of_the_own_database(
    made: Workspace, launcher: Launcher, own: DatabaseURL
) -> None:
    move(made, launcher, own)
    models = made.folder / "todos_app" / "models.py"
    column = "    completed: Mapped[bool]"
    source = models.read_text("utf-8")
    models.write_text(source.replace(column, f"    note: Mapped[str | None]\n{column}", 1), "utf-8")
    if own.dialect == "mysql":
        models.write_text(
            models.read_text("utf-8").replace(
                "note: Mapped[str | None]", "note: Mapped[str | None] = mapped_column(String(9))"
            ),
            "utf-8",
        )
    (result,) = on_server.verify(made, ["fix-2"], launcher, own).exercises
    assert result.verdict is Verdict.FAILED
    assert "has a column that the table in the database lacks" in str(result)
    assert len(todo_rows(own).rows) == 3  # type: ignore[union-attr]


# -- databases that are lent -----------------------------------------------------------------


def start_lending(url: DatabaseURL) -> subprocess.Popen[str]:
    program = (
        "import os, sys; from lab.remote.lending import Lender; from lab.remote.url import parse\n"
        "with Lender(parse(os.environ['URL'])) as lender:\n"
        "    print(lender.lend().url.name, flush=True); sys.stdin.read()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "URL": url.secret},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_next_run_drops_what_a_killed_one_left(server: DatabaseURL) -> None:
    process = start_lending(server)
    assert process.stdout
    name = process.stdout.readline().strip()
    with Lender(server):
        assert name in lent(server), "its owner lives"
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while name in lent(server) and time.monotonic() < deadline:
        with Lender(server):  # the database server needs a moment to notice
            pass
    assert name not in lent(server)


def test_ctrl_c_leaves_no_database_behind(made: Workspace, server: DatabaseURL) -> None:
    before = lent(server)
    process = subprocess.Popen(
        [COMMAND, "verify", "persist", "--database-url", server.secret],
        cwd=made.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while not lent(server) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert lent(server) - before
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert not lent(server) - before


def test_no_other_database_is_touched(server: DatabaseURL, sql: SQL) -> None:
    near = ("lab_results", "lab_20261120_105906", "lab_20261120_105906_1a2b3c4d5e6fx")
    try:
        for name in near:
            sql(server, f"CREATE DATABASE {name}")
        with Lender(server) as lender:
            lender.lend()
        for name in near:
            sql(server.to(name), "SELECT 1")
    finally:
        for name in near:
            sql(server, f"DROP DATABASE IF EXISTS {name}")


def test_a_user_who_may_not_create_databases_is_told(server: DatabaseURL, sql: SQL) -> None:
    limited = with_user(server, sql)
    try:
        with pytest.raises(LabError) as caught, Lender(limited):
            pass
        assert caught.value.exit_code == 3
        assert "may not" in caught.value.message
        assert PASSWORD not in caught.value.message + caught.value.remedy
        deadline = time.monotonic() + 5
        while connected_users(server, sql) and time.monotonic() < deadline:
            time.sleep(0.05)  # the database server needs a moment to notice
        assert not connected_users(server, sql), "what was opened for nothing is closed"
    finally:
        drop_user(server, sql)


def connected_users(server: DatabaseURL, sql: SQL) -> int:
    """How many connections the user of this run has to the server."""
    table, name = (
        ("pg_stat_activity", "usename")
        if server.dialect == "postgresql"
        else ("information_schema.processlist", "user")
    )
    ((count,),) = sql(server, f"SELECT count(*) FROM {table} WHERE {name} = '{USER}'")
    assert isinstance(count, int)
    return count


def with_user(server: DatabaseURL, sql: SQL, *, may_create: bool = False) -> DatabaseURL:
    """The server under a user with a password."""
    if server.dialect == "postgresql":
        right = "CREATEDB" if may_create else ""
        sql(server, f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}' {right}")
    else:
        sql(server, f"CREATE USER {USER}@'%%' IDENTIFIED BY '{PASSWORD}'")
        if may_create:
            sql(server, f"GRANT ALL ON *.* TO {USER}@'%%'")
    scheme, _, rest = server.secret.partition("://")
    place = rest.rpartition("@")[2]
    if server.dialect == "mysql":
        place = place.partition("/")[0] + "/"
    return parse(f"{scheme}://{USER}:{PASSWORD}@{place}")


def drop_user(server: DatabaseURL, sql: SQL) -> None:
    user = USER if server.dialect == "postgresql" else f"{USER}@'%%'"
    kind = "ROLE" if server.dialect == "postgresql" else "USER"
    sql(server, f"DROP {kind} {user}")


def test_a_copy_has_rows_and_next_ids_as_they_are(lender: Lender, sql: SQL) -> None:
    source, target = lender.lend().url, lender.lend().url
    number = "SERIAL" if source.dialect == "postgresql" else "INTEGER AUTO_INCREMENT"
    sql(source, f"CREATE TABLE todos (id {number} PRIMARY KEY, title VARCHAR(99) NOT NULL)")
    sql(source, "INSERT INTO todos (title) VALUES ('100%% milk'), ('bread'), ('gone')")
    sql(source, "DELETE FROM todos WHERE title = 'gone'")
    copy(source, target)
    sql(target, "INSERT INTO todos (title) VALUES ('new')")
    assert sql(target, "SELECT * FROM todos") == [(1, "100% milk"), (2, "bread"), (4, "new")]
    assert len(sql(source, "SELECT * FROM todos")) == 2


# -- moving ----------------------------------------------------------------------------------


def arrived(
    made: Workspace, launcher: Launcher, lender: Lender, own: DatabaseURL, folder: Path
) -> str | None:
    """Why the todos have not arrived as they were; None where they have."""
    lending = lender.with_own(own)
    with standing(made, launcher, folder, databases=True, lender=lending) as todos:
        try:
            compare(todos)
            todos.server.start()
            new_ids_follow(todos)
        except CheckFailed as failed:
            return f"{failed.actual} {failed.help}"
    return None


def test_the_lab_moves_every_row_as_it_is(
    made: Workspace, launcher: Launcher, lender: Lender, own: DatabaseURL, tmp_path: Path
) -> None:
    moved = move(made, launcher, own)
    assert [(each.table, each.rows) for each in moved] == [("todos", 3)]
    assert arrived(made, launcher, lender, own, tmp_path / "check" / "app") is None


AFTER = {
    "one is missing": (
        "DELETE FROM todos WHERE id = 2",
        "id 2 is not there; the server has 2 todos",
    ),
    "the ids are new": ("UPDATE todos SET id = id + 10", "3 of them are not there"),
    "times are made anew": ("UPDATE todos SET created_at = '2001-01-01 00:00:00'", "created_at"),
    "a title is cut": ("UPDATE todos SET title = 'Read' WHERE id = 1", "title = 'Read'"),
    "a flag is lost": ("UPDATE todos SET completed = (id = 1)", "completed"),
    "there is no table": ("DROP TABLE todos", "no table of todos"),
}


@pytest.mark.parametrize("wrong", AFTER)
def test_a_move_that_changes_something_is_seen(
    made: Workspace,
    launcher: Launcher,
    lender: Lender,
    own: DatabaseURL,
    tmp_path: Path,
    sql: SQL,
    wrong: str,
) -> None:
    move(made, launcher, own)
    statement, says = AFTER[wrong]
    sql(own, statement)
    assert says in (arrived(made, launcher, lender, own, tmp_path / "check" / "app") or "")


def test_a_sequence_that_nobody_told_is_seen(
    made: Workspace,
    launcher: Launcher,
    lender: Lender,
    own: DatabaseURL,
    tmp_path: Path,
    sql: SQL,
) -> None:
    move(made, launcher, own)
    if own.dialect == "mysql":
        pytest.skip("MySQL's AUTO_INCREMENT follows by itself")
    sql(own, "SELECT setval('todos_id_seq', 1, false)")
    said = arrived(made, launcher, lender, own, tmp_path / "check" / "app") or ""
    assert "The id is taken already" in said


def test_rows_are_never_mixed(
    made: Workspace, launcher: Launcher, own: DatabaseURL, lender: Lender
) -> None:
    move(made, launcher, own)
    with pytest.raises(NotPossible, match="rows already"):
        move(made, launcher, own)
    rows = todo_rows(own)
    assert rows and len(rows.rows) == 3


def test_the_model_answer_passes(made: Workspace, launcher: Launcher, own: DatabaseURL) -> None:
    id = ALTERS[own.dialect]
    for each in ("alter-1", "alter-2", "alter-3"):
        list(play(catalogue.load().playable(each), made, launcher, confirm=lambda _: True))
    file = (made.folder / "todos.db").read_bytes()
    (start,) = on_server.verify(made, [id], launcher, own).exercises
    assert start.verdict is Verdict.FAILED
    with Lender(own) as lender:
        exercise = catalogue.load().playable(id)
        events = list(play(exercise, made, launcher, confirm=lambda _: True, lender=lender))
        assert [e.rehearsed for e in events if isinstance(e, played.RowsMoved)] == [True, False]
        assert isinstance(events[-1], played.Next)
        assert events[-1].commands[0][0] == "DATABASE_URL=URL uvicorn todos_app.main:app"
        again = list(play(exercise, made, launcher, confirm=lambda _: True, lender=lender))
        assert isinstance(again[-1], played.NothingToDo)
        assert "name an empty one" in again[-1].text
    (done,) = on_server.verify(made, [id], launcher, own).exercises
    assert done.verdict is Verdict.PASSED, str(done)
    assert (made.folder / "todos.db").read_bytes() == file
    rows = todo_rows(own)
    assert rows and len(rows.rows) == 3, "what is shown happens elsewhere"


# -- connections that end --------------------------------------------------------------------


def test_a_request_pays_for_a_restart_until_connections_are_tested(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    def told(id: str) -> Verdict:
        return on_server.verify(made, [id], launcher, server).exercises[0].verdict

    assert told("fix-14") is Verdict.NOT_STARTED
    with Lender(server) as lender:
        events = list(play(catalogue.load().playable("break-14"), made, launcher, lender=lender))
        assert isinstance(events[-1], played.Next)
        # No file was changed, so the last undo would be another one's.
        assert "lab undo" not in [command for command, _ in events[-1].commands]
        assert told("break-14") is Verdict.PASSED
        assert told("fix-14") is Verdict.FAILED
        list(play(catalogue.load().playable("fix-14"), made, launcher, lender=lender))
        source = (made.folder / "todos_app" / "database.py").read_text("utf-8")
        assert "pool_pre_ping=True" in source
        again = list(play(catalogue.load().playable("fix-14"), made, launcher, lender=lender))
        assert isinstance(again[-1], played.NothingToDo)
        assert "`lab verify fix-14 --database-url URL` judges it" in again[-1].text
    assert told("fix-14") is Verdict.PASSED
    assert told("break-14") is Verdict.FAILED


def test_what_a_restart_breaks_is_wrong_with_every_new_api_so_its_fix_is_played(
    made: Workspace, launcher: Launcher, lender: Lender, own: DatabaseURL
) -> None:
    events = list(play(catalogue.load().playable("fix-14"), made, launcher, lender=lender))
    assert any(isinstance(event, played.Kept) for event in events)
    (result,) = on_server.verify(made, ["fix-14"], launcher, own).exercises
    assert result.verdict is Verdict.PASSED


def test_a_session_that_is_closed_late_does_not_hide_the_drop(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    edit(made, "    finally:\n", '    finally:\n        __import__("time").sleep(0.3)\n')
    (result,) = on_server.verify(made, ["break-14"], launcher, server).exercises
    assert result.verdict is Verdict.PASSED, failure(result)


def test_only_the_app_is_disconnected(
    made: Workspace, launcher: Launcher, lender: Lender, tmp_path: Path
) -> None:
    url, other = lender.lend().url, lender.lend().url
    made.stage(tmp_path / "app", databases=False)
    with connected(other) as kept, Server(tmp_path / "app", launcher, database_url=url) as server:
        server.start()
        assert server.get("/todos").ok
        assert disconnect(url) == 1
        assert server.get("/todos").status == 500
        assert kept.exec_driver_sql("SELECT 1").scalar() == 1
        lender.sweep()
        assert {url.name, other.name} <= lent(url)


# -- the password ----------------------------------------------------------------------------


def test_a_password_is_never_shown_and_never_stored(
    made: Workspace, server: DatabaseURL, sql: SQL
) -> None:
    url = with_user(server, sql, may_create=True)
    edit(made, "engine = ", 'print(os.environ.get("DATABASE_URL"))\nengine = ')
    main = made.folder / "todos_app" / "main.py"
    raising = '    raise RuntimeError(str(__import__("os").environ["DATABASE_URL"]))\n'
    old = "def list_todos(db: SessionDep) -> Sequence[Todo]:\n"
    main.write_text(main.read_text("utf-8").replace(old, old + raising), "utf-8")
    try:
        for more in ((), ("--json",), ("-v",)):
            arguments = ("verify", "persist", "--database-url", "-", *more)
            seen: list[str] = []
            process = subprocess.Popen(
                [COMMAND, *arguments],
                cwd=made.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert process.stdin and process.stdout
            process.stdin.write(url.secret + "\n")
            process.stdin.close()
            mine = psutil.Process(process.pid)
            while process.poll() is None:
                for each in (*children(mine), mine):
                    seen += command_line(each)
                time.sleep(0.02)
            said = process.stdout.read()
            assert process.returncode == 1, said
            assert "***" in said
            assert PASSWORD not in said
            assert PASSWORD not in " ".join(seen)
        assert PASSWORD.encode() not in everything_in(made.folder)
    finally:
        drop_user(server, sql)


def children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def test_a_wrong_password_is_told_and_not_repeated(made: Workspace, server: DatabaseURL) -> None:
    scheme, _, rest = server.secret.partition("://")
    url = f"{scheme}://lab_stranger:{PASSWORD}@{rest.rpartition('@')[2]}"
    done = lab("verify", "persist", "--database-url", url, folder=made.folder)
    assert done.returncode == 2, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "user" in done.stderr and "Traceback" not in done.stderr


# -- bad input, for which no server is needed -------------------------------------------------

BAD = {
    "no URL": ("todos", 2, "cannot be read"),
    "a port of letters": ("postgresql://u:s3cr3t-w0rd@localhost:abc/x", 2, "cannot be read"),
    "an unknown kind": ("oracle://u:s3cr3t-w0rd@localhost/x", 2, "no database server"),
    "an old name": ("postgres://u:s3cr3t-w0rd@localhost/x", 2, "postgresql+psycopg://"),
    "a file": ("sqlite:///./todos.db", 2, "Leave --database-url out"),
    "an unknown driver": ("postgresql+none://u:s3cr3t-w0rd@localhost/x", 2, "no driver"),
    "a driver that is missing": ("mysql+oursql://u:s3cr3t-w0rd@localhost/x", 2, "driver"),
    "an @ in the password": ("mysql://u:s3cr3t-w0rd@x@localhost/x", 2, "%40"),
    "nobody there": ("postgresql://u:s3cr3t-w0rd@127.0.0.1:1/x", 3, "answers at 127.0.0.1:1"),
    "nobody there either": ("mysql://u:s3cr3t-w0rd@127.0.0.1:1/x", 3, "answers at 127.0.0.1:1"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_url_is_one_sentence_and_a_remedy(made: Workspace, bad: str) -> None:
    url, code, says = BAD[bad]
    for command in (("verify", "persist"), ("run", "break-14")):
        done = lab(*command, "--database-url", url, folder=made.folder)
        assert done.returncode == code, done.stderr
        assert says in " ".join(done.stderr.split())
        assert PASSWORD not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_an_exercise_that_needs_a_server_says_so(made: Workspace) -> None:
    asked = (("verify", "alter-8"), ("run", "alter-9"), ("run", "break-14"), ("watch", "alter-8"))
    for command in asked:
        done = lab(*command, folder=made.folder, LAB_POSTGRESQL_URL="", LAB_MYSQL_URL="")
        assert done.returncode == 2
        assert "--database-url URL" in done.stderr
    done = lab("verify", "alter-8", "--json", folder=made.folder, LAB_POSTGRESQL_URL="")
    assert "needs a database server" in json.loads(done.stdout)["error"]


def test_the_environment_may_name_the_server(made: Workspace) -> None:
    url = f"postgresql://u:{PASSWORD}@127.0.0.1:1/x"
    done = lab("verify", "alter-8", folder=made.folder, LAB_POSTGRESQL_URL=url)
    assert done.returncode == 3
    assert "127.0.0.1:1" in done.stderr and PASSWORD not in done.stderr


def test_a_missing_driver_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LabError) as caught:
        parse("postgresql://localhost/x")
    assert caught.value.exit_code == 3
    assert 'pip install "persistence-lab[postgresql]"' in caught.value.remedy


@pytest.mark.parametrize(
    "password", ["p@ss", "a/b", "ü%41", "100%", "p w", "a'b"], ids=lambda p: repr(p)
)
def test_a_password_is_hidden_however_it_is_spelled(password: str) -> None:
    from sqlalchemy import URL

    whole = URL.create("postgresql+psycopg", "u", password, "h", database="d")
    url = parse(whole.render_as_string(hide_password=False))
    assert password not in str(url)
    for text in (url.secret, f"got {password}!", repr(password)):
        assert password not in url.hide(text) and "***" in url.hide(text)
    assert url.hide("nothing") == "nothing"
    assert password not in repr(url)
