import enum
from datetime import date
from typing import Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import Boolean, Column, Date, Enum, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///planner.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class PlannerJSON(JSONResponse):
    media_type = "application/vnd.planner+json"


class Priority(str, enum.Enum):
    LOW = "LOW"
    HIGH = "HIGH"


class Task(Base):
    __tablename__ = "tasks"
    task_id = Column(Integer, primary_key=True)
    title = Column(String(60), nullable=False)
    priority = Column(Enum(Priority), nullable=False)
    due_date = Column(Date, nullable=False)
    assignee = Column(String, nullable=False)
    is_completed = Column(Boolean, default=False)


class TaskCreate(BaseModel):
    title: str = Field(min_length=5, max_length=60)
    priority: Priority
    due_date: date
    assignee: str = Field(pattern=r"^[a-z]{2,20}$", description="user name")

    @field_validator("title")
    @classmethod
    def begins_with_a_capital(cls, v: str) -> str:
        if not v[0].isupper():
            raise ValueError("title must start with a capital letter")
        return v

    @field_validator("due_date")
    @classmethod
    def is_to_come(cls, v: date) -> date:
        if v <= date.today():
            raise ValueError("due_date must be in the future")
        return v


class TaskRead(TaskCreate):
    model_config = ConfigDict(from_attributes=True)
    task_id: int
    is_completed: bool


app = FastAPI(default_response_class=PlannerJSON)


@app.on_event("startup")
async def create_tables():
    Base.metadata.create_all(bind=engine)


def session():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def known(db: Session, task_id: int) -> Any:
    task = db.get(Task, task_id)
    if not task:
        raise HTTPException(status_code=404, detail="Task not found")
    return task


@app.get("/tasks/", response_model=list[TaskRead])
def get_tasks(db: Session = Depends(session)):
    return db.query(Task).order_by(Task.due_date).all()


@app.post("/tasks/", response_model=TaskRead, status_code=201)
def post_task(body: TaskCreate, db: Session = Depends(session)):
    task = Task(**body.model_dump())
    db.add(task)
    db.commit()
    db.refresh(task)
    return task


@app.put("/tasks/{task_id}", response_model=TaskRead)
def put_task(task_id: int, body: TaskCreate, db: Session = Depends(session)):
    task = known(db, task_id)
    for key, value in body.model_dump().items():
        setattr(task, key, value)
    db.commit()
    db.refresh(task)
    return task


@app.put("/tasks/{task_id}/complete", response_model=TaskRead)
def complete(task_id: int, db: Session = Depends(session)):
    task = known(db, task_id)
    task.is_completed = True
    db.commit()
    db.refresh(task)
    return task
