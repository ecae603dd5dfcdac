from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import Session

import database
from database import Todo, get_db

app = FastAPI()
database.Base.metadata.create_all(bind=database.engine)


class TodoCreate(BaseModel):
    title: str
    completed: bool = False


@app.post("/todos")
def create_todo(todo: TodoCreate, db: Session = Depends(get_db)):
    new_todo = Todo(title=todo.title, completed=todo.completed)
    db.add(new_todo)
    db.commit()
    db.refresh(new_todo)
    return new_todo


@app.get("/todos")
def get_todos(db: Session = Depends(get_db)):
    return db.query(Todo).all()


@app.get("/todos/{id}")
def get_todo(id: int, db: Session = Depends(get_db)):
    return db.query(Todo).filter(Todo.id == id).first()


@app.put("/todos/{id}")
def update_todo(id: int, updated: TodoCreate, db: Session = Depends(get_db)):
    todo = db.query(Todo).filter(Todo.id == id).first()
    if not todo:
        return {"message": "Todo not found"}
    todo.title = updated.title
    todo.completed = updated.completed
    db.commit()
    db.refresh(todo)
    return todo


@app.delete("/todos/{id}")
def delete_todo(id: int, db: Session = Depends(get_db)):
    todo = db.query(Todo).filter(Todo.id == id).first()
    if not todo:
        return {"message": "Todo not found"}
    db.delete(todo)
    db.commit()
    return {"message": "Todo deleted successfully"}
