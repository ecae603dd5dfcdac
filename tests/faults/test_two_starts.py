"""Two starts at the same moment: which one is held where, and what becomes of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.faults.two_starts import TwoStarts, two_starts
from lab.workspace import databases

STYLES = Path(__file__).parents[1] / "corpus" / "styles"
CREATES = (
    "    Base.metadata.create_all(engine)  # only tables that are missing: it never alters one\n"
)
WAITS = """    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        Base.metadata.create_all(connection)
        connection.commit()
"""
Begun = Callable[..., AbstractContextManager[TwoStarts]]


@pytest.fixture
def begun(reference: Path, each_launcher: Launcher) -> Begun:
    """Two starts of the reference, in whose lifespan something else may stand."""

    @contextmanager
    def begin(lifespan: str = CREATES, *, holds_both: bool = False) -> Iterator[TwoStarts]:
        file = reference / "todos_app" / "main.py"
        assert CREATES in file.read_text("utf-8")
        file.write_text(file.read_text("utf-8").replace(CREATES, lifespan), "utf-8")
        with (
            Server(reference, each_launcher, "todos_app.main:app") as server,
            two_starts(server, holds_both=holds_both) as starts,
        ):
            yield starts

    return begin


@pytest.mark.launchers
def test_whoever_is_held_finds_the_table_that_the_other_one_has_made(begun: Begun) -> None:
    with begun() as starts:
        assert starts.was_held and starts.came == "serving"
        first, second = starts.finish()
        assert first and "table todos already exists" in str(first.crash)
        assert second is None and starts.second.get("/todos").json == []


@pytest.mark.launchers
def test_where_both_are_held_the_first_one_is_the_quicker_one(begun: Begun) -> None:
    with begun(holds_both=True) as starts:
        assert starts.was_held and starts.came == "held"
        first, second = starts.finish()
        assert second and "table todos already exists" in str(second.crash)
        assert first is None and starts.first.get("/todos").json == []


@pytest.mark.launchers
def test_whoever_waits_for_the_one_that_is_held_comes_up_after_it(begun: Begun) -> None:
    with begun(WAITS) as starts:
        assert starts.was_held and starts.came == ""
        assert starts.finish() == (None, None)
        assert starts.second.post("/todos", {"title": "made at the second"}).ok
        assert len(starts.first.get("/todos").json) == 1


@pytest.mark.launchers
def test_what_makes_no_table_is_not_held(begun: Begun) -> None:
    with begun("") as starts:
        assert not starts.was_held and starts.came == "serving"
        assert starts.finish() == (None, None)


def test_a_start_that_is_held_has_asked_and_has_made_no_table_and_holds_no_lock(
    reference: Path, launcher: Launcher
) -> None:
    with Server(reference, launcher, "todos_app.main:app") as server:
        server.begin(holds=True)
        assert server.comes_to(15) == "held"
        (file,) = server.databases()
        assert databases.tables(file) == ()
        server.kill()
        server.start()
        assert server.get("/todos").ok


@pytest.mark.parametrize("style", ["async_", "core", "factory", "alembic_startup"])
def test_a_start_is_held_in_whatever_style_it_makes_its_tables(
    style: str, tmp_path: Path, launcher: Launcher
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    for path in (STYLES / style).rglob("*.*"):
        target = folder / path.relative_to(STYLES / style)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    with Server(folder, launcher) as server, two_starts(server) as starts:
        assert starts.was_held
        assert [bool(failure) for failure in starts.finish()] == [True, False]
