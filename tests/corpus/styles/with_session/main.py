from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

from fastapi import Body, FastAPI, HTTPException, Response
from pydantic import BaseModel
from sqlalchemy import select

from db import Base, DbSession, Todo, engine


class TodoIn(BaseModel):
    title: str
    completed: bool = False


class TodoOut(TodoIn):
    id: int
    created_at: datetime


@asynccontextmanager
async def lifespan(app: FastAPI):
    Base.metadata.create_all(engine)
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/todos", response_model=list[TodoOut])
def index(session: DbSession):
    return session.scalars(select(Todo)).all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def show(todo_id: int, session: DbSession):
    todo = session.scalar(select(Todo).where(Todo.id == todo_id))
    if todo is None:
        raise HTTPException(404, f"no todo {todo_id}")
    return todo


@app.post("/todos", response_model=TodoOut, status_code=201)
def create(todo: TodoIn, session: DbSession, response: Response):
    row = Todo(title=todo.title, completed=todo.completed)
    session.add(row)
    session.commit()
    response.headers["Location"] = f"/todos/{row.id}"
    return row


@app.put("/todos/{todo_id}", response_model=TodoOut)
def update(todo_id: int, todo: Annotated[TodoIn, Body()], session: DbSession):
    row = session.get(Todo, todo_id)
    if row is None:
        raise HTTPException(404, f"no todo {todo_id}")
    row.title = todo.title
    row.completed = todo.completed
    session.commit()
    return row


@app.delete("/todos/{todo_id}", status_code=204)
def destroy(todo_id: int, session: DbSession):
    row = session.get(Todo, todo_id)
    if row is None:
        raise HTTPException(404, f"no todo {todo_id}")
    session.delete(row)
    session.commit()
