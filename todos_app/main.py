"""The API itself: one function for each thing that a client can ask for."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path
from sqlalchemy import select

from .database import Base, SessionDep, engine, take_turn
from .models import Todo
from .schemas import TodoCreate, TodoResponse, TodoUpdate


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    Base.metadata.create_all(engine)  # only tables that are missing: it never alters one
    yield


app = FastAPI(title="Todos", lifespan=lifespan, dependencies=[Depends(take_turn)])
TodoId = Annotated[int, Path(ge=1, le=2**31 - 1)]  # what an INTEGER holds in every database


@app.get("/todos", response_model=list[TodoResponse])
def list_todos(db: SessionDep) -> Sequence[Todo]:
    return db.scalars(select(Todo).order_by(Todo.id)).all()


@app.get("/todos/{todo_id}", response_model=TodoResponse, responses={404: {}})
def get_todo(todo_id: TodoId, db: SessionDep) -> Todo:
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(404, "Todo not found")
    return todo


@app.post("/todos", response_model=TodoResponse, status_code=201, responses={400: {}})
def create_todo(body: TodoCreate, db: SessionDep) -> Todo:
    todo = Todo(**body.model_dump())
    db.add(todo)
    db.commit()  # until here, nothing is in the file
    db.refresh(todo)  # read back what the database filled in: the id
    return todo


@app.put("/todos/{todo_id}", response_model=TodoResponse, responses={400: {}, 404: {}})
def update_todo(todo_id: TodoId, body: TodoUpdate, db: SessionDep) -> Todo:
    todo = get_todo(todo_id, db)
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(todo, name, value)
    db.commit()
    db.refresh(todo)
    return todo


@app.delete("/todos/{todo_id}", status_code=204, responses={404: {}})
def delete_todo(todo_id: TodoId, db: SessionDep) -> None:
    db.delete(get_todo(todo_id, db))
    db.commit()
