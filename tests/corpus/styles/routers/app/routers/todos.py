from fastapi import APIRouter, HTTPException, status

from app import crud, schemas
from app.dependencies import DB

router = APIRouter(prefix="/todos", tags=["todos"])


def get_or_404(db: DB, todo_id: int):
    todo = crud.get_todo(db, todo_id)
    if todo is None:
        raise HTTPException(status_code=404, detail="Todo not found")
    return todo


@router.get("/", response_model=list[schemas.TodoRead])
def read_todos(db: DB):
    return crud.get_todos(db)


@router.get("/{todo_id}", response_model=schemas.TodoRead)
def read_todo(todo_id: int, db: DB):
    return get_or_404(db, todo_id)


@router.post("/", response_model=schemas.TodoRead, status_code=status.HTTP_201_CREATED)
def create_todo(todo: schemas.TodoCreate, db: DB):
    return crud.create_todo(db, todo)


@router.put("/{todo_id}", response_model=schemas.TodoRead)
def update_todo(todo_id: int, changes: schemas.TodoUpdate, db: DB):
    return crud.update_todo(db, get_or_404(db, todo_id), changes)


@router.delete("/{todo_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_todo(todo_id: int, db: DB):
    crud.delete_todo(db, get_or_404(db, todo_id))
