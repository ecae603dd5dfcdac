from contextlib import asynccontextmanager
from datetime import datetime, timezone

from fastapi import Depends, FastAPI, HTTPException, status
from pydantic import BaseModel, field_validator
from sqlalchemy import DateTime, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine(
    "sqlite:///./todos.db", connect_args={"timeout": 15}, pool_size=10, pool_pre_ping=True
)
SessionLocal = sessionmaker(engine)


@event.listens_for(engine, "connect")
def set_pragmas(connection, record):
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=lambda: datetime.now(timezone.utc)
    )


class TodoIn(BaseModel):
    title: str
    completed: bool = False

    @field_validator("title")
    @classmethod
    def not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("title must not be blank")
        return value.strip()


class TodoOut(BaseModel):
    id: int
    title: str
    completed: bool
    created_at: datetime


@asynccontextmanager
async def lifespan(app: FastAPI):
    Base.metadata.create_all(engine)
    yield
    engine.dispose()


app = FastAPI(lifespan=lifespan)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def get_or_404(todo_id: int, db: Session = Depends(get_db)) -> Todo:
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Todo not found")
    return todo


@app.get("/todos", response_model=list[TodoOut])
def get_todos(db: Session = Depends(get_db)):
    return db.scalars(select(Todo).order_by(Todo.created_at.desc())).all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def get_todo(todo: Todo = Depends(get_or_404)):
    return todo


@app.post("/todos", response_model=TodoOut, status_code=201)
def create_todo(body: TodoIn, db: Session = Depends(get_db)):
    todo = Todo(**body.model_dump())
    db.add(todo)
    db.commit()
    return todo


@app.put("/todos/{todo_id}", response_model=TodoOut)
def update_todo(body: TodoIn, todo: Todo = Depends(get_or_404), db: Session = Depends(get_db)):
    todo.title = body.title
    todo.completed = body.completed
    db.commit()
    return todo


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo: Todo = Depends(get_or_404), db: Session = Depends(get_db)):
    db.delete(todo)
    db.commit()
