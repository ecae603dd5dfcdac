from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel
from sqlmodel import Session, select

from app.db import User, get_session
from app.security import create_token, hash_password, read_token, verify_password

router = APIRouter(tags=["users"])
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="login")


class SignUp(BaseModel):
    email: str
    password: str


def get_current_user(token: Annotated[str, Depends(oauth2_scheme)], session: Session = Depends(get_session)) -> User:
    email = read_token(token)
    user = session.exec(select(User).where(User.email == email)).first() if email else None
    if not user:
        raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return user


@router.post("/signup", status_code=201)
def signup(body: SignUp, session: Session = Depends(get_session)):
    if session.exec(select(User).where(User.email == body.email)).first():
        raise HTTPException(409, "Email already registered")
    session.add(User(email=body.email, password_hash=hash_password(body.password)))
    session.commit()
    return {"message": "User created"}


async def login_form(request: Request) -> dict:
    # python-multipart is not available in our image, a urlencoded form is simple enough
    form = parse_qs((await request.body()).decode())
    return {key: values[0] for key, values in form.items()}


@router.post("/login")
def login(form: dict = Depends(login_form), session: Session = Depends(get_session)):
    user = session.exec(select(User).where(User.email == form.get("username"))).first()
    if not user or not verify_password(form.get("password", ""), user.password_hash):
        raise HTTPException(401, "Incorrect username or password")
    return {"access_token": create_token(user.email), "token_type": "bearer"}
