from datetime import datetime
from typing import List

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, DateTime, Integer, String, create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite:///./todos.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


class TodoModel(Base):
    __tablename__ = "todo_items"

    id = Column(Integer, primary_key=True, index=True, autoincrement=True)
    title = Column(String(100))
    completed = Column(Boolean, default=False)
    created_at = Column(DateTime, default=datetime.utcnow)


class TodoSchema(BaseModel):
    title: str
    completed: bool = False


class Todo(TodoSchema):
    id: int
    created_at: datetime

    class Config:
        from_attributes = True


app = FastAPI()


@app.on_event("startup")
def startup():
    Base.metadata.create_all(bind=engine)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.get("/todos/", response_model=List[Todo])
def read_todos(db: Session = Depends(get_db)):
    todos = db.query(TodoModel).order_by(TodoModel.id.desc()).all()
    return todos


@app.get("/todos/{todo_id}/", response_model=Todo)
def read_todo(todo_id: int, db: Session = Depends(get_db)):
    todo = db.query(TodoModel).filter(TodoModel.id == todo_id).first()
    if todo is None:
        raise HTTPException(status_code=404, detail="Todo not found")
    return todo


@app.post("/todos/", response_model=Todo)
def create_todo(todo: TodoSchema, db: Session = Depends(get_db)):
    db_todo = TodoModel(**todo.dict())
    db.add(db_todo)
    db.commit()
    db.refresh(db_todo)
    return db_todo


@app.put("/todos/{todo_id}/", response_model=Todo)
def update_todo(todo_id: int, todo: TodoSchema, db: Session = Depends(get_db)):
    query = db.query(TodoModel).filter(TodoModel.id == todo_id)
    if query.first() is None:
        raise HTTPException(status_code=404, detail="Todo not found")
    query.update(todo.dict())
    db.commit()
    return query.first()


@app.delete("/todos/{todo_id}/", response_model=Todo)
def delete_todo(todo_id: int, db: Session = Depends(get_db)):
    todo = db.query(TodoModel).filter(TodoModel.id == todo_id).first()
    if todo is None:
        raise HTTPException(status_code=404, detail="Todo not found")
    deleted = Todo.from_orm(todo)
    db.delete(todo)
    db.commit()
    return deleted
