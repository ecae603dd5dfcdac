"""Columns and fields: where they go, in whose style, and when there is no place for them."""

from __future__ import annotations

import pytest

from lab.codemods import (
    AddColumn,
    AddNewColumn,
    AlreadyThere,
    DriftApart,
    EditNotApplicable,
    Project,
    apply_all,
)
from tests.support.codemods import as_sources, check_refused, check_transformed, sample, style

PRIORITY = AddColumn("priority", "int", default=0)
COMPLETED = "    completed = Column(Boolean, default=False)\n"
ADDED = "    priority = Column(Integer, default=0, nullable=False)\n"


def test_a_classic_column_brings_the_import_of_its_type() -> None:
    check_transformed(
        PRIORITY,
        sample(),
        ("import Boolean, Column, String", "import Boolean, Column, Integer, String"),
        (COMPLETED, COMPLETED + ADDED),
    )


def test_a_column_without_default_may_be_empty() -> None:
    added = "    due_date = Column(String, nullable=True)\n"
    check_transformed(AddColumn("due_date", "str"), sample(), (COMPLETED, COMPLETED + added))


@pytest.mark.parametrize(
    ("body", "added"),
    [
        ("title: Mapped[str]", "priority: Mapped[int] = mapped_column(default=0)"),
        ("title: orm.Mapped[str]", "priority: orm.Mapped[int] = orm.mapped_column(default=0)"),
        (
            "title = sa.Column(sa.String)",
            "priority = sa.Column(sa.Integer, default=0, nullable=False)",
        ),
    ],
)
def test_a_column_is_written_as_its_neighbours_are(body: str, added: str) -> None:
    code = f"""\
from sqlalchemy import orm
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

class Todo(Base):
    __tablename__ = "todos"
    {body}
"""
    check_transformed(PRIORITY, code, (f"    {body}\n", f"    {body}\n    {added}\n"))


def test_mapped_column_is_imported_where_no_neighbour_needed_it() -> None:
    code = """\
from sqlalchemy.orm import Mapped

class Todo(Base):
    __tablename__ = "todos"
    title: Mapped[str]
"""
    check_transformed(
        PRIORITY,
        code,
        ("import Mapped\n", "import Mapped, mapped_column\n"),
        ("Mapped[str]\n", "Mapped[str]\n    priority: Mapped[int] = mapped_column(default=0)\n"),
    )


def test_optional_is_written_as_the_neighbours_write_it() -> None:
    code = """\
from typing import Optional
from sqlmodel import Field, SQLModel

class Todo(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    title: str
"""
    new = "    title: str\n    due_date: Optional[str] = None\n"
    check_transformed(AddColumn("due_date", "str"), code, ("    title: str\n", new))


def test_among_several_models_the_one_with_completed_gets_the_column() -> None:
    other = 'class User(Base):\n    __tablename__ = "users"\n    id = Column(String)\n\n\n'
    before = sample(("class TodoCreate", f"{other}class TodoCreate"))
    assert AddColumn("priority", "int", 0).apply(Project(as_sources(before)))[
        "main.py"
    ].decode() == sample(
        ("class TodoCreate", f"{other}class TodoCreate"),
        (COMPLETED, COMPLETED + ADDED),
        ("import Boolean, Column, String", "import Boolean, Column, Integer, String"),
    )


def test_among_several_models_without_completed_the_one_named_todo_gets_the_column() -> None:
    other = 'class User(Base):\n    __tablename__ = "users"\n    id = Column(String)\n\n\n'
    renamed = ("completed = Column", "complete = Column")
    before = sample(("class TodoCreate", f"{other}class TodoCreate"), renamed)
    after = AddColumn("priority", "int", 0).apply(Project(as_sources(before)))["main.py"].decode()
    assert COMPLETED.replace("completed", "complete") + ADDED in after


def test_two_copies_of_the_model_are_refused_and_both_named() -> None:
    files = {"main.py": sample(), "old/backup.py": sample()}
    check_refused(PRIORITY, files, "Todo in main.py", "Todo in old/backup.py")


def test_a_copy_of_the_app_beside_it_is_left_out_unless_the_app_imports_it() -> None:
    edit = AddColumn("due_date", "str")
    beside = {"api/main.py": sample(), "api/main_old.py": sample()}
    assert set(edit.apply(Project(as_sources(beside)))) == {"api/main.py"}
    gateway = "from .todos import app\nother = FastAPI()\nother.mount('/', app)\n"
    imported = {"api/main.py": gateway, "api/todos.py": sample()}
    assert set(edit.apply(Project(as_sources(imported)))) == {"api/todos.py"}


def test_a_file_that_the_app_does_not_import_is_left_out() -> None:
    scratch = sample(("app = FastAPI()", "app = None"), ("Depends, FastAPI", "Depends"))
    check_transformed(
        AddColumn("due_date", "str"),
        {"main.py": sample(), "scratch.py": scratch},
        (COMPLETED, COMPLETED + "    due_date = Column(String, nullable=True)\n"),
    )


def test_a_column_that_exists_is_already_there() -> None:
    check_refused(PRIORITY, sample((COMPLETED, COMPLETED + ADDED)), "priority", kind=AlreadyThere)


