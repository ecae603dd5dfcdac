from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from models import Todo

engine = create_engine("sqlite:///./todos.db")
SessionLocal = sessionmaker(engine)


@asynccontextmanager
async def lifespan(app: FastAPI):
    config = Config(Path(__file__).with_name("alembic.ini"))
    command.upgrade(config, "head")
    yield


app = FastAPI(lifespan=lifespan)


class TodoIn(BaseModel):
    title: str
    completed: bool = False


class TodoOut(TodoIn):
    id: int
    created_at: datetime


def get_db():
    with SessionLocal() as db:
        yield db


@app.get("/todos", response_model=list[TodoOut])
def get_todos(db: Session = Depends(get_db)):
    return db.scalars(select(Todo)).all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def get_todo(todo_id: int, db: Session = Depends(get_db)):
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(status_code=404, detail="Todo not found")
    return todo


@app.post("/todos", response_model=TodoOut, status_code=201)
def post_todo(body: TodoIn, db: Session = Depends(get_db)):
    todo = Todo(**body.model_dump())
    db.add(todo)
    db.commit()
    db.refresh(todo)
    return todo


@app.put("/todos/{todo_id}", response_model=TodoOut)
def put_todo(todo_id: int, body: TodoIn, db: Session = Depends(get_db)):
    todo = get_todo(todo_id, db)
    for name, value in body.model_dump().items():
        setattr(todo, name, value)
    db.commit()
    db.refresh(todo)
    return todo


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int, db: Session = Depends(get_db)):
    db.delete(get_todo(todo_id, db))
    db.commit()
