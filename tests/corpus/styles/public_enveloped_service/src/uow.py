import os

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from src.repository import TodoRepository
from src.tables import Base

engine = create_engine(os.environ.get("TODO_DB", "sqlite:///service.sqlite3"))
Base.metadata.create_all(engine)
factory = sessionmaker(engine, expire_on_commit=False)


class UnitOfWork:
    def __enter__(self):
        self.session = factory()
        self.todos = TodoRepository(self.session)
        return self

    def __exit__(self, exc_type, exc, tb):
        if exc_type is None:
            self.session.commit()
        else:
            self.session.rollback()
        self.session.close()
