from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from app.db import Base, SessionLocal, TodoRow, engine

Base.metadata.create_all(engine)
app = FastAPI()

todos: dict[int, dict] = {}


class TodoIn(BaseModel):
    text: str
    done: bool = False


@app.get("/todos")
def get_todos():
    return list(todos.values())


@app.get("/todos/{todo_id}")
def get_todo(todo_id: int):
    if todo_id not in todos:
        raise HTTPException(404, "Todo not found")
    return todos[todo_id]


@app.post("/todos", status_code=201)
def add_todo(body: TodoIn):
    with SessionLocal() as db:
        row = TodoRow(text=body.text, done=body.done)
        db.add(row)
        db.commit()
        todos[row.id] = {"id": row.id, "text": row.text, "done": row.done}
        return todos[row.id]


@app.put("/todos/{todo_id}")
def update_todo(todo_id: int, body: TodoIn):
    if todo_id not in todos:
        raise HTTPException(404, "Todo not found")
    with SessionLocal() as db:
        row = db.get(TodoRow, todo_id)
        row.text, row.done = body.text, body.done
        db.commit()
    todos[todo_id] = {"id": todo_id, "text": body.text, "done": body.done}
    return todos[todo_id]


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int):
    if todo_id not in todos:
        raise HTTPException(404, "Todo not found")
    with SessionLocal() as db:
        db.delete(db.get(TodoRow, todo_id))
        db.commit()
    del todos[todo_id]
