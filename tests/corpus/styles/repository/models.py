from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

engine = create_engine("sqlite:///./todos.db")
session_factory = sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class TodoEntity(Base):
    __tablename__ = "todos"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool]
    created_at: Mapped[datetime]


class TodoDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    completed: bool = False


class TodoChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str | None = None
    completed: bool | None = None


class Todo(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    title: str
    completed: bool
    created_at: datetime


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
