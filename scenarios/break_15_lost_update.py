"""Two right requests make one wrong row: each has read the todo before the other one wrote."""

from lab import scenario as s
from lab.codemods import Patch
from lab.scenario.observations import Seen

COMPLETE = s.Request("PUT", "/todos/{id}", {"completed": True})
RENAME = s.Request("PUT", "/todos/{id}", {"title": "Buy oat milk"})
TWO_CLIENTS = (s.Start(), s.post("Buy milk"), s.RequestBetween(COMPLETE, RENAME), s.get())
PATCH = (Patch("break_15_lost_update.patch"),)
KEPT = ("Buy oat milk", True)
PREDICTION = s.Prediction(
    "One client completes a todo, another one renames it meanwhile: 200 for both. What is left?",
    of=lambda seen: tuple(seen.last_made().get(name) for name in ("title", "completed")),
    choices={
        KEPT: "The new title, and it is completed",
        ("Buy milk", True): "The old title, and it is completed",
        ("Buy oat milk", False): "The new title, and it is not completed",
    },
    why="Who writes last decides about the columns that its UPDATE names, and about no other.",
)


def loses(seen: Seen) -> bool:
    """Whether every request was answered 2xx, and one of the changes is gone."""
    return all(exchange.ok for exchange in seen.exchanges()) and PREDICTION.of(seen) != KEPT


broken = s.Exercise(
    kind="break",
    title="The lost update",
    teaches="What was read may be old when it is written back: somebody was there meanwhile.",
    task="Let PUT read the todo, lay the change over it, and write the whole row back. Then let "
    "one client complete a todo while another one renames it. What is left of the two changes?",
    hints=(
        "Look at `lab trace PUT /todos/1 '{\"completed\": true}'`: what does the UPDATE name?",
        "Ask when the values that are written back were read, and who was there since then.",
        "Type `db.query(Todo).filter_by(id=todo_id).update({...})` with every field of the todo.",
    ),
    before=TWO_CLIENTS,
    prediction=PREDICTION,
    variants=(s.Variant("PUT writes back the row as it was read, with the change.", edits=PATCH),),
    after=TWO_CLIENTS,
    symptom=loses,
)

fixed = s.Exercise(
    kind="fix",
    title="No update is lost",
    teaches="Write what was sent and no more; or notice that the row is another one, and say 409.",
    task="Two clients change different fields of one todo at the same time. Keep both changes, or "
    "refuse one of them with 409, so that its client knows. What was answered 2xx is not lost.",
    hints=(
        "Look at the two timelines of `lab race`: which UPDATE undoes what the other one did?",
        "Ask which columns that UPDATE has to name; or how it could notice that the row has "
        "changed.",
        "Type `setattr(todo, name, value)` for what was sent, and let the session write. Or: "
        '`__mapper_args__ = {"version_id_col": version}`, and 409 for a StaleDataError.',
    ),
    before=TWO_CLIENTS,
    needed=loses,
    prediction=PREDICTION,
    variants=(s.Variant("PUT writes what was sent.", undoes=PATCH),),
    after=TWO_CLIENTS,
    mended=lambda seen: not loses(seen),
)

scenario = s.Scenario("003, UPDATE Operation", (broken, fixed), topic="concurrency")
