"""What the database stores: each class is a table, each attribute a column."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from .database import Base


class Todo(Base):
    __tablename__ = "todos"
    # Without this, SQLite gives the id of a deleted todo to a new one.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    completed: Mapped[bool] = mapped_column(default=False)  # without "| None": NOT NULL
    # A function, not a value: it is called anew for each todo.
    created_at: Mapped[datetime] = mapped_column(DateTime(True), default=lambda: datetime.now(UTC))
