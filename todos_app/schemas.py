"""What clients may send and what they get back. Nothing here is stored."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

# The pattern refuses the character NUL, which PostgreSQL cannot store.
Title = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
# SQLite and MySQL forget the offset. We store UTC, so UTC is what we say.
Moment = Annotated[datetime, AfterValidator(lambda at: at.replace(tzinfo=at.tzinfo or UTC))]


class TodoCreate(BaseModel):
    title: Title
    completed: StrictBool = False  # a plain bool would take 0 and "no" as well


class TodoUpdate(BaseModel):
    title: Title = ""  # not sent: it stays as it is; null is refused
    completed: StrictBool = False


class TodoResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)  # read the values from a Todo object

    id: int
    title: str
    completed: bool
    created_at: Moment
