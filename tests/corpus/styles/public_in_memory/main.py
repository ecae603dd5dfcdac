from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)


Base.metadata.create_all(engine)


class TodoSchema(BaseModel):
    title: str
    description: str
    completed: bool = False


def get_db():
    with Session(engine) as db:
        yield db


app = FastAPI()


@app.get("/api/todo")
def list_todos(db: Session = Depends(get_db)):
    return {"todos": db.scalars(select(Todo)).all()}


@app.post("/api/todo", status_code=201)
def create(todo: TodoSchema, db: Session = Depends(get_db)):
    row = Todo(**todo.model_dump())
    db.add(row)
    db.commit()
    db.refresh(row)
    return {"todo": row}


@app.put("/api/todo/{id}")
def update(id: int, todo: TodoSchema, db: Session = Depends(get_db)):
    row = db.get(Todo, id)
    if row is None:
        raise HTTPException(404)
    for k, v in todo.model_dump().items():
        setattr(row, k, v)
    db.commit()
    db.refresh(row)
    return {"todo": row}
