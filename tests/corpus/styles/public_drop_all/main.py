from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlmodel import Field, Session, SQLModel, create_engine, select

engine = create_engine("sqlite:///todo.db", connect_args={"check_same_thread": False})


class Todo(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    content: str = Field(index=True, min_length=3, max_length=54)
    is_completed: bool = Field(default=False)


def get_session():
    with Session(engine) as session:
        yield session


@asynccontextmanager
async def lifespan(app: FastAPI):
    print("Creating tables...")
    SQLModel.metadata.drop_all(engine)
    SQLModel.metadata.create_all(engine)
    yield


app = FastAPI(lifespan=lifespan, title="dailyDo Todo App")
SessionDep = Annotated[Session, Depends(get_session)]


@app.get("/")
async def root():
    return {"message": "Welcome to dailyDo todo app"}


@app.post("/todos/", response_model=Todo)
async def create_todo(todo: Todo, session: SessionDep):
    session.add(todo)
    session.commit()
    session.refresh(todo)
    return todo


@app.get("/todos/", response_model=list[Todo])
async def get_all(session: SessionDep):
    todos = session.exec(select(Todo)).all()
    if not todos:
        raise HTTPException(status_code=404, detail="No Task found")
    return todos


@app.put("/todos/{id}")
async def edit_todo(id: int, todo: Todo, session: SessionDep):
    existing = session.get(Todo, id)
    if not existing:
        raise HTTPException(status_code=404, detail="No task found")
    existing.content = todo.content
    existing.is_completed = todo.is_completed
    session.add(existing)
    session.commit()
    session.refresh(existing)
    return existing
