from datetime import datetime

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, DateTime, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///./todos.db")
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class Todo(Base):
    __tablename__ = "todos"
    id = Column(Integer, primary_key=True)
    title = Column(String, nullable=False)
    completed = Column(Boolean, nullable=False, default=False)
    created_at = Column(DateTime, nullable=False, default=datetime.now)
    updated_at = Column(DateTime, default=datetime.now, onupdate=datetime.now)
    deleted_at = Column(DateTime)


class TodoBody(BaseModel):
    title: str
    completed: bool = False


class TodoOut(TodoBody):
    id: int
    created_at: datetime
    updated_at: datetime


Base.metadata.create_all(engine)
app = FastAPI()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def alive(db: Session):
    return db.query(Todo).filter(Todo.deleted_at.is_(None))


def get_or_404(todo_id: int, db: Session = Depends(get_db)):
    todo = alive(db).filter(Todo.id == todo_id).one_or_none()
    if todo is None:
        raise HTTPException(status_code=404, detail="Todo not found")
    return todo


@app.get("/todos", response_model=list[TodoOut])
def list_todos(db: Session = Depends(get_db)):
    return alive(db).all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def get_todo(todo: Todo = Depends(get_or_404)):
    return todo


@app.post("/todos", response_model=TodoOut, status_code=201)
def create_todo(body: TodoBody, db: Session = Depends(get_db)):
    todo = Todo(**body.model_dump())
    db.add(todo)
    db.commit()
    return todo


@app.put("/todos/{todo_id}", response_model=TodoOut)
def update_todo(
    body: TodoBody, todo: Todo = Depends(get_or_404), db: Session = Depends(get_db)
):
    for key, value in body.model_dump(exclude_unset=True).items():
        setattr(todo, key, value)
    db.commit()
    return todo


@app.delete("/todos/{todo_id}", response_model=TodoOut)
def delete_todo(todo: Todo = Depends(get_or_404), db: Session = Depends(get_db)):
    todo.deleted_at = datetime.now()
    db.commit()
    return todo
