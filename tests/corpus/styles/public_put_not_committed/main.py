from typing import Optional

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlmodel import Field, Session, SQLModel, create_engine, select

app = FastAPI()
engine = create_engine("sqlite:///tasks.db")


class Task(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    title: str
    status: str = "pending"


class TaskCreate(BaseModel):
    title: str


class TaskUpdate(BaseModel):
    title: str
    status: str


SQLModel.metadata.create_all(engine)


def get_session():
    with Session(engine) as session:
        yield session


@app.post("/api/tasks/", response_model=Task)
def create(task: TaskCreate, session: Session = Depends(get_session)):
    row = Task(title=task.title)
    session.add(row)
    session.commit()
    session.refresh(row)
    return row


@app.get("/api/tasks/", response_model=list[Task])
def read(session: Session = Depends(get_session)):
    return session.exec(select(Task)).all()


@app.put("/api/tasks/{task_id}", response_model=Task)
def update(task_id: int, task: TaskUpdate, session: Session = Depends(get_session)):
    row = session.get(Task, task_id)
    if row is None:
        raise HTTPException(status_code=404, detail="Task not found")
    row.title = task.title
    row.status = task.status
    session.add(row)
    return row


@app.delete("/api/tasks/{task_id}")
def delete(task_id: int, session: Session = Depends(get_session)):
    row = session.get(Task, task_id)
    if row is None:
        raise HTTPException(status_code=404, detail="Task not found")
    session.delete(row)
    session.commit()
    return {"message": "Task deleted"}
