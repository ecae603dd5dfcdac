from datetime import datetime
from typing import Annotated, Iterator, List, Optional

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from .tables import TodoRow, make_session

app = FastAPI()


class NewTodo(BaseModel):
    title: Annotated[str, Field(min_length=1)]
    completed: Optional[bool] = False


class Todo(NewTodo):
    id: int
    created_at: Optional[datetime] = None


def session() -> Iterator[Session]:
    s = make_session()
    try:
        yield s
    finally:
        s.close()


Db = Annotated[Session, Depends(session)]


@app.get("/todos", response_model=List[Todo])
def all_todos(s: Db):
    return s.execute(select(TodoRow)).scalars().all()


@app.get("/todos/{todo_id}", response_model=Todo)
def one_todo(todo_id: int, s: Db):
    found = s.execute(select(TodoRow).where(TodoRow.id == todo_id)).scalar_one_or_none()
    if found is None:
        raise HTTPException(404, "Todo not found")
    return found


@app.post("/todos", response_model=Todo, status_code=201)
def new_todo(body: NewTodo, s: Db):
    row = s.execute(insert(TodoRow).values(**body.model_dump()).returning(TodoRow)).scalar_one()
    s.commit()
    return row


@app.put("/todos/{todo_id}", response_model=Todo)
def change_todo(todo_id: int, body: NewTodo, s: Db):
    s.execute(update(TodoRow).where(TodoRow.id == todo_id).values(**body.model_dump()))
    s.commit()
    return one_todo(todo_id, s)


@app.delete("/todos/{todo_id}", status_code=204)
def drop_todo(todo_id: int, s: Db):
    if s.execute(delete(TodoRow).where(TodoRow.id == todo_id)).rowcount == 0:
        raise HTTPException(404, "Todo not found")
    s.commit()
