from typing import Annotated, Optional

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, select


class TeamBase(SQLModel):
    name: str = Field(index=True)


class Team(TeamBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    tasks: list["Task"] = Relationship(back_populates="team")


class TeamPublic(TeamBase):
    id: int


class TaskBase(SQLModel):
    name: str = Field(index=True)
    priority: int | None = Field(default=None, index=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")


class Task(TaskBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    completed: bool = False
    team: Optional[Team] = Relationship(back_populates="tasks")


class TaskPublic(TaskBase):
    id: int
    completed: bool


class TaskPublicWithTeam(TaskPublic):
    team: TeamPublic | None = None


class TaskUpdate(SQLModel):
    name: str | None = None
    priority: int | None = None
    completed: bool | None = None
    team_id: int | None = None


sqlite_file_name = "database.db"
engine = create_engine(f"sqlite:///{sqlite_file_name}", echo=False, connect_args={"check_same_thread": False})


def create_db_and_tables():
    SQLModel.metadata.create_all(engine)


def get_session():
    with Session(engine) as session:
        yield session


app = FastAPI()


@app.on_event("startup")
def on_startup():
    create_db_and_tables()


@app.post("/teams/", response_model=TeamPublic)
def create_team(*, session: Session = Depends(get_session), team: TeamBase):
    db_team = Team.model_validate(team)
    session.add(db_team)
    session.commit()
    session.refresh(db_team)
    return db_team


@app.get("/teams/", response_model=list[TeamPublic])
def read_teams(*, session: Session = Depends(get_session), offset: int = 0, limit: Annotated[int, Query(le=100)] = 100):
    return session.exec(select(Team).offset(offset).limit(limit)).all()


@app.post("/tasks/", response_model=TaskPublic)
def create_task(*, session: Session = Depends(get_session), task: TaskBase):
    db_task = Task.model_validate(task)
    session.add(db_task)
    session.commit()
    session.refresh(db_task)
    return db_task


@app.get("/tasks/", response_model=list[TaskPublic])
def read_tasks(*, session: Session = Depends(get_session), offset: int = 0, limit: Annotated[int, Query(le=100)] = 100):
    return session.exec(select(Task).offset(offset).limit(limit)).all()


@app.get("/tasks/{task_id}", response_model=TaskPublicWithTeam)
def read_task(*, session: Session = Depends(get_session), task_id: int):
    task = session.get(Task, task_id)
    if not task:
        raise HTTPException(status_code=404, detail="Task not found")
    return task


@app.patch("/tasks/{task_id}", response_model=TaskPublic)
def update_task(*, session: Session = Depends(get_session), task_id: int, task: TaskUpdate):
    db_task = session.get(Task, task_id)
    if not db_task:
        raise HTTPException(status_code=404, detail="Task not found")
    for key, value in task.model_dump(exclude_unset=True).items():
        setattr(db_task, key, value)
    session.add(db_task)
    session.commit()
    session.refresh(db_task)
    return db_task


@app.delete("/tasks/{task_id}")
def delete_task(*, session: Session = Depends(get_session), task_id: int):
    task = session.get(Task, task_id)
    if not task:
        raise HTTPException(status_code=404, detail="Task not found")
    session.delete(task)
    session.commit()
    return {"ok": True}
