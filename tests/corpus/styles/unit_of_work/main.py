import time
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("sqlite:///./todos.db")
SessionLocal = sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


Base.metadata.create_all(engine)


class TodoCreate(BaseModel):
    title: str
    completed: bool = False


class TodoUpdate(BaseModel):
    title: str | None = None
    completed: bool | None = None


class TodoRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    completed: bool
    created_at: datetime


def get_session():
    """One unit of work for each request: all of it, or nothing."""
    session = SessionLocal()
    try:
        yield session
        time.sleep(0.05)  # stands for a slow disk
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


Db = Annotated[Session, Depends(get_session)]
app = FastAPI()


def found(db: Session, id: int) -> Todo:
    todo = db.get(Todo, id)
    if todo is None:
        raise HTTPException(status_code=404, detail="no such todo")
    return todo


@app.get("/todos", response_model=list[TodoRead])
def read_todos(db: Db):
    return db.scalars(select(Todo).order_by(Todo.id)).all()


@app.get("/todos/{id}", response_model=TodoRead)
def read_todo(id: int, db: Db):
    return found(db, id)


@app.post("/todos", response_model=TodoRead, status_code=201)
def create_todo(data: TodoCreate, db: Db):
    todo = Todo(**data.model_dump())
    db.add(todo)
    db.flush()
    return todo


@app.put("/todos/{id}", response_model=TodoRead)
def update_todo(id: int, data: TodoUpdate, db: Db):
    todo = found(db, id)
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(todo, name, value)
    db.flush()
    return todo


@app.delete("/todos/{id}", status_code=204)
def delete_todo(id: int, db: Db):
    db.delete(found(db, id))
