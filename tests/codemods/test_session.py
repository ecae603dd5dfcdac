"""The session dependency, broken and repaired in each shape that it comes in."""

from __future__ import annotations

import pytest

from lab.codemods import AlreadyThere, ReturnSession, ShareSession
from tests.support.codemods import check_refused, check_transformed, sample

LENT = """\
def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
LEAKED = """\
def get_db():
    db = SessionLocal()
    return db
"""


def shaped(shape: str, *more: tuple[str, str]) -> str:
    """Return the sample with this session dependency."""
    return sample((LENT, shape), *more)


@pytest.mark.parametrize(
    "lent",
    [
        LENT,
        "def get_db():\n    with SessionLocal() as db:\n        yield db\n",
        "def get_db():\n    with SessionLocal.begin() as db:\n        yield db\n",
        "def get_db():\n    with SessionLocal() as db: yield db\n",
        "def get_db():\n    db = SessionLocal()\n    yield db\n    db.close()\n",
        "def get_db():\n    try:\n        db = SessionLocal()\n        yield db\n    finally:\n"
        "        db.close()\n",
        "def get_db():\n    db = SessionLocal()\n    try:\n        yield db\n        db.commit()\n"
        "    except Exception:\n        db.rollback()\n        raise\n    finally:\n"
        "        db.close()\n",
        "def get_db():\n    with closing(SessionLocal()) as db:\n        try:\n"
        "            yield db\n        except Exception:\n            db.rollback()\n"
        "            raise\n",
    ],
)
def test_a_session_that_was_lent_is_returned_and_never_closed(lent: str) -> None:
    check_transformed(ReturnSession(), shaped(lent), (lent, LEAKED))


def test_a_dependency_that_alone_commits_keeps_its_session() -> None:
    unit = LENT.replace("yield db\n", "yield db\n        db.commit()\n")
    source = sample().replace("db.commit()", "db.flush()").replace(LENT, unit)
    assert source.count("db.commit()") == 1
    for edit in (ReturnSession(), ShareSession()):
        check_refused(edit, source, "commits")


def test_the_lines_around_the_session_and_their_comments_stay() -> None:
    lent = LENT.replace("():\n", '():\n    """Lend it."""\n    # one each\n')
    leaked = LEAKED.replace("():\n", '():\n    """Lend it."""\n    # one each\n')
    check_transformed(ReturnSession(), shaped(lent), (lent, leaked))


@pytest.mark.parametrize(
    ("line", "lent"),
    [
        ("from collections.abc import Iterator", "Iterator[Session]"),
        ("from typing import Generator", "Generator[Session, None, None]"),
    ],
)
def test_the_annotation_follows_the_change(line: str, lent: str) -> None:
    def annotated(shape: str, note: str) -> str:
        return f"{line}\n" + shaped(shape.replace("():", f"() -> {note}:"))

    there = annotated(LENT, lent)
    changes = (LENT.replace("():", f"() -> {lent}:"), LEAKED.replace("():", "() -> Session:"))
    check_transformed(ReturnSession(), there, changes)


ASYNC = (
    ("sessionmaker(bind=engine)", "async_sessionmaker(engine)"),
    ("import Session, declarative_base, sessionmaker", "import Session, declarative_base"),
)


def test_an_async_session_is_closed_with_await() -> None:
    lent = (
        "async def get_db():\n    db = SessionLocal()\n    try:\n        yield db\n    finally:\n"
        "        await db.close()\n"
    )
    leaked = "async def get_db():\n    db = SessionLocal()\n    return db\n"
    block = "async def get_db():\n    async with SessionLocal() as db:\n        yield db\n"
    check_transformed(ReturnSession(), shaped(lent, *ASYNC), (lent, leaked))
    check_transformed(ReturnSession(), shaped(block, *ASYNC), (block, leaked))


def test_a_dependency_is_found_by_its_alias_and_by_any_name() -> None:
    code = shaped(LENT).replace("get_db", "open_it").replace("SessionLocal", "make")
    code = code.replace("Session = Depends(open_it)", "Db").replace(
        "app = FastAPI()", "app = FastAPI()\nDb = Annotated[Session, Depends(open_it)]"
    )
    lent = LENT.replace("get_db", "open_it").replace("SessionLocal", "make")
    leaked = LEAKED.replace("get_db", "open_it").replace("SessionLocal", "make")
    check_transformed(ReturnSession(), code, (lent, leaked))


def test_of_two_dependencies_the_one_of_the_todos_is_changed() -> None:
    other = LENT.replace("get_db", "get_audit_db")
    audit = (
        '\n\n@app.get("/audit")\ndef audit(db: Session = Depends(get_audit_db)):\n    return []\n'
    )
    code = sample((LENT, f"{other}\n\n{LENT}")) + audit
    check_transformed(ReturnSession(), code, (LENT, LEAKED))


def test_a_session_that_is_broken_already_is_left_alone() -> None:
    check_refused(ReturnSession(), shaped(LEAKED), "get_db", kind=AlreadyThere)


@pytest.mark.parametrize(
    "shape",
    [
        "def get_db():\n    yield from lend(SessionLocal())\n",
        "def get_db():\n    db = SessionLocal()\n    if db:\n        yield db\n",
        "def get_db():\n    with lock, SessionLocal() as db:\n        yield db\n",
        "def get_db():\n    db = SessionLocal()\n    if db:\n        yield db\n    yield db\n",
        f"@contextmanager\n{LENT}",
    ],
)
def test_a_shape_that_is_not_understood_is_refused(shape: str) -> None:
    check_refused(ReturnSession(), shaped(shape), "get_db in main.py")


def test_code_without_a_session_dependency_is_refused() -> None:
    code = shaped("def get_db():\n    return shared\n").replace("db: Session =", "db =")
    check_refused(ReturnSession(), code, "No function was found")
