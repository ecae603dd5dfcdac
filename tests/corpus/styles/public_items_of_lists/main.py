from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("sqlite:///./shopping.db")
SessionLocal = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class ShoppingList(Base):
    __tablename__ = "lists"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[UUID] = mapped_column(ForeignKey("lists.id"))
    name: Mapped[str]
    checked: Mapped[bool] = mapped_column(default=False)


Base.metadata.create_all(engine)


class ListIn(BaseModel):
    name: str


class ListOut(ListIn):
    model_config = ConfigDict(from_attributes=True)

    id: UUID


class ItemIn(BaseModel):
    name: str


class ItemChange(BaseModel):
    name: str | None = None
    checked: bool | None = None


class ItemOut(ItemIn):
    model_config = ConfigDict(from_attributes=True)

    id: int
    checked: bool


def get_db():
    with SessionLocal() as session:
        yield session


Db = Annotated[Session, Depends(get_db)]


def get_list(list_id: UUID, db: Db):
    found = db.get(ShoppingList, list_id)
    if found is None:
        raise HTTPException(404, "No such list")
    return found


def get_item(item_id: int, db: Db, of: Annotated[ShoppingList, Depends(get_list)]):
    item = db.get(Item, item_id)
    if item is None or item.list_id != of.id:
        raise HTTPException(404, "No such item")
    return item


OneList = Annotated[ShoppingList, Depends(get_list)]
OneItem = Annotated[Item, Depends(get_item)]
app = FastAPI(title="Shopping")


@app.get("/lists", response_model=list[ListOut])
def lists(db: Db):
    return db.scalars(select(ShoppingList)).all()


@app.post("/lists", response_model=ListOut, status_code=201)
def new_list(body: ListIn, db: Db):
    made = ShoppingList(name=body.name)
    db.add(made)
    db.commit()
    return made


@app.delete("/lists/{list_id}", status_code=204)
def drop_list(found: OneList, db: Db):
    db.delete(found)
    db.commit()


@app.get("/lists/{list_id}/items", response_model=list[ItemOut])
def items(found: OneList, db: Db):
    return db.scalars(select(Item).where(Item.list_id == found.id)).all()


@app.post("/lists/{list_id}/items", response_model=ItemOut, status_code=201)
def new_item(found: OneList, body: ItemIn, db: Db):
    item = Item(name=body.name, list_id=found.id)
    db.add(item)
    db.commit()
    return item


@app.patch("/lists/{list_id}/items/{item_id}", response_model=ItemOut)
def change(item: OneItem, body: ItemChange, db: Db):
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(item, name, value)
    db.commit()
    return item


@app.delete("/lists/{list_id}/items/{item_id}", status_code=204)
def drop_item(item: OneItem, db: Db):
    db.delete(item)
    db.commit()
