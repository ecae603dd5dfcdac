from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine("sqlite:///todos.db", connect_args={"check_same_thread": False})
Base = declarative_base()
Session = sessionmaker(bind=engine)
session = Session()


class Todo(Base):
    __tablename__ = "todos"
    id = Column(Integer, primary_key=True)
    title = Column(String, unique=True, nullable=False)
    done = Column(Boolean, default=False, nullable=False)


Base.metadata.create_all(engine)
app = FastAPI()


class TodoIn(BaseModel):
    title: str
    done: bool | None = None


@app.post("/todos")
async def create(body: TodoIn):
    todo = Todo(title=body.title, done=bool(body.done))
    session.add(todo)
    session.commit()
    session.refresh(todo)
    return todo


@app.get("/todos")
async def read():
    return session.query(Todo).all()


@app.put("/todos/{id}")
async def update(id: int, body: TodoIn):
    todo = session.query(Todo).filter(Todo.id == id).first()
    if not todo:
        raise HTTPException(status_code=404, detail="Todo not found")
    todo.title = body.title
    todo.done = body.done
    session.commit()
    session.refresh(todo)
    return todo


@app.delete("/todos/{id}")
async def delete(id: int):
    todo = session.query(Todo).filter(Todo.id == id).first()
    if not todo:
        raise HTTPException(status_code=404, detail="Todo not found")
    session.delete(todo)
    session.commit()
    return {"ok": True}
