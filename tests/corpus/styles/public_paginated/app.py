import math
from typing import Generic, TypeVar

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Boolean, String, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("sqlite:///paginated_tasks.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class TaskRow(Base):
    __tablename__ = "task"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    is_done: Mapped[bool] = mapped_column(Boolean, default=False)


Base.metadata.create_all(engine)

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int
    page: int
    size: int
    pages: int


class TaskCreate(BaseModel):
    name: str


class TaskPatch(BaseModel):
    name: str | None = None
    is_done: bool | None = None


class Task(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    is_done: bool


def get_db():
    with SessionLocal() as db:
        yield db


app = FastAPI()


@app.get("/v2/tasks", response_model=Page[Task])
def list_tasks(page: int = Query(1, ge=1), size: int = Query(20, ge=1, le=50), db: Session = Depends(get_db)):
    total = db.scalar(select(func.count()).select_from(TaskRow))
    rows = db.scalars(select(TaskRow).order_by(TaskRow.id).offset((page - 1) * size).limit(size)).all()
    return {"items": rows, "total": total, "page": page, "size": size, "pages": math.ceil(total / size)}


@app.post("/v2/tasks", response_model=Task, status_code=201)
def create(body: TaskCreate, db: Session = Depends(get_db)):
    row = TaskRow(name=body.name)
    db.add(row)
    db.commit()
    return row


@app.get("/v2/tasks/{id}", response_model=Task)
def one(id: int, db: Session = Depends(get_db)):
    row = db.get(TaskRow, id)
    if row is None:
        raise HTTPException(404)
    return row


@app.patch("/v2/tasks/{id}", response_model=Task)
def patch(id: int, body: TaskPatch, db: Session = Depends(get_db)):
    row = db.get(TaskRow, id)
    if row is None:
        raise HTTPException(404)
    for k, v in body.model_dump(exclude_none=True).items():
        setattr(row, k, v)
    db.commit()
    return row


@app.delete("/v2/tasks/{id}", status_code=204)
def delete(id: int, db: Session = Depends(get_db)):
    row = db.get(TaskRow, id)
    if row is None:
        raise HTTPException(404)
    db.delete(row)
    db.commit()
    return Response(status_code=204)
