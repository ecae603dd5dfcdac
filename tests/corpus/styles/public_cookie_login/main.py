import secrets
import sqlite3
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, HTTPException, Response
from pydantic import BaseModel

SCHEMA = """
create table if not exists users (id integer primary key, username text unique, password text);
create table if not exists logins (token text primary key, user_id integer);
create table if not exists todos (id integer primary key, user_id integer, title text, done integer default 0);
"""


def connect():
    c = sqlite3.connect("todoapp.db")
    c.row_factory = sqlite3.Row
    return c


with connect() as c:
    c.executescript(SCHEMA)
    if not c.execute("select 1 from users").fetchone():
        c.execute("insert into users (username, password) values ('demo', 'demo')")

app = FastAPI()


class Account(BaseModel):
    username: str
    password: str


class NewTodo(BaseModel):
    title: str


def user(sid: Annotated[str | None, Cookie()] = None) -> int:
    with connect() as c:
        row = c.execute("select user_id from logins where token = ?", (sid,)).fetchone()
    if not row:
        raise HTTPException(401, "Please log in")
    return row["user_id"]


User = Annotated[int, Depends(user)]


@app.post("/signup", status_code=201)
def signup(body: Account):
    with connect() as c:
        if c.execute("select 1 from users where username = ?", (body.username,)).fetchone():
            raise HTTPException(400, "Username taken")
        c.execute("insert into users (username, password) values (?, ?)", (body.username, body.password))
    return {"message": "signed up"}


@app.post("/login")
def login(body: Account, response: Response):
    with connect() as c:
        known = "select id from users where username = ? and password = ?"
        row = c.execute(known, (body.username, body.password)).fetchone()
        if not row:
            raise HTTPException(401, "Wrong username or password")
        sid = secrets.token_hex(16)
        c.execute("insert into logins values (?, ?)", (sid, row["id"]))
    response.set_cookie("sid", sid, httponly=True, samesite="lax")
    return {"message": "logged in"}


@app.get("/todos")
def index(user: User):
    with connect() as c:
        return [dict(r) for r in c.execute("select id, title, done from todos where user_id = ?", (user,))]


@app.post("/todos", status_code=201)
def create(body: NewTodo, user: User):
    with connect() as c:
        id = c.execute("insert into todos (user_id, title) values (?, ?)", (user, body.title)).lastrowid
    return {"id": id, "title": body.title, "done": 0}


@app.patch("/todos/{id}")
def finish(id: int, user: User, done: bool = True):
    with connect() as c:
        if not c.execute("update todos set done = ? where id = ? and user_id = ?", (done, id, user)).rowcount:
            raise HTTPException(404)
    return {"id": id, "done": done}
