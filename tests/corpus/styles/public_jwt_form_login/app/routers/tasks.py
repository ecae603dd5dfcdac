from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from sqlmodel import Session, select

from app.db import Task, User, get_session
from app.routers.users import get_current_user

router = APIRouter(prefix="/tasks", tags=["tasks"])


class TaskIn(BaseModel):
    title: str


class TaskChange(BaseModel):
    title: str | None = None
    completed: bool | None = None


def own_task(task_id: int, user: User = Depends(get_current_user), session: Session = Depends(get_session)) -> Task:
    task = session.get(Task, task_id)
    if task is None or task.user_id != user.id:
        raise HTTPException(404, "Task not found")
    return task


@router.get("/")
def list_tasks(user: User = Depends(get_current_user), session: Session = Depends(get_session)):
    return session.exec(select(Task).where(Task.user_id == user.id)).all()


@router.post("/", status_code=201)
def add_task(body: TaskIn, user: User = Depends(get_current_user), session: Session = Depends(get_session)):
    task = Task(title=body.title, user_id=user.id)
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


@router.patch("/{task_id}")
def change_task(body: TaskChange, task: Task = Depends(own_task), session: Session = Depends(get_session)):
    task.sqlmodel_update(body.model_dump(exclude_unset=True))
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


@router.delete("/{task_id}", status_code=204)
def remove_task(task: Task = Depends(own_task), session: Session = Depends(get_session)):
    session.delete(task)
    session.commit()
