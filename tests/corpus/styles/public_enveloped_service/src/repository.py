from sqlalchemy import select
from sqlalchemy.orm import Session

from src.tables import TodoTable


class TodoRepository:
    def __init__(self, session: Session):
        self.session = session

    def add(self, **values) -> TodoTable:
        todo = TodoTable(**values)
        self.session.add(todo)
        self.session.flush()
        return todo

    def get(self, todo_id: int) -> TodoTable | None:
        return self.session.get(TodoTable, todo_id)

    def list(self) -> list[TodoTable]:
        return list(self.session.scalars(select(TodoTable).order_by(TodoTable.id)))

    def remove(self, todo: TodoTable) -> None:
        self.session.delete(todo)
