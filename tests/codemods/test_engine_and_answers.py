"""The edits of break-9 to break-13: where the todos are kept, and what is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.codemods import (
    AlreadyThere,
    CloseEarly,
    Edit,
    HideMissing,
    PlaceDatabase,
    Project,
    SetPragma,
)
from tests.support.codemods import check_refused, check_transformed, sample, served, style

pytestmark = pytest.mark.long

ENGINE = 'engine = create_engine("sqlite:///./todos.db")\n'
MEMORY = (
    'engine = create_engine("sqlite://", poolclass=StaticPool, '
    'connect_args={"check_same_thread": False})\n'
)
SESSIONS = "from sqlalchemy.orm import Session, declarative_base, sessionmaker\n"
LISTENER = """\


@event.listens_for(engine, "connect")
def set_journal_mode(connection, record):
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode={}")
    cursor.close()


"""
STYLES = (
    "reference",
    "flat",
    "routers",
    "sqlmodel",
    "async_",
    "classic_query",
    "messages",
    "middleware",
    "uuid_ids",
    "with_session",
)


def test_memory_takes_a_pool_of_one_connection_for_all_threads() -> None:
    pool = "from sqlalchemy.pool import StaticPool\n"
    changes = (ENGINE, MEMORY), (SESSIONS, SESSIONS + pool)
    check_transformed(PlaceDatabase("memory"), sample(), *changes)


def test_a_url_is_found_behind_a_name_and_keeps_its_driver() -> None:
    named = 'URL = "sqlite+pysqlite:///./todos.db"\nengine = create_engine(URL, poolclass=Static)\n'
    check_refused(PlaceDatabase("memory"), sample((ENGINE, named)), "options of its own")
    named = named.replace(", poolclass=Static", "")
    after = PlaceDatabase("memory").apply(Project({"main.py": sample((ENGINE, named)).encode()}))
    assert b'URL = "sqlite+pysqlite://"\n' in after["main.py"]


@pytest.mark.parametrize(
    "edit",
    [PlaceDatabase("memory"), PlaceDatabase("app's folder"), SetPragma("journal_mode", "WAL")],
    ids=["memory", "anchored", "journal"],
)
@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("engine = connect()\n", "create_engine"),
        (ENGINE + ENGINE.replace("engine =", "other ="), "More than one"),
        ("engine = create_engine(make_url())\n", "URL"),
        ('engine = create_engine("postgresql://localhost/todos")\n', "URL"),
    ],
    ids=["none", "two", "a call", "another database"],
)
def test_an_engine_that_is_not_understood_is_left_alone(
    edit: Edit, engine: str, words: str
) -> None:
    check_refused(edit, sample((ENGINE, engine)), words)


@pytest.mark.parametrize("before", ["sqlite:///./todos.db", "sqlite:///todos.db"])
def test_an_anchored_path_leads_to_the_file_of_a_start_in_the_app_s_folder(before: str) -> None:
    path = "{Path(__file__).resolve().parents[0] / 'todos.db'}"
    check_transformed(
        PlaceDatabase("app's folder"),
        "from sqlalchemy import create_engine\n" + ENGINE.replace("sqlite:///./todos.db", before),
        (f'"{before}"', f'f"sqlite:///{path}"'),
        ("import create_engine\n", "import create_engine\nfrom pathlib import Path\n"),
    )


def test_a_path_of_the_learners_own_stays_in_an_anchored_url() -> None:
    sources = style("sqlmodel")
    after = PlaceDatabase("app's folder").apply(Project(sources))["main.py"].decode()
    assert 'f"sqlite:///{Path(__file__).resolve().parents[0] / sqlite_file_name}"' in after


@pytest.mark.parametrize(
    "path",
    [
        "{os.environ.get('TODOS_DATA', '.')}/todos.db",
        "{os.path.join(os.environ.get('TODOS_DATA', '.'), 'todos.db')}",
        "{Path(__file__).parent / 'data'}/todos.db",
        "{Path(__file__).parent / 'todos.db'}",
        "{Path(__file__).with_suffix('')}",
    ],
)
def test_the_name_of_the_file_stays_wherever_it_stands_in_the_url(path: str) -> None:
    source = f'import os\nfrom pathlib import Path\nengine = create_engine(f"sqlite:///{path}")\n'
    source = f"from sqlalchemy import create_engine\n{source}"
    after = PlaceDatabase("current folder").apply(Project({"main.py": source.encode()}))
    assert b'create_engine("sqlite:///./todos.db")' in after["main.py"]


def test_what_is_anchored_already_is_not_anchored_again() -> None:
    with pytest.raises(AlreadyThere):
        PlaceDatabase("app's folder").apply(Project(style("routers")))
    after = PlaceDatabase("current folder").apply(Project(style("routers")))
    assert b'create_engine("sqlite:///./todos.db")' in after["app/database.py"]


def test_a_database_on_the_volume_stays_where_it_is_without_one() -> None:
    path = "{Path(environ.get('TODOS_DATA', '.'), 'todos.db')}"
    imports = "from pathlib import Path\nfrom os import environ\n"
    check_transformed(
        PlaceDatabase("volume"),
        "from sqlalchemy import create_engine\n" + ENGINE,
        ('"sqlite:///./todos.db"', f'f"sqlite:///{path}"'),
        ("import create_engine\n", f"import create_engine\n{imports}"),
    )


@pytest.mark.parametrize("name", ["reference", "routers", "sqlmodel", "async_", "flat"])
def test_a_database_moves_from_place_to_place_and_back(name: str) -> None:
    sources = style(name)
    for place in ("volume", "current folder", "volume", "app's folder"):
        try:
            sources = {**sources, **PlaceDatabase(place).apply(Project(sources))}
        except AlreadyThere:
            assert name == "routers"  # its path starts at __file__ with a volume and without
            assert place == "app's folder"
            continue
        with pytest.raises(AlreadyThere):
            PlaceDatabase(place).apply(Project(sources))
    assert any(b"TODOS_DATA" in text and b"__file__" in text for text in sources.values())


def test_a_listener_sets_the_journal_of_each_connection_right_below_the_engine() -> None:
    check_transformed(
        SetPragma("journal_mode", "WAL"),
        sample(),
        (ENGINE, ENGINE + LISTENER.format("WAL")),
        ("String, create_engine", "String, create_engine, event"),
    )
    # What a file has stays in it: without WAL in the code, the mode is set back all the same.
    after = (
        SetPragma("journal_mode", "DELETE")
        .apply(Project({"main.py": sample().encode()}))["main.py"]
        .decode()
    )
    assert "journal_mode=DELETE" in after


def test_a_pragma_that_is_there_gets_another_mode_and_nothing_else() -> None:
    before = sample((ENGINE, ENGINE + LISTENER.format("WAL")))
    check_transformed(SetPragma("journal_mode", "DELETE"), before, ("mode=WAL", "mode=DELETE"))
    check_refused(SetPragma("journal_mode", "WAL"), before, "already", kind=AlreadyThere)


def test_an_app_without_a_place_for_a_handler_is_refused() -> None:
    check_refused(HideMissing(), sample(("app = FastAPI()", "app = make()")), "handler")


def test_a_commit_that_is_not_found_is_refused() -> None:
    check_refused(CloseEarly(), sample(("    db.commit()\n", "    save(db)\n")), "commit")


@pytest.mark.parametrize("name", ["reference", "routers", "async_"])
def test_the_edited_code_does_what_the_edits_promise(name: str, tmp_path: Path) -> None:
    sources = style(name)
    hidden = {**sources, **HideMissing().apply(Project(sources))}
    with served(hidden, tmp_path / "hidden") as client:
        assert client.get("/todos/77").json() == {"message": "not found"}
        assert client.delete("/todos/77").status_code == 200
    memory = {**sources, **PlaceDatabase("memory").apply(Project(sources))}
    with served(memory, tmp_path / "memory") as client:
        assert client.get("/todos/77").status_code == 404
        assert client.post("/todos", json={"title": "Buy milk"}).is_success
        assert len(client.get("/todos").json()) == 1
        assert not list((tmp_path / "memory").glob("*.db"))
    with served(memory, tmp_path / "memory") as client:
        assert client.get("/todos").json() == []
    logged = {**sources, **SetPragma("journal_mode", "WAL").apply(Project(sources))}
    with served(logged, tmp_path / "logged") as client:
        assert client.get("/todos").json() == []
        assert list((tmp_path / "logged").glob("*.db-wal"))


@pytest.mark.parametrize("name", ["flat", "sqlmodel", "routers"])
def test_a_session_that_is_closed_early_saves_and_fails(name: str, tmp_path: Path) -> None:
    sources = style(name)
    closed = {**sources, **CloseEarly().apply(Project(sources))}
    with served(closed, tmp_path) as client:
        assert client.post("/todos", json={"title": "Buy milk"}).status_code == 500
        assert len(client.get("/todos").json()) == 1
