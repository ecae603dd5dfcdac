"""How the API reaches its database: one engine, and one session for each request."""

import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

# "./todos.db" is a file in the folder that the server is started from.
DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:///./todos.db")

# The engine keeps a pool of open connections. There is one for the whole app.
engine = create_engine(DATABASE_URL)

# A factory: each call to SessionLocal() gives a new session.
SessionLocal = sessionmaker(bind=engine)


class Base(DeclarativeBase):
    """Every model inherits from this class, so that create_all() knows its table."""


def get_db() -> Iterator[Session]:
    """Lend a session to one request, and close it whatever happens."""
    db = SessionLocal()
    try:
        yield db
    finally:
        # Closing gives the connection back to the pool, also after an error.
        db.close()


# An endpoint that asks for a SessionDep gets the session that get_db() yields.
SessionDep = Annotated[Session, Depends(get_db)]
