from datetime import datetime

from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, DateTime, Integer, String, create_engine, func
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine("sqlite:///./todos.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


class Todo(Base):
    __tablename__ = "todos"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    completed = Column(Boolean, default=False)
    created_at = Column(DateTime, server_default=func.now())


class TodoIn(BaseModel):
    title: str
    completed: bool = False


class TodoOut(BaseModel):
    id: int
    title: str
    completed: bool
    created_at: datetime


Base.metadata.create_all(bind=engine)
app = FastAPI()


@app.middleware("http")
async def db_session_middleware(request: Request, call_next):
    request.state.db = SessionLocal()
    try:
        response = await call_next(request)
    finally:
        request.state.db.close()
    return response


def find(request: Request, todo_id: int):
    todo = request.state.db.query(Todo).get(todo_id)
    if todo is None:
        raise HTTPException(status_code=404, detail="Not found")
    return todo


@app.get("/todos", response_model=list[TodoOut])
def get_todos(request: Request):
    return request.state.db.query(Todo).all()


@app.get("/todos/{todo_id}", response_model=TodoOut)
def get_todo(todo_id: int, request: Request):
    return find(request, todo_id)


@app.post("/todos", response_model=TodoOut, status_code=201)
def create_todo(body: TodoIn, request: Request):
    db = request.state.db
    todo = Todo(title=body.title, completed=body.completed)
    db.add(todo)
    db.commit()
    db.refresh(todo)
    return todo


@app.put("/todos/{todo_id}", response_model=TodoOut)
def update_todo(todo_id: int, body: TodoIn, request: Request):
    todo = find(request, todo_id)
    todo.title = body.title
    todo.completed = body.completed
    request.state.db.commit()
    return todo


@app.delete("/todos/{todo_id}")
def delete_todo(todo_id: int, request: Request):
    request.state.db.delete(find(request, todo_id))
    request.state.db.commit()
    return {"deleted": todo_id}
