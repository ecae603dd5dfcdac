from fastapi import FastAPI, HTTPException
from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

DATABASE_URL = "sqlite:///./test.db"
engine = create_engine(DATABASE_URL, connect_args={"check_same_thread": False})
Session = sessionmaker(bind=engine)
Base = declarative_base()


class Todo(Base):
    __tablename__ = "todos"

    id = Column(Integer, primary_key=True, index=True)
    title = Column(String)
    description = Column(String)
    completed = Column(Boolean, default=False)


Base.metadata.create_all(bind=engine)

app = FastAPI()


@app.post("/add")
async def add_todo(title: str, description: str):
    session = Session()
    todo = Todo(title=title, description=description)
    session.add(todo)
    session.commit()
    session.refresh(todo)
    session.close()
    return {"todo added": title}


@app.get("/todos")
async def get_todos():
    session = Session()
    todos = session.query(Todo).all()
    session.close()
    return todos


@app.get("/done")
async def get_done():
    session = Session()
    todos = session.query(Todo).filter(Todo.completed == True).all()  # noqa: E712
    session.close()
    return todos


@app.put("/update/{id}")
async def update_todo(id: int, new_title: str = "", completed: bool = False):
    session = Session()
    todo = session.query(Todo).filter(Todo.id == id).first()
    if todo is None:
        session.close()
        raise HTTPException(status_code=404, detail="Todo not found")
    if new_title:
        todo.title = new_title
    todo.completed = completed
    session.commit()
    session.close()
    return {"updated": id}


@app.delete("/delete/{id}")
async def delete_todo(id: int):
    session = Session()
    todo = session.query(Todo).filter(Todo.id == id).first()
    if todo:
        session.delete(todo)
        session.commit()
    session.close()
    return {"todo deleted": id}
