from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from database import Base, SessionLocal, engine
from models import Todo

Base.metadata.create_all(engine)
app = FastAPI()


class TodoIn(BaseModel):
    title: str
    completed: bool = False


@app.get("/todos")
def get_todos():
    with SessionLocal() as db:
        return [todo.to_dict() for todo in db.query(Todo).all()]


@app.get("/todos/{todo_id}")
def get_todo(todo_id: int):
    with SessionLocal() as db:
        todo = db.get(Todo, todo_id)
        if not todo:
            raise HTTPException(status_code=404, detail="Todo not found")
        return todo.to_dict()


@app.post("/todos", status_code=201)
def add_todo(body: TodoIn):
    with SessionLocal() as db:
        todo = Todo(title=body.title, completed=body.completed)
        db.add(todo)
        db.commit()
        return todo.to_dict()


@app.put("/todos/{todo_id}")
def edit_todo(todo_id: int, body: TodoIn):
    with SessionLocal.begin() as db:
        todo = db.get(Todo, todo_id)
        if not todo:
            raise HTTPException(status_code=404, detail="Todo not found")
        todo.title = body.title
        todo.completed = body.completed
        return todo.to_dict()


@app.delete("/todos/{todo_id}")
def remove_todo(todo_id: int):
    with SessionLocal.begin() as db:
        todo = db.get(Todo, todo_id)
        if not todo:
            raise HTTPException(status_code=404, detail="Todo not found")
        db.delete(todo)
    return {"status": "deleted"}
