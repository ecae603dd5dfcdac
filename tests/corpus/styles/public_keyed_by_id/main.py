"""A to-do API whose list is an object: each todo under its id."""

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///./keyed.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


class TodoModel(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True, index=True)
    title = Column(String(120))
    state = Column(String(20), default="open")


Base.metadata.create_all(bind=engine)


class TodoIn(BaseModel):
    title: str
    state: str = "open"


class TodoOut(BaseModel):
    title: str
    state: str

    class Config:
        from_attributes = True


app = FastAPI()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def find(todo_id: int, db: Session) -> TodoModel:
    todo = db.query(TodoModel).filter(TodoModel.id == todo_id).first()
    if not todo:
        raise HTTPException(status_code=404, detail=f"no todo {todo_id}")
    return todo


@app.get("/todos", response_model=dict[int, TodoOut])
def index(db: Session = Depends(get_db)):
    return {todo.id: todo for todo in db.query(TodoModel).all()}


@app.post("/todos", response_model=dict[int, TodoOut], status_code=201)
def store(todo: TodoIn, db: Session = Depends(get_db)):
    row = TodoModel(**todo.model_dump())
    db.add(row)
    db.commit()
    db.refresh(row)
    return {row.id: row}


@app.get("/todos/{todo_id}", response_model=TodoOut)
def show(todo_id: int, db: Session = Depends(get_db)):
    return find(todo_id, db)


@app.put("/todos/{todo_id}", response_model=TodoOut)
def change(todo_id: int, todo: TodoIn, db: Session = Depends(get_db)):
    row = find(todo_id, db)
    row.title = todo.title
    row.state = todo.state
    db.commit()
    db.refresh(row)
    return row


@app.delete("/todos/{todo_id}")
def destroy(todo_id: int, db: Session = Depends(get_db)):
    db.delete(find(todo_id, db))
    db.commit()
    return {"deleted": todo_id}
