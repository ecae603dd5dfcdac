"""PUT and DELETE, written into an API that has neither."""

from lab import scenario as s
from lab.codemods import Patch
from lab.scenario.observations import Seen

ONE = "/todos/{id}"
PUT = s.Request("PUT", ONE, {"title": "Buy oat milk", "completed": True})
DELETE = s.Request("DELETE", ONE)


def status(seen: Seen) -> int:
    """Return the status of the last PUT."""
    return next((x.status for x in reversed(seen.exchanges()) if x.method == "PUT"), 0)


alter = s.Exercise(
    kind="alter",
    title="PUT and DELETE of your own",
    teaches="To change or delete a row: find it, or answer 404; then change it, and commit.",
    task="`lab run alter-4 --start` takes PUT and DELETE out of your API. Write both again. "
    "PUT /todos/{id} takes a title and whether the todo is completed, DELETE /todos/{id} removes "
    "it. What they do stays so after a restart, and an id that is not there gets a 404.",
    hints=(
        "Look at the function that gets one todo: how does it find it, and what if there is none?",
        "Ask when a change of an attribute gets into the file, and when a row leaves it.",
        "Type `todo.title = body.title` and the like, or `db.delete(todo)`; then `db.commit()`.",
    ),
    start=s.Variant(
        "What answers PUT and DELETE goes; the schema of a PUT stays, for you to use or not.",
        edits=(Patch("alter_4_changing.patch", reverse=True),),
    ),
    before=(s.Start(), s.post("Buy milk"), s.Predict(), PUT, DELETE, s.get(ONE)),
    prediction=s.Prediction(
        "The API has no PUT and no DELETE now. What does PUT answer for a todo that is there?",
        of=status,
        choices={
            404: "404: there is no such address",
            405: "405: the address is there, but not for PUT",
            422: "422: the body is not what the API takes",
            200: "200: PUT falls back on POST",
        },
        why="An address is found by its path first. Which methods it has, is a second question.",
    ),
    variants=(
        s.Variant(
            "Two functions: each finds the todo, or answers 404.",
            edits=(Patch("alter_4_changing.patch"),),
        ),
    ),
    after=(
        s.Start(),
        s.post("Buy milk"),
        PUT,
        s.Start(),
        s.get(ONE),
        DELETE,
        s.get(ONE),
    ),
)

scenario = s.Scenario("001, Practice task", (alter,), topic="answers")
