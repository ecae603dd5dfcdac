from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import date
from enum import IntEnum
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, status
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import JSON, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///./camel.db", echo=False)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Priority(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    task_name: Mapped[str]
    due_date: Mapped[date]
    priority: Mapped[int]
    tags: Mapped[list] = mapped_column(JSON, default=list)
    is_completed: Mapped[bool] = mapped_column(default=False)


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class TaskIn(Camel):
    task_name: str = Field(min_length=1)
    due_date: date
    priority: Priority
    tags: list[str] = []


class TaskEdit(Camel):
    task_name: str | None = None
    is_completed: bool | None = None


class TaskOut(TaskIn):
    id: int
    is_completed: bool


async def get_session():
    async with Session() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_session)]
router = APIRouter(prefix="/api/v2/tasks")


@router.get("", response_model=list[TaskOut])
async def all_tasks(db: Db):
    return (await db.scalars(select(Task))).all()


@router.post("", response_model=TaskOut, status_code=status.HTTP_201_CREATED)
async def add(body: TaskIn, db: Db):
    task = Task(**body.model_dump())
    db.add(task)
    await db.commit()
    return task


@router.patch("/{task_id}", response_model=TaskOut)
async def edit(task_id: int, body: TaskEdit, db: Db):
    task = await db.get(Task, task_id)
    if task is None:
        raise HTTPException(404, "task not found")
    for k, v in body.model_dump(exclude_unset=True).items():
        setattr(task, k, v)
    await db.commit()
    return task


@router.delete("/{task_id}", status_code=204)
async def drop(task_id: int, db: Db):
    task = await db.get(Task, task_id)
    if task is None:
        raise HTTPException(404, "task not found")
    await db.delete(task)
    await db.commit()


@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as conn:
        await conn.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(router)
