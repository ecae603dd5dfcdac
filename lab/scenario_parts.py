"""What several scenarios have in common. A learner reads it where it is shown, and nowhere else."""

# For the apps of claims: what the claim is about is in a main.py beside it.
MODELS = {
    "models.py": """\
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine("sqlite:///./todos.db")


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
"""
}
