"""What of a server's log is shown: the learner's own lines and the error, nothing of libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.model import Rows
from lab.verify.evidence import never_awaited, own_words
from lab.verify.result import table

LOG = """\
INFO:     127.0.0.1:5000 - "GET /todos HTTP/1.1" 200 OK
about to list
INFO:     127.0.0.1:5002 - "GET /todos HTTP/1.1" 500 Internal Server Error
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/usr/lib/site-packages/sqlalchemy/engine/base.py", line 1967, in _exec_single_context
    self.dialect.do_execute(
sqlite3.OperationalError: no such column: todos.priority

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/site-packages/fastapi/routing.py", line 301, in app
    raw_response = await run_endpoint_function(
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "main.py", line 28, in list_todos
    return helper(db)
           ^^^^^^^^^^
  File "main.py", line 20, in helper
    return db.scalars(select(Todo)).all()
  File "lib/sqlalchemy/engine/_util_cy.py", line 103, in sqlalchemy.engine._util_cy.run
  File "venv/lib/site-packages/anyio/thread.py", line 1, in run
    return f()
sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such column: todos.priority
[SQL: SELECT todos.id, todos.priority
FROM todos]
(Background on this error at: https://sqlalche.me/e/20/e3q8)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text("# an app", "utf-8")
    inside = tmp_path / "venv" / "lib" / "site-packages" / "anyio"
    inside.mkdir(parents=True)
    (inside / "thread.py").write_text("# a library in the learner's own folder", "utf-8")
    return tmp_path


def test_it_is_what_the_app_printed_then_its_own_lines_then_the_error(folder: Path) -> None:
    assert (own_words(LOG, folder) or "").splitlines() == [
        "about to list",
        "main.py:28 in list_todos: return helper(db)",
        "main.py:20 in helper: return db.scalars(select(Todo)).all()",
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such column: "
        "todos.priority",
        "[SQL: SELECT todos.id, todos.priority",
        "FROM todos]",
    ]


def test_the_margin_of_an_exception_group_is_left_out(folder: Path) -> None:
    log = (
        "Traceback (most recent call last):\n"
        '  |   File "main.py", line 3, in middleware\n'
        "  |     raise ValueError('late')\n"
        "  | ValueError: late\n"
        "  +------------------------------------\n"
    )
    words = (own_words(log, folder) or "").splitlines()
    assert words[:2] == ["main.py:3 in middleware: raise ValueError('late')", "ValueError: late"]


def test_where_nobody_knows_the_folder_no_frame_counts_as_the_learners() -> None:
    words = (own_words(LOG, None) or "").splitlines()
    assert words[0] == "about to list"
    assert words[1].startswith("sqlalchemy.exc.OperationalError: ")


def test_of_many_rows_the_first_and_the_last_are_shown() -> None:
    lines = table(Rows(("id", "title"), tuple((n, "a") for n in range(25)))).splitlines()
    assert lines[:2] == ["id | title", "0 | a"]
    assert lines[7] == "... and 13 more ..."
    assert lines[-1] == "24 | a"
    assert len(lines) == 14


def test_an_await_that_was_forgotten_is_named_once() -> None:
    said = "main.py:7: RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited"
    log = f"INFO: a request\n{said}\n  session.commit()\nINFO: another\n{said}\n"
    assert never_awaited(log) == [said]


def test_a_log_without_a_traceback_has_no_such_words(folder: Path) -> None:
    assert own_words("INFO: all is well\n", folder) is None
