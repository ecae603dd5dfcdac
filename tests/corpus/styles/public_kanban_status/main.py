import enum
from datetime import date

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Date, Enum, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///kanban.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(autoflush=False, bind=engine)
Base = declarative_base()


class Status(str, enum.Enum):
    todo = "todo"
    in_progress = "in_progress"
    done = "done"


class Card(Base):
    __tablename__ = "cards"
    id = Column(Integer, primary_key=True)
    title = Column(String, nullable=False)
    priority = Column(Integer, nullable=False)
    due_date = Column(Date, nullable=False)
    status = Column(Enum(Status), default=Status.todo, nullable=False)


class CardCreate(BaseModel):
    title: str = Field(..., min_length=1, max_length=100)
    priority: int = Field(..., ge=1, le=5)
    due_date: date


class CardOut(CardCreate):
    model_config = ConfigDict(from_attributes=True)
    id: int
    status: Status


class StatusUpdate(BaseModel):
    status: Status


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


app = FastAPI(title="Kanban")


@app.on_event("startup")
def startup():
    Base.metadata.create_all(bind=engine)


@app.post("/board/cards", response_model=CardOut, status_code=201)
def create_card(card: CardCreate, db: Session = Depends(get_db)):
    row = Card(**card.model_dump())
    db.add(row)
    db.commit()
    db.refresh(row)
    return row


@app.get("/board/cards", response_model=list[CardOut])
def list_cards(status: Status | None = None, db: Session = Depends(get_db)):
    q = db.query(Card)
    if status:
        q = q.filter(Card.status == status)
    return q.order_by(Card.priority.desc()).all()


@app.patch("/board/cards/{card_id}/status", response_model=CardOut)
def move_card(card_id: int, body: StatusUpdate, db: Session = Depends(get_db)):
    row = db.query(Card).filter(Card.id == card_id).first()
    if not row:
        raise HTTPException(404, "Card not found")
    row.status = body.status
    db.commit()
    db.refresh(row)
    return row


@app.delete("/board/cards/{card_id}", response_model=CardOut)
def delete_card(card_id: int, db: Session = Depends(get_db)):
    row = db.query(Card).filter(Card.id == card_id).first()
    if not row:
        raise HTTPException(404, "Card not found")
    out = CardOut.model_validate(row)
    db.delete(row)
    db.commit()
    return out
