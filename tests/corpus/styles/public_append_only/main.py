from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str]


engine = create_engine("sqlite:///items.db")
Base.metadata.create_all(engine)

app = FastAPI()


class ItemIn(BaseModel):
    content: str


@app.get("/items")
def read_items():
    with Session(engine) as s:
        return [{"id": i.id, "content": i.content} for i in s.scalars(select(Item))]


@app.post("/items")
def add_item(item: ItemIn):
    with Session(engine) as s, s.begin():
        s.add(Item(content=item.content))
    return {"message": "Item added to the list"}
