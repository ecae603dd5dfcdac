from datetime import datetime, timezone

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///tasks.db")


class Base(DeclarativeBase):
    pass


class Task(Base):
    __tablename__ = "task"
    id: Mapped[int] = mapped_column(primary_key=True)
    summary: Mapped[str]
    completed_at: Mapped[datetime | None]


Base.metadata.create_all(engine)
app = FastAPI()


class NewTask(BaseModel):
    summary: str


class TaskView(BaseModel, from_attributes=True):
    id: int
    summary: str
    completed_at: datetime | None


@app.get("/tasks")
def tasks() -> list[TaskView]:
    with Session(engine) as s:
        return [TaskView.model_validate(t) for t in s.scalars(select(Task))]


@app.post("/tasks", status_code=201)
def new(body: NewTask) -> TaskView:
    with Session(engine) as s:
        task = Task(summary=body.summary)
        s.add(task)
        s.commit()
        return TaskView.model_validate(task)


def changed(id: int, when: datetime | None) -> TaskView:
    with Session(engine) as s:
        task = s.get(Task, id)
        if task is None:
            raise HTTPException(404)
        task.completed_at = when
        s.commit()
        return TaskView.model_validate(task)


@app.post("/tasks/{id}/complete")
def complete(id: int) -> TaskView:
    return changed(id, datetime.now(timezone.utc))


@app.post("/tasks/{id}/reopen")
def reopen(id: int) -> TaskView:
    return changed(id, None)


@app.delete("/tasks/{id}", status_code=204)
def delete(id: int) -> None:
    with Session(engine) as s:
        task = s.get(Task, id)
        if task is None:
            raise HTTPException(404)
        s.delete(task)
        s.commit()
