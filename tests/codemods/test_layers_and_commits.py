"""The further track's mistakes, made and mended in many people's code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.codemods import (
    AlignLayers,
    AlreadyThere,
    CommitWrites,
    CreateEarly,
    CreateLate,
    DriftApart,
    Edit,
    EditNotApplicable,
    FlushOnly,
    OwnSession,
    Project,
    ShareSession,
    UnguardSession,
    YieldSession,
)
from tests.support.codemods import check_refused, check_transformed, sample, served, style

pytestmark = pytest.mark.long

PAIRS: list[tuple[Edit, Edit]] = [
    (FlushOnly(), CommitWrites()),
    (ShareSession(), OwnSession()),
    (UnguardSession(), YieldSession()),
    (CreateEarly(), CreateLate()),
    (DriftApart(), AlignLayers()),
]
STYLES = ["reference", "flat", "single", "routers", "repository", "with_session", "soft_delete"]
HAND = re.compile(rb"(?m)^ *(await )?[\w.]+\.commit\(\).*\r?\n")
GET_DB = """\
def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""


def named(pair: tuple[Edit, Edit]) -> str:
    return type(pair[0]).__name__


@pytest.mark.parametrize("pair", PAIRS, ids=named)
@pytest.mark.parametrize("name", STYLES)
def test_a_mistake_is_made_once_and_mended_once(name: str, pair: tuple[Edit, Edit]) -> None:
    mistake, mend = pair
    sources = style(name)
    broken = {**sources, **mistake.apply(Project(sources))}
    assert broken != sources
    with pytest.raises(AlreadyThere):
        mistake.apply(Project(broken))
    mended = {**broken, **mend.apply(Project(broken))}
    with pytest.raises(AlreadyThere):
        mend.apply(Project(mended))


@pytest.mark.parametrize(
    "name", ["reference", "flat", "async_", "sqlmodel", "repository", "scoped"]
)
def test_commits_come_back_to_where_they_were(name: str) -> None:
    sources = style(name)
    flushed = {**sources, **FlushOnly().apply(Project(sources))}
    assert b".commit()" not in b"".join(flushed.values())
    assert {**flushed, **CommitWrites().apply(Project(flushed))} == sources


@pytest.mark.parametrize(
    "name",
    ["flat", "classic_query", "import_tables", "routers", "repository", "async_", "no_depends"],
)
def test_commits_that_somebody_took_out_are_written_again(name: str) -> None:
    sources = style(name)
    without = {path: HAND.sub(b"", text) for path, text in sources.items()}
    assert without != sources
    assert {**without, **CommitWrites().apply(Project(without))} == sources


def test_a_dependency_that_commits_is_enough() -> None:
    once = GET_DB.replace("yield db\n", "yield db\n        db.commit()\n")
    code = sample((GET_DB, once), ("    db.add(todo)\n    db.commit()\n", "    db.add(todo)\n"))
    check_refused(CommitWrites(), code, "does not commit", kind=AlreadyThere)
    flushed = code.replace("db.commit()", "db.flush()")
    check_transformed(CommitWrites(), flushed, ("db.flush()", "db.commit()"))


def test_a_session_is_shared_and_its_lines_go() -> None:
    shared = "shared_session = SessionLocal()\n\n\ndef get_db():\n    return shared_session\n"
    check_transformed(ShareSession(), sample(), (GET_DB, shared))
    check_transformed(OwnSession(), sample((GET_DB, shared)), (shared, GET_DB))


@pytest.mark.parametrize(
    "shared",
    [
        "db = SessionLocal()\n\n\ndef get_db():\n    yield db\n",
        "db = SessionLocal()\n\n\ndef get_db():\n    try:\n        yield db\n    finally:\n"
        "        db.close()\n",
        "one = SessionLocal()\n\n\ndef get_db():\n    db = one\n    return db\n",
    ],
)
def test_a_session_that_somebody_shared_becomes_one_for_each_request(shared: str) -> None:
    check_transformed(OwnSession(), sample((GET_DB, shared)), (shared, GET_DB))


