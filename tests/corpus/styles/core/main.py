from datetime import datetime, timezone

import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

engine = sa.create_engine("sqlite:///./todos.db")
metadata = sa.MetaData()
todos = sa.Table(
    "todos",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("completed", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
)
metadata.create_all(engine)
app = FastAPI()


class TodoIn(BaseModel):
    title: str
    completed: bool = False


class TodoOut(TodoIn):
    id: int
    created_at: datetime


def connection():
    with engine.connect() as conn:
        yield conn


def fetch(conn: sa.Connection, todo_id: int):
    row = conn.execute(sa.select(todos).where(todos.c.id == todo_id)).mappings().first()
    if row is None:
        raise HTTPException(404, "Todo not found")
    return row


@app.get("/todos", response_model=list[TodoOut])
def get_todos(conn: sa.Connection = Depends(connection)):
    return conn.execute(sa.select(todos)).mappings().all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def get_todo(todo_id: int, conn: sa.Connection = Depends(connection)):
    return fetch(conn, todo_id)


@app.post("/todos", response_model=TodoOut, status_code=201)
def create_todo(body: TodoIn, conn: sa.Connection = Depends(connection)):
    values = body.model_dump() | {"created_at": datetime.now(timezone.utc)}
    result = conn.execute(todos.insert().values(values))
    conn.commit()
    return fetch(conn, result.inserted_primary_key[0])


@app.put("/todos/{todo_id}", response_model=TodoOut)
def update_todo(todo_id: int, body: TodoIn, conn: sa.Connection = Depends(connection)):
    fetch(conn, todo_id)
    conn.execute(todos.update().where(todos.c.id == todo_id).values(body.model_dump()))
    conn.commit()
    return fetch(conn, todo_id)


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int, conn: sa.Connection = Depends(connection)):
    fetch(conn, todo_id)
    conn.execute(todos.delete().where(todos.c.id == todo_id))
    conn.commit()
