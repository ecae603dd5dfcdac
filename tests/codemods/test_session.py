"""The session dependency, broken and repaired in each shape that it comes in."""

from __future__ import annotations

import pytest

from lab.codemods import AlreadyThere, ReturnSession, ShareSession, YieldSession
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


@pytest.mark.parametrize(
    "leaked",
    [
        LEAKED,
        "def get_db():\n    return SessionLocal()\n",
        "def get_db(): return SessionLocal()\n",
        "def get_db():\n    db = SessionLocal()\n    try:\n        return db\n    finally:\n"
        "        db.close()\n",
        "def get_db():\n    db = SessionLocal()\n    yield db\n",
        "def get_db():\n    db = SessionLocal()\n    yield db\n    db.close()\n",
        "def get_db():\n    db = SessionLocal()\n    return db\n    db.close()\n",
    ],
)
def test_a_session_that_leaks_is_lent_and_closed(leaked: str) -> None:
    check_transformed(YieldSession(), shaped(leaked), (leaked, LENT))


def test_a_session_that_is_returned_out_of_its_with_is_yielded_there() -> None:
    shape = "def get_db():\n    with SessionLocal() as db:\n        return db\n"
    check_transformed(YieldSession(), shaped(shape), ("        return db\n", "        yield db\n"))


def test_what_follows_the_yield_stays_and_the_session_is_closed_after_it() -> None:
    leaked = "def get_db():\n    db = SessionLocal()\n    yield db\n    db.commit()\n"
    lent = LENT.replace("yield db\n", "yield db\n        db.commit()\n")
    check_transformed(YieldSession(), shaped(leaked), (leaked, lent))


def test_a_rollback_stays_and_gets_a_finally() -> None:
    start = "def get_db():\n    db = SessionLocal()\n    try:\n        yield db\n"
    rollback = "    except Exception:\n        db.rollback()\n        raise\n"
    check_transformed(
        YieldSession(),
        shaped(start + rollback),
        (rollback, rollback + "    finally:\n        db.close()\n"),
    )


def test_a_finally_that_closes_nothing_gets_a_close() -> None:
    shape = LENT.replace("db.close()", "print('done')")
    check_transformed(
        YieldSession(), shaped(shape), ("print('done')\n", "print('done')\n        db.close()\n")
    )


def test_a_finally_on_one_line_gets_a_close() -> None:
    shape = LENT.replace("    finally:\n        db.close()\n", "    finally: print()\n")
    new = "    finally:\n        print()\n        db.close()\n"
    check_transformed(YieldSession(), shaped(shape), ("    finally: print()\n", new))


def test_the_lines_around_the_session_and_their_comments_stay() -> None:
    lent = LENT.replace("():\n", '():\n    """Lend it."""\n    # one each\n')
    leaked = LEAKED.replace("():\n", '():\n    """Lend it."""\n    # one each\n')
    check_transformed(ReturnSession(), shaped(lent), (lent, leaked))
    check_transformed(YieldSession(), shaped(leaked), (leaked, lent))


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
    back = annotated(LEAKED, "Session")
    changes = (LENT.replace("():", f"() -> {lent}:"), LEAKED.replace("():", "() -> Session:"))
    check_transformed(ReturnSession(), there, changes)
    check_transformed(YieldSession(), back, changes[::-1])


def test_an_annotation_brings_its_import() -> None:
    leaked = LEAKED.replace("():", "() -> Session:")
    check_transformed(
        YieldSession(),
        shaped(leaked),
        (leaked, LENT.replace("():", "() -> Iterator[Session]:")),
        ("from fastapi", "from collections.abc import Iterator\n\nfrom fastapi"),
    )


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
    check_transformed(YieldSession(), shaped(leaked, *ASYNC), (leaked, lent))
    check_transformed(YieldSession(), shaped(LEAKED, *ASYNC), (LEAKED, lent))


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


def test_a_session_that_is_fine_or_broken_already_is_left_alone() -> None:
    check_refused(YieldSession(), shaped(LENT), "get_db", kind=AlreadyThere)
    check_refused(ReturnSession(), shaped(LEAKED), "get_db", kind=AlreadyThere)
    block = "def get_db():\n    with SessionLocal() as db:\n        yield db\n"
    check_refused(YieldSession(), shaped(block), "get_db", kind=AlreadyThere)


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


@pytest.mark.parametrize(
    "shape",
    [
        "def get_db():\n    return Wrapper(SessionLocal())\n",
        "def get_db():\n    if True: return SessionLocal()\n",
        "def get_db():\n    db = SessionLocal()\n    if db:\n        return db\n    return None\n",
    ],
)
def test_a_leak_that_is_not_understood_is_refused(shape: str) -> None:
    check_refused(YieldSession(), shaped(shape), "get_db in main.py")


def test_code_without_a_session_dependency_is_refused() -> None:
    code = shaped("def get_db():\n    return shared\n").replace("db: Session =", "db =")
    check_refused(ReturnSession(), code, "No function was found")
    check_refused(YieldSession(), code, "No function was found")
