import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class TodoCreate(BaseModel):
    title: str = Field(min_length=3, max_length=120)
    description: str | None = None


class TodoUpdate(BaseModel):
    title: str | None = Field(default=None, min_length=3, max_length=120)
    description: str | None = None
    is_completed: bool | None = None


class TodoRead(TodoCreate):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    is_completed: bool
    created_at: datetime