def test_a_column_by_another_attribute_name_is_already_there() -> None:
    named = '    prio = Column("priority", String)\n'
    check_refused(PRIORITY, sample((COMPLETED, COMPLETED + named)), kind=AlreadyThere)


def test_code_without_a_model_is_refused() -> None:
    check_refused(PRIORITY, "todos = []\n", "No model was found")


def test_a_file_that_python_cannot_read_is_named() -> None:
    check_refused(PRIORITY, {"main.py": "x = 1\n", "models.py": "class Todo(:\n"}, "models.py")


def test_a_name_that_means_something_else_is_not_imported_over() -> None:
    before = sample(("class TodoCreate", "class Integer:\n    pass\n\n\nclass TodoCreate"))
    check_refused(PRIORITY, before, "Integer")


@pytest.mark.parametrize("name", ["reference", "flat", "sqlmodel", "async_"])
def test_a_new_column_is_found_again_and_again(name: str) -> None:
    sources = style(name)
    names = []
    for _ in range(6):
        names.append(AddNewColumn().choose(Project(sources)).name)
        sources |= AddNewColumn().apply(Project(sources))
    assert names == ["priority", "due_date", "note", "color", "color_2", "color_3"]


def test_a_new_column_passes_over_those_that_the_table_has() -> None:
    chosen = AddNewColumn().choose(Project(as_sources(sample())), taken={"priority"})
    assert chosen.name == "due_date"


MODEL = (COMPLETED, COMPLETED + "    place = Column(String, nullable=True)\n")
SCHEMA = (
    "completed: bool = False\n\n",
    "completed: bool = False\n    place: str | None = None\n    remark: str | None = None\n\n",
)
ROW = "Todo(title=body.title, completed=body.completed)"
HANDED = (ROW, ROW[:-1] + ", place=body.place, remark=body.remark)")


def test_a_field_goes_to_the_schema_of_new_todos_and_is_handed_to_the_row() -> None:
    check_transformed(DriftApart(), sample(), MODEL, SCHEMA, HANDED)


def test_a_row_that_takes_the_whole_body_needs_no_more() -> None:
    check_transformed(DriftApart(), sample((ROW, "Todo(**body.model_dump())")), MODEL, SCHEMA)


def test_a_call_over_several_lines_keeps_its_layout_and_its_comments() -> None:
    lines = "Todo(\n        title=body.title,\n        completed=body.completed,  # why\n    )"
    more = "  # why\n        place=body.place,\n        remark=body.remark,\n"
    check_transformed(DriftApart(), sample((ROW, lines)), MODEL, SCHEMA, ("  # why\n", more))


def test_a_row_that_is_filled_line_by_line_gets_lines_more() -> None:
    lines = "    todo = Todo()\n    todo.title = body.title\n"
    more = lines + "    todo.place = body.place\n    todo.remark = body.remark\n"
    before = sample((f"    todo = {ROW}\n", lines))
    check_transformed(DriftApart(), before, MODEL, SCHEMA, (lines, more))


def test_a_row_that_is_filled_in_an_unknown_way_is_refused() -> None:
    check_refused(DriftApart(), sample((ROW, "Todo(title=clean(body))")), "create_todo in main.py")


def test_an_empty_schema_loses_its_pass_and_keeps_its_comment() -> None:
    before = sample(
        ("    title: str\n    completed: bool = False\n", "    # to be done\n    pass\n"),
        ("class TodoCreate(BaseModel)", "class TodoCreate(Sent)"),
        (
            "class TodoCreate",
            "class Sent(BaseModel):\n    title: str\n    completed: bool\n\n\nclass TodoCreate",
        ),
    )
    fields = "    place: str | None = None\n    remark: str | None = None\n"
    check_transformed(DriftApart(), before, MODEL, ("    pass\n", fields), HANDED)


def test_a_model_that_is_the_schema_too_gets_each_field_once() -> None:
    changed = DriftApart().apply(Project(style("public_root_sqlmodel")))
    text = b"".join(changed.values())
    assert (text.count(b"place: str"), text.count(b"remark: str")) == (1, 1)


def test_layers_that_are_apart_are_named() -> None:
    apart = sample(("completed: bool = False\n\n", "completed: bool = False\n    note: str\n\n"))
    check_refused(DriftApart(), apart, "know note", kind=AlreadyThere)


def test_a_create_endpoint_without_a_schema_is_refused() -> None:
    before = sample(("body: TodoCreate", "body: dict"))
    check_refused(DriftApart(), before, "create_todo in main.py")


def test_edits_together_pass_over_what_is_there_unless_all_of_it_is() -> None:
    sources = style("sqlmodel")
    note = AddColumn("note", "str")
    changed = apply_all((PRIORITY,), sources)
    with pytest.raises(AlreadyThere):
        apply_all((PRIORITY,), {**sources, **changed})
    both = apply_all((PRIORITY, note), {**sources, **changed})["main.py"]
    assert (both.count(b"priority: int"), both.count(b"note: str")) == (1, 1)


def test_edits_together_change_nothing_where_one_has_no_place() -> None:
    with pytest.raises(EditNotApplicable, match="create_todo"):
        apply_all((PRIORITY, DriftApart()), as_sources(sample(("body: TodoCreate", "body: dict"))))
