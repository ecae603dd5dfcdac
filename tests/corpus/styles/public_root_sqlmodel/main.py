from fastapi import FastAPI, HTTPException, status
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Todo(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    task: str
    isdone: bool = False


engine = create_engine("sqlite:///todo_app.sqlite3", echo=True)

app = FastAPI()


@app.on_event("startup")
def create_tables():
    SQLModel.metadata.create_all(engine)


@app.get("/")
def get_all():
    with Session(engine) as session:
        todos = session.exec(select(Todo)).all()
        return {"data": todos}


@app.get("/{id}")
def get_one(id: int):
    with Session(engine) as session:
        todo = session.get(Todo, id)
        if todo is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, detail=f"todo with id {id} not found")
        return {"data": todo}


@app.post("/", status_code=status.HTTP_201_CREATED)
def add(todo: Todo):
    with Session(engine) as session:
        session.add(todo)
        session.commit()
        session.refresh(todo)
        return {"data": todo}


@app.put("/{id}")
def edit(id: int, todo: Todo):
    with Session(engine) as session:
        old = session.get(Todo, id)
        if old is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, detail=f"todo with id {id} not found")
        old.task = todo.task
        old.isdone = todo.isdone
        session.commit()
        session.refresh(old)
        return {"data": old}


@app.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT)
def remove(id: int):
    with Session(engine) as session:
        todo = session.get(Todo, id)
        if todo is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, detail=f"todo with id {id} not found")
        session.delete(todo)
        session.commit()