def test_a_session_from_another_module_is_opened_with_an_import() -> None:
    sources = {path: text.decode() for path, text in style("flat").items()}
    shared = "\n\ndb = SessionLocal()\n"
    start = sources["database.py"].index("\n\ndef get_db")
    lending = sources["database.py"][start:]
    sources["database.py"] = sources["database.py"][:start] + shared
    sources["app.py"] = sources["app.py"].replace(
        "from database import Base, engine, get_db\n",
        "from database import Base, db, engine\n\n\ndef get_db():\n    return db\n\n",
    )
    after = OwnSession().apply(Project({path: text.encode() for path, text in sources.items()}))
    assert lending.strip() in after["app.py"].decode()
    assert "SessionLocal" in after["app.py"].decode().partition("def get_db")[0]


def test_a_close_leaves_its_finally_and_comes_back() -> None:
    bare = "def get_db():\n    db = SessionLocal()\n    yield db\n    db.close()\n"
    check_transformed(UnguardSession(), sample(), (GET_DB, bare))
    block = "def get_db():\n    with SessionLocal() as db:\n        yield db\n"
    check_transformed(UnguardSession(), sample((GET_DB, block)), (block, bare))
    returned = "def get_db():\n    return SessionLocal()\n"
    check_refused(UnguardSession(), sample((GET_DB, returned)), "get_db", kind=AlreadyThere)


def test_tables_that_are_created_too_early_are_created_in_the_lifespan_again() -> None:
    sources = style("reference")
    early = {**sources, **CreateEarly().apply(Project(sources))}
    assert b"create_all" in early["todos_app/database.py"]
    assert b"    Base.metadata.create_all" not in early["todos_app/main.py"]
    assert {**early, **CreateLate().apply(Project(early))} == sources


def test_tables_that_nobody_creates_are_created_when_the_models_are_known() -> None:
    sources = {path: text.decode() for path, text in style("flat").items()}
    gone = "# Create the tables\nBase.metadata.create_all(bind=engine)\n\n"
    assert gone in sources["app.py"]
    without = {**sources, "app.py": sources["app.py"].replace(gone, "")}
    line = "Base.metadata.create_all(engine)\n\napp = FastAPI("
    check_transformed(CreateLate(), without, ("app = FastAPI(", line), file="app.py")


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (FlushOnly(), "factory"),  # commits by a block
        (FlushOnly(), "core"),
        (ShareSession(), "factory"),  # the factory lives in the request
        (ShareSession(), "middleware"),
        (UnguardSession(), "scoped"),
        (CreateEarly(), "sqlmodel"),  # has no base of its own
        (CreateEarly(), "alembic_startup"),
        (DriftApart(), "core"),
    ],
)
def test_what_is_not_understood_is_left_alone(edit: Edit, name: str) -> None:
    with pytest.raises(EditNotApplicable) as raised:
        edit.apply(Project(style(name)))
    assert type(raised.value) is EditNotApplicable
    assert raised.value.remedy.endswith(".")


def test_names_that_are_taken_get_a_number() -> None:
    sources = style("reference")
    once = {**sources, **DriftApart().apply(Project(sources))}
    whole = {**once, **AlignLayers().apply(Project(once))}
    again = DriftApart().apply(Project(whole))
    assert b"remark_2" in again["todos_app/schemas.py"]
    assert b"place_2" in again["todos_app/models.py"]


def test_a_field_of_a_type_that_no_column_has_is_left_to_the_learner() -> None:
    code = sample(
        (
            "    completed: bool = False\n\n\nclass TodoR",
            "    tags: list[str] = []\n\n\nclass TodoR",
        )
    )
    code = code.replace("completed=body.completed", "")
    check_refused(AlignLayers(), code, "tags")


@pytest.mark.parametrize("name", ["reference", "flat", "no_depends", "sqlmodel"])
def test_fields_that_drifted_apart_are_lost_and_then_come_back(name: str, tmp_path: Path) -> None:
    sent = {"title": "whole", "remark": "a remark", "place": "a place"}
    sources = style(name)
    broken = {**sources, **DriftApart().apply(Project(sources))}
    with served(broken, tmp_path / "broken") as client:
        made = client.post("/todos", json=sent)
        assert not made.is_success or not sent.items() <= made.json().items()
    mended = {**broken, **AlignLayers().apply(Project(broken))}
    with served(mended, tmp_path / "mended") as client:
        assert sent.items() <= client.post("/todos", json=sent).json().items()
        assert sent.items() <= client.get("/todos").json()[-1].items()
