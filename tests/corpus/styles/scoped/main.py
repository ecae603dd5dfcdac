from datetime import datetime
from uuid import uuid4
from contextvars import ContextVar

from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

request_id: ContextVar[str] = ContextVar("request_id", default="")
engine = create_engine("sqlite:///todos.db")
db = scoped_session(sessionmaker(bind=engine), scopefunc=request_id.get)


class Base(DeclarativeBase):
    query = db.query_property()


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=datetime.now)


class TodoIn(BaseModel):
    title: str
    completed: bool = False


class TodoOut(TodoIn):
    id: int
    created_at: datetime


Base.metadata.create_all(bind=engine)
app = FastAPI()


@app.middleware("http")
async def remove_session(request: Request, call_next):
    request_id.set(uuid4().hex)
    try:
        return await call_next(request)
    finally:
        db.remove()


def find(todo_id: int):
    todo = Todo.query.filter_by(id=todo_id).first()
    if todo is None:
        raise HTTPException(status_code=404)
    return todo


@app.get("/todos", response_model=list[TodoOut])
def get_todos():
    return Todo.query.all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def get_todo(todo_id: int):
    return find(todo_id)


@app.post("/todos", response_model=TodoOut, status_code=201)
def create_todo(body: TodoIn):
    todo = Todo(title=body.title, completed=body.completed)
    db.add(todo)
    db.commit()
    return todo


@app.put("/todos/{todo_id}", response_model=TodoOut)
def update_todo(todo_id: int, body: TodoIn):
    todo = find(todo_id)
    todo.title = body.title
    todo.completed = body.completed
    db.commit()
    return todo


@app.delete("/todos/{todo_id}")
def delete_todo(todo_id: int):
    db.delete(find(todo_id))
    db.commit()
    return "deleted"
