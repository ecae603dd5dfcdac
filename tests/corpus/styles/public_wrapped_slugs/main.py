"""Bodies as in the RealWorld API: all under one name, and a slug that follows the title."""

import random
import re

from fastapi import Body, Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///realworld.db")


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    pk: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)


Base.metadata.create_all(engine)


class NewTodo(BaseModel):
    title: str


class TodoChange(BaseModel):
    title: str | None = None
    completed: bool | None = None


def slug_of(title: str) -> str:
    return f"{re.sub('[^a-z0-9]+', '-', title.lower())}-{random.randrange(36**4):x}"


def shown(todo: Todo) -> dict:
    return {"slug": todo.slug, "title": todo.title, "completed": todo.completed}


def db():
    with Session(engine) as session:
        yield session


def one(slug: str, session: Session = Depends(db)) -> Todo:
    todo = session.scalar(select(Todo).where(Todo.slug == slug))
    if todo is None:
        raise HTTPException(404)
    return todo


app = FastAPI()


@app.get("/api/todos")
def index(limit: int = 20, offset: int = 0, session: Session = Depends(db)):
    rows = session.scalars(select(Todo).order_by(Todo.pk.desc()).limit(limit).offset(offset))
    return {"todos": [shown(todo) for todo in rows]}


@app.post("/api/todos", status_code=201)
def create(todo: NewTodo = Body(embed=True), session: Session = Depends(db)):
    row = Todo(slug=slug_of(todo.title), title=todo.title, completed=False)
    session.add(row)
    session.commit()
    return {"todo": shown(row)}


@app.get("/api/todos/{slug}")
def show(row: Todo = Depends(one)):
    return {"todo": shown(row)}


@app.put("/api/todos/{slug}")
def change(
    todo: TodoChange = Body(embed=True), row: Todo = Depends(one), session: Session = Depends(db)
):
    for name, value in todo.model_dump(exclude_unset=True).items():
        setattr(row, name, value)
    if todo.title:
        row.slug = slug_of(todo.title)
    session.commit()
    return {"todo": shown(row)}


@app.delete("/api/todos/{slug}", status_code=204)
def delete(row: Todo = Depends(one), session: Session = Depends(db)):
    session.delete(row)
    session.commit()
