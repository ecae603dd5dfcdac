"""A second table: users, each with an e-mail of their own, whom todos may belong to."""

from __future__ import annotations

from pathlib import PurePosixPath

import libcst as cst

from lab.codemods.imports import with_import
from lab.codemods.project import Found, Project
from lab.codemods.tables import find_model
from lab.codemods.tree import bindings, definitions, every, last_name, new_statement
from lab.model import AlreadyThere

NEEDED = ("Base", "SessionDep", "engine")
BY_HAND = (
    "Write a model User with a unique e-mail beside that of the todos, its endpoints beside "
    "theirs, and give the todos a column user_id with a ForeignKey."
)
USERS = '''\
"""Users: a second table, and its endpoints. A todo may belong to one of them."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import String, event, select
from sqlalchemy.orm import Mapped, mapped_column

from {dots}database import Base, SessionDep, engine

router = APIRouter(prefix="/users", tags=["users"])
UserId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The table itself refuses a second one: two requests at the same time cannot slip through.
    email: Mapped[str] = mapped_column(String(254), unique=True)


class UserCreate(BaseModel):
    email: Annotated[str, StringConstraints(max_length=254, pattern=r"^[^\\x00]+@[^\\x00]+$")]


class UserResponse(UserCreate):
    model_config = ConfigDict(from_attributes=True)

    id: int


@event.listens_for(engine, "connect")
def enforce_foreign_keys(connection: Any, record: object) -> None:
    if engine.dialect.name == "sqlite":
        # SQLite looks at foreign keys only where a connection has asked for it.
        connection.execute("PRAGMA foreign_keys=ON")


async def refuse(request: Request, error: Exception) -> JSONResponse:
    # The table has refused it: an e-mail twice, a user who is not there or still has todos.
    return JSONResponse({{"detail": "The database does not allow this"}}, status_code=409)


@router.get("", response_model=list[UserResponse])
def list_users(db: SessionDep) -> Sequence[User]:
    return db.scalars(select(User).order_by(User.id)).all()


@router.post("", response_model=UserResponse, status_code=201, responses={{409: {{}}}})
def create_user(body: UserCreate, db: SessionDep) -> User:
    user = User(**body.model_dump())
    db.add(user)
    db.commit()
    db.refresh(user)
    return user


@router.delete("/{{user_id}}", status_code=204, responses={{404: {{}}, 409: {{}}}})
def delete_user(user_id: UserId, db: SessionDep) -> None:
    user = db.get(User, user_id)
    if user is None:
        raise HTTPException(404, "User not found")
    db.delete(user)
    db.commit()
'''


def add_users(project: Project) -> dict[str, bytes]:
    """Return the new module of the users, and the app's module, which knows it.

    Raises AlreadyThere where there is a table of users, EditNotApplicable where the app is not
    laid out as the reference is.
    """
    tables = [found for found in project.every(cst.ClassDef) if found.node.name.value == "User"]
    if tables:
        raise AlreadyThere(
            f"There is a class {tables[0]} already.", "There is nothing left to add."
        )
    model = find_model(project)
    folder = PurePosixPath(model.path).parent
    database = str(folder / "database.py")
    known = project.modules.get(database)
    if known is None or not set(NEEDED) <= set(definitions(known)):
        raise project.refuse(
            f"The lab's own users need a database.py beside {model.path} that has "
            f"{', '.join(NEEDED)}.",
            BY_HAND,
        )
    if not any(last_name(call.node.func) == "create_all" for call in project.every(cst.Call)):
        raise project.refuse(
            "Your app makes no tables with create_all().",
            "Write the users by hand, and a migration for them.",
        )
    path, app = _app(project, folder)
    dots = "." if str(folder / "__init__.py") in project.sources else ""
    return {
        path: _with_users(project, path, app, f"{dots}users").bytes,
        str(folder / "users.py"): USERS.format(dots=dots).encode(),
    }


def _app(project: Project, folder: PurePosixPath) -> tuple[str, Found[cst.CSTNode]]:
    """Return the line that makes the app. Raises EditNotApplicable where it is not clear."""
    found = [
        (name, Found(item.path, item.node))
        for item in project.every(cst.SimpleStatementLine)
        for small in item.node.body
        for name, value in bindings(small)
        if isinstance(value, cst.Call) and last_name(value.func) == "FastAPI"
    ]
    here = [item for item in found if item[0] == "app"]
    if len(here) != 1 or PurePosixPath(here[0][1].path).parent != folder:
        raise project.refuse("The line `app = FastAPI(...)` was not found.", BY_HAND)
    return here[0][1].path, here[0][1]


def _with_users(project: Project, path: str, app: Found[cst.CSTNode], source: str) -> cst.Module:
    module = project.modules[path]
    lines = [
        new_statement(module, "app.include_router(router)"),
        new_statement(module, "app.add_exception_handler(IntegrityError, refuse)"),
    ]
    taken = {name.value for name in every(module, cst.Name)} & {"router", "refuse"}
    if taken:
        raise project.refuse(f"The name {taken.pop()} has another meaning in {path}.", BY_HAND)
    tree = project.rewrite({app.node: lambda node: cst.FlattenSentinel([node, *lines])})[path]
    tree = with_import(tree, "sqlalchemy.exc", "IntegrityError")
    tree = with_import(tree, source, "refuse")
    return with_import(tree, source, "router")
