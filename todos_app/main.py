"""The API itself: one function for each thing that a client can ask for."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, status
from sqlalchemy import select
from sqlalchemy.orm import Session

from .database import Base, SessionDep, engine
from .models import Todo
from .schemas import TodoCreate, TodoResponse, TodoUpdate


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Creates the tables that are missing. Tables that exist are left as they are.
    Base.metadata.create_all(bind=engine)
    yield


app = FastAPI(title="Todos", lifespan=lifespan)

# An id is a 64-bit integer in the database, so a larger one cannot exist.
TodoId = Annotated[int, Path(ge=1, le=2**63 - 1)]
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such todo"}}


def find(db: Session, todo_id: int) -> Todo:
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Todo not found")
    return todo


@app.get("/todos", response_model=list[TodoResponse])
def list_todos(db: SessionDep) -> Sequence[Todo]:
    return db.scalars(select(Todo).order_by(Todo.id)).all()


@app.get("/todos/{todo_id}", response_model=TodoResponse, responses=NOT_FOUND)
def get_todo(todo_id: TodoId, db: SessionDep) -> Todo:
    return find(db, todo_id)


@app.post("/todos", response_model=TodoResponse, status_code=status.HTTP_201_CREATED)
def create_todo(body: TodoCreate, db: SessionDep) -> Todo:
    todo = Todo(**body.model_dump())
    db.add(todo)
    db.commit()  # until here, nothing is in the file
    db.refresh(todo)  # read back what the database filled in: the id
    return todo


@app.put("/todos/{todo_id}", response_model=TodoResponse, responses=NOT_FOUND)
def update_todo(todo_id: TodoId, body: TodoUpdate, db: SessionDep) -> Todo:
    todo = find(db, todo_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(todo, name, value)
    db.commit()
    db.refresh(todo)
    return todo


@app.delete("/todos/{todo_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_todo(todo_id: TodoId, db: SessionDep) -> None:
    db.delete(find(db, todo_id))
    db.commit()
