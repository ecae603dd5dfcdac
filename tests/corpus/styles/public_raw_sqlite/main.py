import sqlite3
from contextlib import contextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

DB_NAME = "todos.sqlite"


@contextmanager
def get_conn():
    conn = sqlite3.connect(DB_NAME)
    conn.row_factory = sqlite3.Row
    try:
        yield conn
        conn.commit()
    finally:
        conn.close()


with get_conn() as c:
    c.execute(
        "CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL, done INTEGER DEFAULT 0)"
    )

app = FastAPI()


class Todo(BaseModel):
    item: str
    done: bool = False


@app.get("/todo")
def get_todos():
    with get_conn() as conn:
        return [dict(r) for r in conn.execute("SELECT * FROM todos").fetchall()]


@app.post("/todo")
def add_todo(todo: Todo):
    with get_conn() as conn:
        cur = conn.execute("INSERT INTO todos (item, done) VALUES (?, ?)", (todo.item, todo.done))
        return {"id": cur.lastrowid, **todo.model_dump()}


@app.put("/todo/{todo_id}")
def update_todo(todo_id: int, todo: Todo):
    with get_conn() as conn:
        cur = conn.execute("UPDATE todos SET item = ?, done = ? WHERE id = ?", (todo.item, todo.done, todo_id))
        if cur.rowcount == 0:
            raise HTTPException(status_code=404, detail="Todo not found")
        return {"id": todo_id, **todo.model_dump()}


@app.delete("/todo/{todo_id}")
def delete_todo(todo_id: int):
    with get_conn() as conn:
        conn.execute("DELETE FROM todos WHERE id = ?", (todo_id,))
    return {"message": f"Todo {todo_id} deleted"}
