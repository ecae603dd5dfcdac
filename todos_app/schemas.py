"""What clients may send and what they get back. Nothing here is stored."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Title = Annotated[str, Field(min_length=1, max_length=200)]


def with_offset(moment: datetime) -> datetime:
    """SQLite forgets the time zone. We store UTC, so that is what we say."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class TodoCreate(BaseModel):
    title: Title
    completed: bool = False


class TodoUpdate(BaseModel):
    # None stands for "not sent": what is not sent stays as it is.
    title: Title | None = None
    completed: bool | None = None


class TodoResponse(BaseModel):
    # Lets the schema read its values from a Todo object, attribute by attribute.
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    completed: bool
    created_at: Annotated[datetime, AfterValidator(with_offset)]
