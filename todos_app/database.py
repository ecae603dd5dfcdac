"""How the API reaches its database: one engine, and one session for each request."""

import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

# "./todos.db" is a file in the folder that the server is started from.
engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///./todos.db"))
SessionLocal = sessionmaker(bind=engine)  # a factory: each call gives a new session


class Base(DeclarativeBase):
    """Every model inherits from this class, so that create_all() knows its table."""


def get_db() -> Iterator[Session]:
    """Lend a session to one request, and close it whatever happens."""
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()  # gives the connection back to the pool, also after an error


SessionDep = Annotated[Session, Depends(get_db)]  # an endpoint gets what get_db() yields
