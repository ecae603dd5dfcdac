from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, func, select
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///todos_async.db")
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todo"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    tags: Mapped[list] = mapped_column(JSON, default=list)
    done: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=func.now())


class TodoIn(BaseModel):
    title: str
    tags: list[str]


class TodoOut(TodoIn):
    model_config = ConfigDict(from_attributes=True)
    id: int
    done: bool
    created: datetime


@asynccontextmanager
async def lifespan(_: FastAPI):
    async with engine.begin() as conn:
        await conn.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/todos/", response_model=list[TodoOut])
async def read_todos(tag: str | None = None):
    async with Session() as s:
        todos = (await s.scalars(select(Todo))).all()
    return [t for t in todos if tag is None or tag in t.tags]


@app.post("/todos/", response_model=TodoOut)
async def create_todo(body: TodoIn):
    async with Session() as s:
        async with s.begin():
            todo = Todo(title=body.title, tags=body.tags)
            s.add(todo)
        await s.refresh(todo)
    return todo


@app.patch("/todos/{todo_id}/toggle", response_model=TodoOut)
async def toggle(todo_id: int):
    async with Session.begin() as s:
        todo = await s.get(Todo, todo_id)
        if todo is None:
            raise HTTPException(404, "Todo not found")
        todo.done = not todo.done
        return TodoOut.model_validate(todo)


@app.delete("/todos/{todo_id}", status_code=204)
async def delete(todo_id: int):
    async with Session.begin() as s:
        todo = await s.get(Todo, todo_id)
        if todo is None:
            raise HTTPException(404, "Todo not found")
        await s.delete(todo)
