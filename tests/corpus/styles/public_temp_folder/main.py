from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

import settings

engine = create_engine(settings.DB_URL, connect_args={"check_same_thread": False})
Session = sessionmaker(bind=engine, expire_on_commit=False)
Base = declarative_base()


class Todo(Base):
    __tablename__ = "todo"
    id = Column(Integer, primary_key=True)
    task = Column(String)
    owner = Column(String)
    completed = Column(Boolean, default=False)


Base.metadata.create_all(engine)
app = FastAPI()


class TodoIn(BaseModel):
    task: str
    owner: str


class TodoEdit(TodoIn):
    completed: bool


@app.post("/todos/add")
def add(todo: TodoIn):
    with Session.begin() as s:
        row = Todo(task=todo.task, owner=todo.owner)
        s.add(row)
    return {"message": "Todo added", "todo": row}


@app.get("/todos/all")
def everything():
    with Session() as s:
        return s.query(Todo).all()


@app.put("/todos/edit/{id}")
def edit(id: int, todo: TodoEdit):
    with Session.begin() as s:
        row = s.get(Todo, id)
        if row is None:
            raise HTTPException(404, "Not found")
        row.task, row.owner, row.completed = todo.task, todo.owner, todo.completed
    return {"message": "Todo changed", "todo": row}
