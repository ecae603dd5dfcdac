"""Notes: the list has no more than their titles, and the rest is read one by one."""

import sqlite3

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel


class Note(BaseModel):
    title: str
    body: str | None = None
    done: bool = False


class NoteChange(BaseModel):
    title: str | None = None
    body: str | None = None
    done: bool | None = None


def connection():
    db = sqlite3.connect("notes.db", isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    try:
        yield db
    finally:
        db.close()


with sqlite3.connect("notes.db") as first:
    first.execute(
        "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, title TEXT, body TEXT, done BOOLEAN)"
    )
app = FastAPI()


def one(db: sqlite3.Connection, id: int) -> dict:
    row = db.execute("SELECT * FROM note WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise HTTPException(404, "There is no such note")
    return {**row, "done": bool(row["done"])}


@app.get("/notes")
def index(db: sqlite3.Connection = Depends(connection)):
    rows = db.execute("SELECT id, substr(title, 1, 40) AS title, substr(body, 1, 8) AS body FROM note")
    return {"notes": [dict(row) for row in rows]}


@app.post("/notes", status_code=201)
def create(note: Note, db: sqlite3.Connection = Depends(connection)):
    made = db.execute(
        "INSERT INTO note (title, body, done) VALUES (:title, :body, :done)", note.model_dump()
    )
    return {"id": made.lastrowid, **note.model_dump()}


@app.get("/notes/{id}")
def show(id: int, db: sqlite3.Connection = Depends(connection)):
    return one(db, id)


@app.patch("/notes/{id}")
def change(id: int, sent: NoteChange, db: sqlite3.Connection = Depends(connection)):
    changes = sent.model_dump(exclude_unset=True)
    note = one(db, id) | changes
    db.execute("UPDATE note SET title = :title, body = :body, done = :done WHERE id = :id", note)
    return note


@app.delete("/notes/{id}", status_code=204)
def delete(id: int, db: sqlite3.Connection = Depends(connection)):
    one(db, id)
    db.execute("DELETE FROM note WHERE id = ?", (id,))
