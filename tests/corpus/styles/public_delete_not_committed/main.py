from datetime import date

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("sqlite:///planner.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Plan(Base):
    __tablename__ = "plans"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    due: Mapped[date]
    completed: Mapped[bool] = mapped_column(default=False)


Base.metadata.create_all(engine)


class PlanIn(BaseModel):
    name: str
    due: date


class PlanOut(PlanIn):
    model_config = ConfigDict(from_attributes=True)
    id: int
    completed: bool


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


router = APIRouter(prefix="/planner/plans", tags=["plans"])


@router.get("/", response_model=list[PlanOut])
def plans(db: Session = Depends(get_db)):
    return db.scalars(select(Plan).order_by(Plan.due)).all()


@router.post("/", response_model=PlanOut, status_code=201)
def new_plan(body: PlanIn, db: Session = Depends(get_db)):
    plan = Plan(name=body.name, due=body.due)
    db.add(plan)
    db.commit()
    return plan


@router.patch("/{plan_id}/complete", response_model=PlanOut)
def complete(plan_id: int, db: Session = Depends(get_db)):
    plan = db.get(Plan, plan_id)
    if plan is None:
        raise HTTPException(404, "No such plan")
    plan.completed = True
    db.commit()
    return plan


@router.delete("/{plan_id}", status_code=204)
def drop_plan(plan_id: int, db: Session = Depends(get_db)):
    plan = db.get(Plan, plan_id)
    if plan is None:
        raise HTTPException(404, "No such plan")
    db.delete(plan)


app = FastAPI()
app.include_router(router)
