import uuid
from contextlib import asynccontextmanager
from datetime import datetime
from enum import Enum

from fastapi import FastAPI, HTTPException
from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Category(str, Enum):
    WORK = "work"
    HOME = "home"
    OTHER = "other"


class TaskBase(SQLModel):
    title: str = Field(min_length=1, max_length=50)
    category: Category
    owner_email: str = Field(regex=r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$")
    deadline: datetime
    estimate_hours: float = Field(gt=0, lt=100)

    @field_validator("title")
    @classmethod
    def title_not_blank(cls, v):
        if not v.strip():
            raise ValueError("title must not be blank")
        return v


class Task(TaskBase, table=True):
    id: str = Field(default_factory=lambda: uuid.uuid4().hex, primary_key=True)
    completed: bool = False


class TaskUpdate(SQLModel):
    title: str | None = None
    category: Category | None = None
    completed: bool | None = None


engine = create_engine("sqlite:///database.db")


@asynccontextmanager
async def lifespan(app: FastAPI):
    SQLModel.metadata.create_all(engine)
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/tasks", response_model=Task, status_code=201)
def create_task(task: TaskBase):
    with Session(engine) as session:
        row = Task.model_validate(task)
        session.add(row)
        session.commit()
        session.refresh(row)
        return row


@app.get("/tasks", response_model=list[Task])
def read_tasks(category: Category | None = None, completed: bool | None = None):
    with Session(engine) as session:
        query = select(Task)
        if category is not None:
            query = query.where(Task.category == category)
        if completed is not None:
            query = query.where(Task.completed == completed)
        return session.exec(query).all()


@app.get("/tasks/{task_id}", response_model=Task)
def read_task(task_id: str):
    with Session(engine) as session:
        row = session.get(Task, task_id)
        if not row:
            raise HTTPException(status_code=404, detail="Task not found")
        return row


@app.patch("/tasks/{task_id}", response_model=Task)
def update_task(task_id: str, task: TaskUpdate):
    with Session(engine) as session:
        row = session.get(Task, task_id)
        if not row:
            raise HTTPException(status_code=404, detail="Task not found")
        row.sqlmodel_update(task.model_dump(exclude_unset=True))
        session.add(row)
        session.commit()
        session.refresh(row)
        return row


@app.delete("/tasks/{task_id}")
def delete_task(task_id: str):
    with Session(engine) as session:
        row = session.get(Task, task_id)
        if not row:
            raise HTTPException(status_code=404, detail="Task not found")
        session.delete(row)
        session.commit()
        return {"ok": True}
