"""The edited code, served and asked: what an edit promises is what the app then does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lab.codemods import AddNewColumn, Project, ReturnSession
from tests.support.codemods import served, style

pytestmark = pytest.mark.long

# What takes seconds and adds little is left to the long run.
LENDING = (
    "reference",
    "sqlmodel",
    "async_",
    pytest.param("flat", marks=pytest.mark.long),
    pytest.param("routers", marks=pytest.mark.long),
    pytest.param("repository", marks=pytest.mark.long),
)
STALE = (
    "reference",
    "sqlmodel",
    pytest.param("flat", marks=pytest.mark.long),
    pytest.param("single", marks=pytest.mark.long),
    pytest.param("async_", marks=pytest.mark.long),
)

LEAKS = """
import gc as _gc
from sqlalchemy import event as _event
from sqlalchemy.pool import Pool as _Pool

_gc.disable()
_out: set[int] = set()
_event.listen(_Pool, "checkout", lambda connection, record, proxy: _out.add(id(record)))
_event.listen(_Pool, "checkin", lambda connection, record: _out.discard(id(record)))


@app.get("/connections-out")
async def _connections_out() -> int:
    return len(_out)
"""


@pytest.mark.parametrize("name", STALE)
def test_a_column_in_the_model_alone_breaks_an_older_database(name: str, tmp_path: Path) -> None:
    sources = style(name)
    with served(sources, tmp_path) as client:
        assert client.post("/todos", json={"title": "old"}).is_success
    with served({**sources, **AddNewColumn().apply(Project(sources))}, tmp_path) as client:
        assert client.get("/todos").status_code == 500
        assert client.post("/todos", json={"title": "new"}).status_code == 500


def check_connections_out(sources: dict[str, bytes], folder: Path, expected: int) -> None:
    """Check how many connections five requests leave checked out."""
    main = min((path for path in sources if path.endswith(("main.py", "app.py"))), key=len)
    watched = {**sources, main: sources[main] + LEAKS.encode()}
    with served(watched, folder) as client:
        for _ in range(5):
            assert client.get("/todos").is_success
        end = time.monotonic() + 3  # FastAPI may close the session after it has answered
        while client.get("/connections-out").json() != expected:
            assert time.monotonic() < end, client.get("/connections-out").json()


@pytest.mark.parametrize("name", LENDING)
def test_a_returned_session_leaks_and_a_lent_one_does_not(name: str, tmp_path: Path) -> None:
    sources = style(name)
    check_connections_out(sources, tmp_path / "healthy", 0)
    broken = {**sources, **ReturnSession().apply(Project(sources))}
    check_connections_out(broken, tmp_path / "broken", 5)
