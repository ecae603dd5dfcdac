from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlmodel import Field, Session, SQLModel, create_engine, select


class TodoBase(SQLModel):
    text: str


class Todo(TodoBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    done: bool = Field(default=False)


class TodoCreate(TodoBase):
    pass


engine = create_engine("sqlite:///db.sqlite", connect_args={"check_same_thread": False})
SQLModel.metadata.create_all(engine)


def get_session():
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
api = FastAPI()


@api.get("/api/todos")
def todos(session: SessionDep) -> list[Todo]:
    return session.exec(select(Todo)).all()


@api.post("/api/todos")
def add_todo(todo: TodoCreate, session: SessionDep) -> Todo:
    db_todo = Todo.model_validate(todo)
    session.add(db_todo)
    session.commit()
    session.refresh(db_todo)
    return db_todo


@api.post("/api/todos/{todo_id}/complete")
def complete(todo_id: int, session: SessionDep) -> Todo:
    todo = session.get(Todo, todo_id)
    if not todo:
        raise HTTPException(status_code=404)
    todo.done = True
    session.add(todo)
    session.commit()
    session.refresh(todo)
    return todo


@api.delete("/api/todos/{todo_id}")
def delete(todo_id: int, session: SessionDep):
    todo = session.get(Todo, todo_id)
    if not todo:
        raise HTTPException(status_code=404)
    session.delete(todo)
    session.commit()
    return {"ok": True}
