from sqlalchemy import select
from sqlalchemy.orm import Session

from app import models, schemas


def get_todos(db: Session):
    return db.execute(select(models.Todo)).scalars().all()


def get_todo(db: Session, todo_id: int):
    return db.get(models.Todo, todo_id)


def create_todo(db: Session, todo: schemas.TodoCreate):
    db_todo = models.Todo(**todo.model_dump())
    db.add(db_todo)
    db.commit()
    db.refresh(db_todo)
    return db_todo


def update_todo(db: Session, db_todo: models.Todo, changes: schemas.TodoUpdate):
    for field, value in changes.model_dump(exclude_unset=True).items():
        setattr(db_todo, field, value)
    db.commit()
    db.refresh(db_todo)
    return db_todo


def delete_todo(db: Session, db_todo: models.Todo):
    db.delete(db_todo)
    db.commit()
