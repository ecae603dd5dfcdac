from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=datetime.now)


class TodoIn(BaseModel):
    title: str = Field(max_length=255)
    completed: bool = False


class TodoOut(TodoIn):
    model_config = ConfigDict(from_attributes=True)
    id: int
    created_at: datetime


router = APIRouter()


def get_db(request: Request):
    with request.app.state.sessions() as db:
        yield db


def find(db: Session, todo_id: int) -> Todo:
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(404, "Todo not found")
    return todo


@router.get("/todos")
def get_todos(db: Session = Depends(get_db)):
    return [TodoOut.model_validate(todo) for todo in db.scalars(select(Todo))]


@router.get("/todos/{todo_id}")
def get_todo(todo_id: int, db: Session = Depends(get_db)):
    return TodoOut.model_validate(find(db, todo_id))


@router.post("/todos", status_code=201)
def create_todo(body: TodoIn, db: Session = Depends(get_db)):
    with db.begin():
        todo = Todo(title=body.title, completed=body.completed)
        db.add(todo)
    return TodoOut.model_validate(todo)


@router.put("/todos/{todo_id}")
def update_todo(todo_id: int, body: TodoIn, db: Session = Depends(get_db)):
    with db.begin():
        todo = find(db, todo_id)
        todo.title = body.title
        todo.completed = body.completed
    return TodoOut.model_validate(todo)


@router.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int, db: Session = Depends(get_db)):
    with db.begin():
        db.delete(find(db, todo_id))


@asynccontextmanager
async def lifespan(app: FastAPI):
    engine = create_engine("sqlite:///./todos.db")
    Base.metadata.create_all(engine)
    app.state.sessions = sessionmaker(engine)
    yield
    engine.dispose()


def create_app() -> FastAPI:
    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    return app


app = create_app()
