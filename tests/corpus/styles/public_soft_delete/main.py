from datetime import datetime, timezone
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, Integer, Text, create_engine, select
from sqlalchemy.orm import Session, declarative_base, sessionmaker

DB_FILE = Path(__file__).resolve().parent / "data" / "reminders.db"
DB_FILE.parent.mkdir(exist_ok=True)

engine = create_engine(f"sqlite:///{DB_FILE}", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine, expire_on_commit=False)
Base = declarative_base()


class Reminder(Base):
    __tablename__ = "reminders"
    id = Column(Integer, primary_key=True)
    description = Column(Text, nullable=False)
    completed_at = Column(DateTime)
    deleted_at = Column(DateTime)

    def to_dict(self):
        return {
            "id": self.id,
            "description": self.description,
            "completed": self.completed_at is not None,
            "completed_at": self.completed_at,
        }


class ReminderIn(BaseModel):
    description: str


class ReminderChange(BaseModel):
    description: str
    completed: bool


def session():
    with SessionLocal() as s:
        yield s


def find(reminder_id: int, s: Session = Depends(session)):
    row = s.scalars(select(Reminder).where(Reminder.id == reminder_id, Reminder.deleted_at.is_(None))).first()
    if row is None:
        raise HTTPException(404, "No such reminder")
    return row


router = APIRouter(prefix="/reminders")


@router.get("")
def all_reminders(s: Session = Depends(session)):
    rows = s.scalars(select(Reminder).where(Reminder.deleted_at.is_(None)).order_by(Reminder.id)).all()
    return {"count": len(rows), "reminders": [r.to_dict() for r in rows]}


@router.post("", status_code=201)
def add(body: ReminderIn, s: Session = Depends(session)):
    row = Reminder(description=body.description)
    s.add(row)
    s.commit()
    return row.to_dict()


@router.get("/{reminder_id}")
def one(row: Reminder = Depends(find)):
    return row.to_dict()


@router.put("/{reminder_id}")
def change(body: ReminderChange, row: Reminder = Depends(find), s: Session = Depends(session)):
    row.description = body.description
    row.completed_at = datetime.now(timezone.utc) if body.completed else None
    s.commit()
    return row.to_dict()


@router.delete("/{reminder_id}")
def remove(row: Reminder = Depends(find), s: Session = Depends(session)):
    row.deleted_at = datetime.now(timezone.utc)
    s.commit()
    return {"detail": "deleted"}


app = FastAPI()
app.include_router(router)
Base.metadata.create_all(engine)
