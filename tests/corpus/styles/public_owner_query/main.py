"""Todos of several people: every request says whose it is about."""

import sqlite3
from contextlib import contextmanager

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel

app = FastAPI(title="Shared todos")


@contextmanager
def cursor():
    connection = sqlite3.connect("shared.db")
    connection.row_factory = sqlite3.Row
    try:
        yield connection.cursor()
        connection.commit()
    finally:
        connection.close()


with cursor() as c:
    c.execute(
        "CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "title TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL)"
    )


class NewTodo(BaseModel):
    title: str
    owner: str


class Changes(BaseModel):
    title: str | None = None
    done: bool | None = None


def shown(row: sqlite3.Row) -> dict:
    return {**dict(row), "done": bool(row["done"])}


def one(c: sqlite3.Cursor, todo_id: int, owner: str) -> sqlite3.Row:
    row = c.execute("SELECT * FROM todos WHERE id = ? AND owner = ?", (todo_id, owner)).fetchone()
    if row is None:
        raise HTTPException(404, "no such todo of yours")
    return row


@app.get("/todos")
def of_owner(owner: str = Query(min_length=1)):
    with cursor() as c:
        rows = c.execute("SELECT * FROM todos WHERE owner = ? ORDER BY id", (owner,)).fetchall()
    return [shown(row) for row in rows]


@app.post("/todos", status_code=201)
def add(todo: NewTodo):
    with cursor() as c:
        c.execute("INSERT INTO todos (title, owner) VALUES (?, ?)", (todo.title, todo.owner))
        return shown(one(c, c.lastrowid, todo.owner))


@app.patch("/todos/{todo_id}")
def change(todo_id: int, changes: Changes, owner: str):
    with cursor() as c:
        one(c, todo_id, owner)
        for name, value in changes.model_dump(exclude_none=True).items():
            c.execute(f"UPDATE todos SET {name} = ? WHERE id = ?", (value, todo_id))
        return shown(one(c, todo_id, owner))


@app.delete("/todos/{todo_id}", status_code=204)
def remove(todo_id: int, owner: str):
    with cursor() as c:
        one(c, todo_id, owner)
        c.execute("DELETE FROM todos WHERE id = ?", (todo_id,))
