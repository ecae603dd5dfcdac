import re
import sqlite3
from contextlib import closing

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


def db():
    c = sqlite3.connect("board.db")
    c.row_factory = sqlite3.Row
    return closing(c)


with db() as c:
    c.execute("create table if not exists lists (name text)")
    c.execute("create table if not exists entries (slug text primary key, title text, state text default 'open')")

app = FastAPI()


class Entry(BaseModel):
    title: str


@app.get("/todos")
def index():
    with db() as c:
        return {"entries": {row["slug"]: dict(row) for row in c.execute("select * from entries")}}


@app.post("/todos", status_code=201)
def create(body: Entry):
    slug = re.sub(r"\W+", "-", body.title.lower()).strip("-")
    with db() as c:
        try:
            c.execute("insert into entries (slug, title) values (?, ?)", (slug, body.title))
        except sqlite3.IntegrityError:
            raise HTTPException(409, f"{slug} is there already")
        c.commit()
    return {"slug": slug}


@app.post("/todos/{slug}/close")
def close(slug: str):
    with db() as c:
        if not c.execute("update entries set state = 'closed' where slug = ?", (slug,)).rowcount:
            raise HTTPException(404)
        c.commit()
    return {"message": "closed"}


@app.delete("/todos/{slug}", status_code=204)
def remove(slug: str):
    with db() as c:
        if not c.execute("delete from entries where slug = ?", (slug,)).rowcount:
            raise HTTPException(404)
        c.commit()
