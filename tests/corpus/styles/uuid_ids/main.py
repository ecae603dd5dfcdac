import uuid
from datetime import datetime, timezone

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///./todos.db")


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid.uuid4()))
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float]


class TodoIn(BaseModel):
    title: str
    completed: bool = False


class TodoOut(BaseModel):
    id: str
    title: str
    completed: bool
    created_at: float


Base.metadata.create_all(engine)
app = FastAPI()


def get_db():
    with Session(engine) as db:
        yield db


@app.get("/todos", response_model=list[TodoOut])
def get_todos(db: Session = Depends(get_db)):
    return db.scalars(select(Todo)).all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def get_todo(todo_id: uuid.UUID, db: Session = Depends(get_db)):
    todo = db.get(Todo, str(todo_id))
    if todo is None:
        raise HTTPException(404, "Todo not found")
    return todo


@app.post("/todos", response_model=TodoOut, status_code=201)
def create_todo(body: TodoIn, db: Session = Depends(get_db)):
    todo = Todo(**body.model_dump(), created_at=datetime.now(timezone.utc).timestamp())
    db.add(todo)
    db.commit()
    return todo


@app.put("/todos/{todo_id}", response_model=TodoOut)
def update_todo(todo_id: uuid.UUID, body: TodoIn, db: Session = Depends(get_db)):
    todo = get_todo(todo_id, db)
    todo.title = body.title
    todo.completed = body.completed
    db.commit()
    return todo


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: uuid.UUID, db: Session = Depends(get_db)):
    db.delete(get_todo(todo_id, db))
    db.commit()
