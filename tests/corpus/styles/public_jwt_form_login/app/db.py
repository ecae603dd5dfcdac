from sqlmodel import Field, Session, SQLModel, create_engine

engine = create_engine("sqlite:///notes_and_tasks.db", connect_args={"check_same_thread": False})


class User(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, index=True)
    password_hash: str


class Task(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    completed: bool = False
    user_id: int = Field(foreign_key="user.id")


def get_session():
    with Session(engine) as session:
        yield session
