from datetime import datetime

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("sqlite:///todos.db")
SessionLocal = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todo"
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


Base.metadata.create_all(engine)
app = FastAPI()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.get("/todos")
def list_todos(db: Session = Depends(get_db)) -> list[TodoOut]:
    return db.scalars(select(Todo)).all()


@app.get("/todos/{id}")
def get_todo(id: int, db: Session = Depends(get_db)) -> TodoOut:
    if (todo := db.get(Todo, id)) is None:
        raise HTTPException(404)
    return todo


@app.post("/todos")
def create_todo(data: TodoIn, db: Session = Depends(get_db)) -> TodoOut:
    todo = Todo(**data.model_dump())
    db.add(todo)
    db.commit()
    return todo


@app.put("/todos/{id}")
def put_todo(id: int, data: TodoIn, db: Session = Depends(get_db)) -> TodoOut:
    todo = db.get(Todo, id)
    if todo is None:
        raise HTTPException(404)
    for key, value in data.model_dump().items():
        setattr(todo, key, value)
    db.commit()
    return todo


@app.delete("/todos/{id}")
def delete_todo(id: int, db: Session = Depends(get_db)):
    todo = db.get(Todo, id)
    if todo is None:
        raise HTTPException(404)
    db.delete(todo)
    db.commit()
    return {"ok": True}
