from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, relationship, sessionmaker

from security import create_token, hash_password, read_token, verify_password

engine = create_engine("sqlite:///./users_todos.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    username = Column(String, unique=True, index=True)
    email = Column(String, unique=True)
    hashed_password = Column(String)
    todos = relationship("Todo", back_populates="owner")


class Todo(Base):
    __tablename__ = "todos"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    description = Column(String)
    complete = Column(Boolean, default=False)
    owner_id = Column(Integer, ForeignKey("users.id"))
    owner = relationship("User", back_populates="todos")


Base.metadata.create_all(bind=engine)


class Register(BaseModel):
    username: str = Field(min_length=3)
    email: str
    password: str = Field(min_length=8)


class Login(BaseModel):
    username: str
    password: str


class TodoIn(BaseModel):
    title: str = Field(min_length=3)
    description: str = Field(min_length=3, max_length=100)
    complete: bool


class TodoOut(TodoIn):
    model_config = ConfigDict(from_attributes=True)
    id: int


app = FastAPI()
bearer = HTTPBearer()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def current_user(credentials: HTTPAuthorizationCredentials = Depends(bearer), db: Session = Depends(get_db)):
    username = read_token(credentials.credentials)
    user = db.query(User).filter(User.username == username).first() if username else None
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Could not validate user.")
    return user


@app.post("/auth/register", status_code=201)
def register(body: Register, db: Session = Depends(get_db)):
    if db.query(User).filter(User.username == body.username).first():
        raise HTTPException(400, "Username already taken")
    user = User(username=body.username, email=body.email, hashed_password=hash_password(body.password))
    db.add(user)
    db.commit()
    return {"id": user.id, "username": user.username}


@app.post("/auth/login")
def login(body: Login, db: Session = Depends(get_db)):
    user = db.query(User).filter(User.username == body.username).first()
    if not user or not verify_password(body.password, user.hashed_password):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Could not validate user.")
    return {"access_token": create_token(user.username), "token_type": "bearer"}


@app.get("/todos", response_model=list[TodoOut])
def read_all(user: User = Depends(current_user), db: Session = Depends(get_db)):
    return db.query(Todo).filter(Todo.owner_id == user.id).all()


@app.post("/todos", status_code=201, response_model=TodoOut)
def create_todo(body: TodoIn, user: User = Depends(current_user), db: Session = Depends(get_db)):
    todo = Todo(**body.model_dump(), owner_id=user.id)
    db.add(todo)
    db.commit()
    db.refresh(todo)
    return todo


@app.put("/todos/{todo_id}", status_code=204)
def update_todo(todo_id: int, body: TodoIn, user: User = Depends(current_user), db: Session = Depends(get_db)):
    todo = db.query(Todo).filter(Todo.id == todo_id, Todo.owner_id == user.id).first()
    if todo is None:
        raise HTTPException(404, "Todo not found.")
    todo.title, todo.description, todo.complete = body.title, body.description, body.complete
    db.commit()


@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int, user: User = Depends(current_user), db: Session = Depends(get_db)):
    todo = db.query(Todo).filter(Todo.id == todo_id, Todo.owner_id == user.id).first()
    if todo is None:
        raise HTTPException(404, "Todo not found.")
    db.delete(todo)
    db.commit()
