from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Todo, TodoChange, TodoDraft, TodoEntity, now


class TodoNotFound(Exception):
    pass


class TodoRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def _get(self, todo_id: int) -> TodoEntity:
        entity = self.session.get(TodoEntity, todo_id)
        if entity is None:
            raise TodoNotFound(todo_id)
        return entity

    def all(self) -> list[Todo]:
        entities = self.session.scalars(select(TodoEntity).order_by(TodoEntity.created_at))
        return [Todo.model_validate(entity) for entity in entities]

    def get(self, todo_id: int) -> Todo:
        return Todo.model_validate(self._get(todo_id))

    def add(self, draft: TodoDraft) -> Todo:
        entity = TodoEntity(**draft.model_dump(), created_at=now())
        self.session.add(entity)
        self.session.commit()
        return Todo.model_validate(entity)

    def update(self, todo_id: int, change: TodoChange) -> Todo:
        entity = self._get(todo_id)
        for name, value in change.model_dump(exclude_none=True).items():
            setattr(entity, name, value)
        self.session.commit()
        return Todo.model_validate(entity)

    def delete(self, todo_id: int) -> None:
        self.session.delete(self._get(todo_id))
        self.session.commit()
