"""The edits of the further track: what they make of the reference, and what they leave alone."""

from __future__ import annotations

import pytest

from lab.codemods import (
    AddChanging,
    AddColumn,
    AddField,
    AddMigrations,
    AddUsers,
    AlreadyThere,
    Edit,
    EditNotApplicable,
    PortToSqlmodel,
    Project,
    RemoveChanging,
    apply_all,
    read_sources,
)
from tests.support.codemods import REFERENCE, STYLES

pytestmark = pytest.mark.long

UNDERSTOOD = [
    "alembic_startup", "classic_query", "factory", "flat", "import_tables", "messages",
    "middleware", "no_depends", "paginated", "single", "sqlmodel", "uuid_ids", "with_session",
]  # fmt: skip


def reference() -> dict[str, bytes]:
    return {f"todos_app/{path}": text for path, text in read_sources(REFERENCE).items()}


def after(*edits: Edit, sources: dict[str, bytes] | None = None) -> dict[str, bytes]:
    before = sources or reference()
    return {**before, **apply_all(edits, before)}


@pytest.mark.parametrize("style", UNDERSTOOD)
def test_put_and_delete_go_and_come_back_in_every_style_that_is_understood(style: str) -> None:
    sources = read_sources(STYLES / style)
    without = after(RemoveChanging(), sources=sources)
    text = b"".join(without.values())
    assert b".put(" not in text
    assert b'.delete("' not in text
    again = b"".join(after(AddChanging(), sources=without).values())
    assert again.count(b".put(") == again.count(b'.delete("') == 1
    with pytest.raises(AlreadyThere):
        RemoveChanging().apply(Project(without))
    with pytest.raises(AlreadyThere):
        AddChanging().apply(Project(sources))


@pytest.mark.parametrize("style", ["repository", "routers", "soft_delete", "async_"])
def test_put_and_delete_are_not_written_where_a_todo_is_found_some_other_way(style: str) -> None:
    without = after(RemoveChanging(), sources=read_sources(STYLES / style))
    with pytest.raises(EditNotApplicable) as caught:
        AddChanging().apply(Project(without))
    assert "by hand" in caught.value.remedy


def test_an_endpoint_that_other_code_calls_is_not_taken_out() -> None:
    sources = reference()
    sources["todos_app/main.py"] += b"\n\ndef clear(db):\n    delete_todo(1, db)\n"
    with pytest.raises(EditNotApplicable, match="is used in todos_app"):
        RemoveChanging().apply(Project(sources))


def test_the_users_get_a_module_of_their_own_and_the_app_knows_it() -> None:
    edits = (AddColumn("user_id", references="users.id"), AddUsers())
    done = after(*edits)
    main = done["todos_app/main.py"].decode()
    assert "from .users import refuse, router\n" in main
    assert main.index("from .users") > main.index("from .schemas")
    assert b'mapped_column(ForeignKey("users.id"), default=None)' in done["todos_app/models.py"]
    compile(done["todos_app/users.py"], "users.py", "exec")
    with pytest.raises(AlreadyThere):
        apply_all(edits, done)


def test_users_are_not_written_where_the_session_has_another_name() -> None:
    with pytest.raises(EditNotApplicable, match="SessionDep"):
        AddUsers().apply(Project(read_sources(STYLES / "flat")))


@pytest.mark.parametrize(
    ("style", "line"),
    [
        ("flat", b'user_id = Column(Integer, ForeignKey("users.id"), nullable=True)'),
        ("sqlmodel", b'user_id: int | None = Field(default=None, foreign_key="users.id")'),
    ],
)
def test_a_foreign_key_is_written_as_the_other_columns_are(style: str, line: bytes) -> None:
    edit = AddColumn("user_id", references="users.id")
    assert line in b"".join(edit.apply(Project(read_sources(STYLES / style))).values())


def test_create_all_gives_way_to_the_migrations() -> None:
    done = after(AddColumn("priority", default=0), AddField("priority", default=0), AddMigrations())
    main = done["todos_app/main.py"]
    assert b"create_all" not in main
    assert b"from .database import SessionDep\n" in main
    assert {"alembic.ini", "migrations/env.py", "migrations/script.py.mako"} <= set(done)
    with pytest.raises(AlreadyThere):
        AddMigrations().apply(Project(done))


def test_a_table_of_another_shape_gets_no_first_migration_of_the_lab() -> None:
    with pytest.raises(EditNotApplicable) as caught:
        AddMigrations().apply(Project(after(AddColumn("due", "str"))))
    assert "alembic init" in caught.value.remedy


def test_a_model_becomes_sqlmodels_with_the_columns_that_it_has_got_meanwhile() -> None:
    grown = after(
        AddColumn("priority", default=0),
        AddColumn("user_id", references="users.id"),
        AddUsers(),
    )
    done = after(PortToSqlmodel(), sources=grown)
    models = done["todos_app/models.py"].decode()
    assert "class Todo(Base, table=True):" in models
    assert "    priority: int = 0\n" in models
    assert '    user_id: int | None = Field(default=None, foreign_key="users.id")\n' in models
    assert "Mapped" not in models
    assert b"email: str = Field(unique=True, max_length=254)" in done["todos_app/users.py"] or (
        b"email: str = Field(max_length=254, unique=True)" in done["todos_app/users.py"]
    )
    with pytest.raises(AlreadyThere):
        PortToSqlmodel().apply(Project(done))


def test_a_column_that_is_not_understood_leaves_the_models_as_they_are() -> None:
    sources = reference()
    sources["todos_app/models.py"] = sources["todos_app/models.py"].replace(
        b"mapped_column(default=False)", b"mapped_column(server_default=false())"
    )
    with pytest.raises(EditNotApplicable, match="server_default"):
        PortToSqlmodel().apply(Project(sources))
    with pytest.raises(EditNotApplicable):
        PortToSqlmodel().apply(Project(read_sources(STYLES / "flat")))
