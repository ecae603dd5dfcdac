"""How the API reaches its database: one engine, and one session for each request."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

# A path such as "./todos.db" begins at the folder that the server is started from.
engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///./todos.db"))
SessionLocal = sessionmaker(bind=engine)  # a factory: each call gives a new session
# Fewer than the pool has connections (15). In a crowd, requests would wait for a connection in all
# 40 threads of FastAPI, and those that have one would find no thread to send their answer from.
turns = asyncio.Semaphore(10)


class Base(DeclarativeBase):
    """Every model inherits from this class, so that create_all() knows its table."""


async def take_turn() -> AsyncIterator[None]:
    """Let ten requests in at a time. The others wait here, which takes no thread."""
    async with turns:
        yield


def get_db() -> Iterator[Session]:
    """Lend a session to one request, and close it whatever happens."""
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()  # gives the connection back to the pool, also after an error


SessionDep = Annotated[Session, Depends(get_db)]  # an endpoint gets what get_db() yields
