import os

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

BASE_DIR = os.path.dirname(os.path.abspath(__file__))
engine = create_engine("sqlite:///" + os.path.join(BASE_DIR, "todo_app.db"), connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


class Todo(Base):
    __tablename__ = "todo"
    id = Column(Integer, primary_key=True, autoincrement=True)
    task_name = Column(String(50), nullable=False)
    status = Column(String(20), default="pending")


class TodoRequest(BaseModel):
    task_name: str
    status: str = "pending"


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


app = FastAPI(title="To-Do API")
Base.metadata.create_all(bind=engine)


@app.post("/todos/create")
def create(request: TodoRequest, db: Session = Depends(get_db)):
    todo = Todo(task_name=request.task_name, status=request.status)
    db.add(todo)
    db.commit()
    db.refresh(todo)
    return {"message": "Created", "id": todo.id}


@app.get("/todos")
def get_todos(status: str | None = None, db: Session = Depends(get_db)):
    query = db.query(Todo)
    if status:
        query = query.filter(Todo.status == status)
    todos = query.all()
    return {"success": True, "result": [{"id": t.id, "task_name": t.task_name, "status": t.status} for t in todos]}


@app.get("/todos/{id}")
def get_todo(id: int, db: Session = Depends(get_db)):
    todo = db.query(Todo).get(id)
    if not todo:
        raise HTTPException(status_code=404, detail=f"Todo {id} not found")
    return {"success": True, "result": {"id": todo.id, "task_name": todo.task_name, "status": todo.status}}


@app.put("/todos/update/{id}")
def update(id: int, request: TodoRequest, db: Session = Depends(get_db)):
    todo = db.query(Todo).get(id)
    if not todo:
        raise HTTPException(status_code=404, detail=f"Todo {id} not found")
    todo.task_name = request.task_name
    todo.status = request.status
    db.commit()
    return {"message": "Updated"}


@app.delete("/todos/delete/{id}")
def delete(id: int, db: Session = Depends(get_db)):
    todo = db.query(Todo).get(id)
    if not todo:
        raise HTTPException(status_code=404, detail=f"Todo {id} not found")
    db.delete(todo)
    db.commit()
    return {"message": "Deleted"}
