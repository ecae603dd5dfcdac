from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from models import Base, Todo, TodoChange, TodoDraft, engine, session_factory
from repository import TodoNotFound, TodoRepository


@asynccontextmanager
async def lifespan(app: FastAPI):
    Base.metadata.create_all(engine)
    yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(TodoNotFound)
def not_found(request: Request, error: TodoNotFound) -> JSONResponse:
    return JSONResponse({"error": "not_found", "id": error.args[0]}, status_code=404)


def get_repository():
    with session_factory() as session:
        yield TodoRepository(session)


Repository = Annotated[TodoRepository, Depends(get_repository)]


@app.get("/todos")
def list_todos(todos: Repository) -> list[Todo]:
    return todos.all()


@app.get("/todos/{todo_id}")
def get_todo(todo_id: int, todos: Repository) -> Todo:
    return todos.get(todo_id)


@app.post("/todos", status_code=201)
def create_todo(draft: TodoDraft, todos: Repository) -> Todo:
    return todos.add(draft)


@app.put("/todos/{todo_id}")
def update_todo(todo_id: int, change: TodoChange, todos: Repository) -> Todo:
    return todos.update(todo_id, change)


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int, todos: Repository) -> None:
    todos.delete(todo_id)
