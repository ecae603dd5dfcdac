"""break-2: the model has a column that the table in the database lacks."""

from lab.appserver.tables import drift
from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_the_table_lacks_a_column(own: Todos) -> None:
    """Requests fail because the workspace's own database lacks a column of the model."""
    own.server.start()
    answers = [own.server.get("/todos"), own.server.post("/todos", {"title": "into the old table"})]
    parted = drift(own.server)
    if not parted:
        raise CheckFailed(
            expected="a column in the model that the table in the old database file lacks",
            actual="every column of every model is in its table",
            help="Is there an old database file, made before the column was added? "
            "A new file gets every column at once.",
        )
    if all(answer.status < 500 for answer in answers):
        raise CheckFailed(
            expected="GET /todos or POST /todos answers 500",
            actual=f"{answers[0].status} and {answers[1].status}, although {parted[0]}",
            help="The error is there, but something hides it.",
        )
