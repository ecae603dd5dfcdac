from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite:///./todolist.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class TodoModel(Base):
    __tablename__ = "todo"
    todo_id = Column(Integer, primary_key=True, autoincrement=True)
    name = Column(String(200), nullable=False)
    note = Column(String(500))


Base.metadata.create_all(engine)


class TodoIn(BaseModel):
    name: str
    note: str = ""


def db():
    s = SessionLocal()
    try:
        yield s
    finally:
        s.close()


app = FastAPI()


@app.get("/todo/list")
def list_todos(s: Session = Depends(db)):
    return s.query(TodoModel).all()


@app.post("/todo/create")
def create_todo(body: TodoIn, s: Session = Depends(db)):
    s.add(TodoModel(name=body.name, note=body.note))
    s.commit()
    return {"msg": "todo created"}


@app.put("/todo/update")
def update_todo(id: int, body: TodoIn, s: Session = Depends(db)):
    n = s.query(TodoModel).filter(TodoModel.todo_id == id).update({"name": body.name, "note": body.note})
    s.commit()
    if n == 0:
        return {"msg": "todo not found"}
    return {"msg": "todo updated"}


@app.delete("/todo/delete")
def delete_todo(id: int, s: Session = Depends(db)):
    s.query(TodoModel).filter(TodoModel.todo_id == id).delete()
    s.commit()
    return {"msg": "todo deleted"}
