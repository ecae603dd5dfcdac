from sqlalchemy import Boolean, Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine("sqlite:///todo.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class TodoRow(Base):
    __tablename__ = "todos"
    id = Column(Integer, primary_key=True)
    text = Column(String, nullable=False)
    done = Column(Boolean, default=False)
