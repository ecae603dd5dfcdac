from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///todos.db")


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


class TodoIn(BaseModel):
    title: str
    completed: bool = False


class TodoOut(TodoIn):
    model_config = ConfigDict(from_attributes=True)
    id: int
    created_at: datetime


class Page(BaseModel):
    items: list[TodoOut]
    total: int
    skip: int
    limit: int


@asynccontextmanager
async def lifespan(app: FastAPI):
    Base.metadata.create_all(engine)
    yield


app = FastAPI(lifespan=lifespan)


def get_db():
    with Session(engine) as db:
        yield db


Db = Annotated[Session, Depends(get_db)]


@app.get("/todos")
def list_todos(
    db: Db,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Page:
    query = select(Todo)
    total = db.scalar(select(func.count()).select_from(query.subquery()))
    items = db.scalars(query.order_by(Todo.id).offset(skip).limit(limit)).all()
    return Page(items=items, total=total, skip=skip, limit=limit)


@app.get("/todos/{todo_id}")
def get_todo(todo_id: int, db: Db) -> TodoOut:
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(404, "Todo not found")
    return todo


@app.post("/todos", status_code=201)
def create_todo(body: TodoIn, db: Db) -> TodoOut:
    todo = Todo(**body.model_dump())
    db.add(todo)
    db.commit()
    return todo


@app.put("/todos/{todo_id}")
def update_todo(todo_id: int, body: TodoIn, db: Db) -> TodoOut:
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(404, "Todo not found")
    todo.title, todo.completed = body.title, body.completed
    db.commit()
    return todo


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int, db: Db) -> None:
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(404, "Todo not found")
    db.delete(todo)
    db.commit()
