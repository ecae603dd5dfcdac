from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine("sqlite:///my_todos.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class TodoDB(Base):
    __tablename__ = "todos"
    id = Column(Integer, primary_key=True)
    todo = Column(String(255))
    is_complete = Column(Boolean, default=False)


Base.metadata.create_all(engine)

app = FastAPI()


@app.middleware("http")
async def db_session_middleware(request: Request, call_next):
    response = Response("Internal server error", status_code=500)
    try:
        request.state.db = SessionLocal()
        response = await call_next(request)
    finally:
        request.state.db.close()
    return response


class NewTodo(BaseModel):
    todo: str


class EditTodo(BaseModel):
    id: int
    todo: str
    is_complete: bool


@app.get("/todo")
def get(request: Request, id: int | None = None):
    db = request.state.db
    if id is None:
        return db.query(TodoDB).all()
    row = db.get(TodoDB, id)
    if row is None:
        return JSONResponse({"error": "not found"}, status_code=404)
    return row


@app.post("/todo")
def post(request: Request, body: NewTodo):
    db = request.state.db
    row = TodoDB(todo=body.todo)
    db.add(row)
    db.commit()
    db.refresh(row)
    return row


@app.put("/todo")
def put(request: Request, body: EditTodo):
    db = request.state.db
    row = db.get(TodoDB, body.id)
    if row is None:
        return JSONResponse({"error": "not found"}, status_code=404)
    row.todo = body.todo
    row.is_complete = body.is_complete
    db.commit()
    db.refresh(row)
    return row


@app.delete("/todo")
def delete(request: Request, id: int):
    db = request.state.db
    row = db.get(TodoDB, id)
    if row is None:
        return JSONResponse({"error": "not found"}, status_code=404)
    db.delete(row)
    db.commit()
    return {"deleted": id}
