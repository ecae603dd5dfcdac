from typing import Literal

from fastapi import Body, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict

from src.uow import UnitOfWork

app = FastAPI()


class NewTodo(BaseModel):
    subject: str


class TodoChange(BaseModel):
    subject: str
    state: Literal["open", "closed"]


class TodoView(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    subject: str
    state: str


def success(**data):
    return {"status": "success", "data": data}


@app.get("/service/todo-items")
def index():
    with UnitOfWork() as uow:
        return success(todos=[TodoView.model_validate(t) for t in uow.todos.list()])


@app.post("/service/todo-items", status_code=201)
def create(todo: NewTodo = Body(embed=True)):
    with UnitOfWork() as uow:
        return success(todo=TodoView.model_validate(uow.todos.add(subject=todo.subject)))


@app.get("/service/todo-items/{id}")
def show(id: int):
    with UnitOfWork() as uow:
        todo = uow.todos.get(id)
        if todo is None:
            raise HTTPException(404, {"status": "fail", "data": {"id": "not found"}})
        return success(todo=TodoView.model_validate(todo))


@app.put("/service/todo-items/{id}")
def update(id: int, todo: TodoChange = Body(embed=True)):
    with UnitOfWork() as uow:
        row = uow.todos.get(id)
        if row is None:
            raise HTTPException(404, {"status": "fail", "data": {"id": "not found"}})
        row.subject = todo.subject
        row.state = todo.state
        return success(todo=TodoView.model_validate(row))


@app.delete("/service/todo-items/{id}")
def destroy(id: int):
    with UnitOfWork() as uow:
        row = uow.todos.get(id)
        if row is None:
            raise HTTPException(404, {"status": "fail", "data": {"id": "not found"}})
        uow.todos.remove(row)
        return success()
