"""The further track's mistakes, made and mended in many people's code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.codemods import (
    AddColumn,
    AlreadyThere,
    CreateEarly,
    DriftApart,
    Edit,
    EditNotApplicable,
    FlushOnly,
    PlaceDatabase,
    Project,
    ShareSession,
    UnguardSession,
)
from lab.codemods.merge import Merge
from tests.support.codemods import check_refused, check_transformed, sample, served, style

pytestmark = pytest.mark.long

MISTAKES: list[Edit] = [
    FlushOnly(),
    ShareSession(),
    UnguardSession(),
    CreateEarly(),
    DriftApart(),
    PlaceDatabase("memory"),
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


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda edit: type(edit).__name__)
@pytest.mark.parametrize("name", STYLES)
def test_a_mistake_is_made_once_and_taken_back_beside_later_work(name: str, mistake: Edit) -> None:
    sources = style(name)
    broken = {**sources, **mistake.apply(Project(sources))}
    assert broken != sources
    with pytest.raises(AlreadyThere):
        mistake.apply(Project(broken))
    back = Merge(broken, sources, "")
    later = {path: b"# Mine.\n\n" + text for path, text in broken.items()}
    mended = {**later, **back.apply(later)}
    assert mended == {path: b"# Mine.\n\n" + text for path, text in sources.items()}
    with pytest.raises(AlreadyThere):
        back.apply(mended)


def test_a_session_is_shared_and_its_lines_go() -> None:
    shared = "shared_session = SessionLocal()\n\n\ndef get_db():\n    return shared_session\n"
    check_transformed(ShareSession(), sample(), (GET_DB, shared))


def test_a_close_leaves_its_finally_and_comes_back() -> None:
    bare = "def get_db():\n    db = SessionLocal()\n    yield db\n    db.close()\n"
    check_transformed(UnguardSession(), sample(), (GET_DB, bare))
    block = "def get_db():\n    with SessionLocal() as db:\n        yield db\n"
    check_transformed(UnguardSession(), sample((GET_DB, block)), (block, bare))
    returned = "def get_db():\n    return SessionLocal()\n"
    check_refused(UnguardSession(), sample((GET_DB, returned)), "get_db", kind=AlreadyThere)


def test_tables_that_are_created_too_early_are_not_created_in_the_lifespan() -> None:
    sources = style("reference")
    early = {**sources, **CreateEarly().apply(Project(sources))}
    assert b"create_all" in early["todos_app/database.py"]
    assert b"    Base.metadata.create_all" not in early["todos_app/main.py"]


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
    taken = {**sources, **AddColumn("place", "str").apply(Project(sources))}
    drifted = DriftApart().apply(Project(taken))
    assert b"place_2" in drifted["todos_app/models.py"]
    assert b"place_2" in drifted["todos_app/schemas.py"]


@pytest.mark.parametrize("name", ["reference", "flat", "no_depends", "sqlmodel"])
def test_fields_that_drifted_apart_are_lost(name: str, tmp_path: Path) -> None:
    sent = {"title": "whole", "remark": "a remark", "place": "a place"}
    sources = style(name)
    broken = {**sources, **DriftApart().apply(Project(sources))}
    with served(broken, tmp_path / "broken") as client:
        made = client.post("/todos", json=sent)
        assert not made.is_success or not sent.items() <= made.json().items()
