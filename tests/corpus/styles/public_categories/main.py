from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session, joinedload

import models
from database import Base, SessionLocal, engine

Base.metadata.create_all(bind=engine)
app = FastAPI(title="Tasks by category")


class CategoryIn(BaseModel):
    name: str


class CategoryOut(CategoryIn):
    model_config = ConfigDict(from_attributes=True)
    id: int


class TaskIn(BaseModel):
    title: str
    category_id: int
    done: bool = False


class TaskOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    done: bool
    category: CategoryOut


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.post("/categories/", response_model=CategoryOut, status_code=201)
def create_category(category: CategoryIn, db: Session = Depends(get_db)):
    if db.query(models.Category).filter(models.Category.name == category.name).first():
        raise HTTPException(status_code=400, detail="Category already exists")
    row = models.Category(name=category.name)
    db.add(row)
    db.commit()
    db.refresh(row)
    return row


@app.get("/categories/", response_model=list[CategoryOut])
def list_categories(db: Session = Depends(get_db)):
    return db.query(models.Category).all()


@app.post("/tasks/", response_model=TaskOut, status_code=201)
def create_task(task: TaskIn, db: Session = Depends(get_db)):
    if db.get(models.Category, task.category_id) is None:
        raise HTTPException(status_code=404, detail="Category not found")
    row = models.Task(**task.model_dump())
    db.add(row)
    db.commit()
    db.refresh(row)
    return row


@app.get("/tasks/", response_model=list[TaskOut])
def list_tasks(db: Session = Depends(get_db)):
    return db.query(models.Task).options(joinedload(models.Task.category)).all()


@app.put("/tasks/{task_id}", response_model=TaskOut)
def update_task(task_id: int, task: TaskIn, db: Session = Depends(get_db)):
    row = db.get(models.Task, task_id)
    if row is None:
        raise HTTPException(status_code=404, detail="Task not found")
    for key, value in task.model_dump().items():
        setattr(row, key, value)
    db.commit()
    db.refresh(row)
    return row


@app.delete("/tasks/{task_id}", status_code=204)
def delete_task(task_id: int, db: Session = Depends(get_db)):
    row = db.get(models.Task, task_id)
    if row is None:
        raise HTTPException(status_code=404, detail="Task not found")
    db.delete(row)
    db.commit()
