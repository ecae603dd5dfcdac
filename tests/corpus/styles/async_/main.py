from contextlib import asynccontextmanager
from datetime import datetime, timezone

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///./todos.db")
async_session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(timezone.utc))


class TodoCreate(BaseModel):
    title: str
    completed: bool = False


class TodoUpdate(BaseModel):
    title: str | None = None
    completed: bool | None = None


class TodoResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    completed: bool
    created_at: datetime


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as conn:
        await conn.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session():
    async with async_session() as session:
        yield session


async def get_or_404(todo_id: int, session: AsyncSession = Depends(get_session)) -> Todo:
    todo = await session.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(status_code=404, detail="Todo not found")
    return todo


@app.get("/todos", response_model=list[TodoResponse])
async def list_todos(session: AsyncSession = Depends(get_session)):
    result = await session.execute(select(Todo).order_by(Todo.id))
    return result.scalars().all()


@app.get("/todos/{todo_id}", response_model=TodoResponse)
async def get_todo(todo: Todo = Depends(get_or_404)):
    return todo


@app.post("/todos", response_model=TodoResponse, status_code=201)
async def create_todo(body: TodoCreate, session: AsyncSession = Depends(get_session)):
    todo = Todo(**body.model_dump())
    session.add(todo)
    await session.commit()
    return todo


@app.put("/todos/{todo_id}", response_model=TodoResponse)
async def update_todo(
    body: TodoUpdate,
    todo: Todo = Depends(get_or_404),
    session: AsyncSession = Depends(get_session),
):
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(todo, name, value)
    await session.commit()
    return todo


@app.delete("/todos/{todo_id}", status_code=204)
async def delete_todo(
    todo: Todo = Depends(get_or_404), session: AsyncSession = Depends(get_session)
):
    await session.delete(todo)
    await session.commit()
