"""A todo API for HTML forms, which answers with JSON (python-multipart would give Form(...))."""

from urllib.parse import parse_qs

from fastapi import FastAPI, HTTPException, Request
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Todo(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    completed: bool = False


engine = create_engine("sqlite:///forms.db")
SQLModel.metadata.create_all(engine)
app = FastAPI()


def form(*required: str) -> dict:
    fields = {"title": {"type": "string"}, "completed": {"type": "boolean", "default": False}}
    schema = {"type": "object", "title": "TodoForm", "properties": fields, "required": required}
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


async def sent(request: Request) -> dict[str, str]:
    if request.headers.get("content-type") != "application/x-www-form-urlencoded":
        raise HTTPException(422, "not a form")
    return {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}


@app.get("/todos")
def todos() -> list[Todo]:
    with Session(engine) as session:
        return session.exec(select(Todo)).all()


@app.post("/todos", openapi_extra=form("title"))
async def new_todo(request: Request) -> Todo:
    fields = await sent(request)
    todo = Todo(title=fields["title"], completed=fields.get("completed") == "true")
    with Session(engine) as session:
        session.add(todo)
        session.commit()
        session.refresh(todo)
        return todo


@app.post("/todos/{id}/edit", openapi_extra=form())
async def edit_todo(id: int, request: Request) -> Todo:
    fields = await sent(request)
    with Session(engine) as session:
        todo = session.get(Todo, id)
        if todo is None:
            raise HTTPException(404)
        todo.title = fields.get("title", todo.title)
        todo.completed = fields.get("completed", str(todo.completed)).lower() == "true"
        session.add(todo)
        session.commit()
        session.refresh(todo)
        return todo


@app.post("/todos/{id}/delete")
def delete_todo(id: int) -> dict[str, bool]:
    with Session(engine) as session:
        session.delete(session.get_one(Todo, id))
        session.commit()
    return {"ok": True}
