"""A background task in the request's session: it runs when the commit is long past."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

DELETE = s.Request("DELETE", "/todos/{id}")
DELETED = (s.Start(), s.post("Buy milk"), DELETE, s.get(), s.Start(), s.get())
ROUTE = """\
@app.delete("/todos/{todo_id}", status_code=204, responses={404: {}})
def delete_todo(todo_id: TodoId, db: SessionDep, tasks: BackgroundTasks) -> None:
"""
LATER = """\
    tasks.add_task(db.delete, get_todo(todo_id, db))
    db.commit()
"""
REMOVE = """\
def remove(todo_id: int) -> None:
    with SessionLocal.begin() as db:  # its own: it commits and closes at the end of the block
        if todo := db.get(Todo, todo_id):
            db.delete(todo)


"""
BY_ID = """\
    get_todo(todo_id, db)  # else 404, before the answer
    tasks.add_task(remove, todo_id)
"""
MAIN = "todos_app/main.py"
OWN_SESSION = (
    Replace(MAIN, "SessionDep, engine, take_turn", "SessionDep, SessionLocal, engine, take_turn"),
    Replace(MAIN, f"{ROUTE}{LATER}", f"{REMOVE}{ROUTE}{BY_ID}"),
)
CHOICES = {
    "gone": "Yes, soon after the answer",
    "there": "No: it is still there, also after a restart",
    "refused": "No, and its client knows: the answer was a 500",
}


def after_the_delete(seen: Seen) -> str:
    """Return what has become of the todo that was to be deleted, in a word."""
    answers = [answer.status for answer in seen.exchanges() if answer.method == "DELETE"]
    if any(status >= 500 for status in answers):
        return "refused"
    return "there" if seen.last_made() else "gone"


broken = s.Exercise(
    kind="break",
    title="The background task and the session",
    teaches="A background task runs after the answer: the commit of the request is past.",
    task="Let DELETE answer at once, and leave the work to a background task: hand it `db.delete` "
    "and the todo, and commit below. Then delete a todo. Is it gone?",
    hints=(
        "Look at the order: when does a background task run, and when the line below it?",
        "Ask what is to come after the task that would make its work final.",
        "Type `tasks: BackgroundTasks` among the parameters, and above `db.commit()` "
        "`tasks.add_task(db.delete, get_todo(todo_id, db))`.",
    ),
    before=DELETED,
    prediction=s.Prediction(
        "DELETE hands `db.delete` to a background task, then commits. A todo is deleted. Is it "
        "gone?",
        of=after_the_delete,
        choices=CHOICES,
        why="The task runs when the answer is out. What it does in the session of the request, "
        "nobody commits any more, and no client is left who could be told.",
    ),
    variants=(
        s.Variant(
            "DELETE leaves the work to a background task, in the session of the request.",
            edits=(Patch("break_21_background_task.patch"),),
        ),
    ),
    after=DELETED,
    symptom=lambda seen: after_the_delete(seen) == "there",
)

fixed = s.Exercise(
    kind="fix",
    title="The task has a session of its own",
    teaches="Who works after the answer is given ids, opens a session, commits it and closes it.",
    task="After a DELETE that was answered 2xx, let the todo be gone within three seconds, and no "
    "other. It stays gone after a restart. Whether a background task does the work is open.",
    hints=(
        "Look at which session the task works in, and who commits there after the answer.",
        "Ask what of a request is still good when its task runs: the session, the object, the id?",
        "Type a function that takes the id and opens `SessionLocal.begin()`; hand that one to the "
        "task. Or delete before you answer.",
    ),
    before=DELETED,
    needed=lambda seen: after_the_delete(seen) == "there",
    prediction=s.Prediction(
        "The task is given the id now, and opens a session of its own. A todo is deleted. Is it "
        "gone?",
        of=after_the_delete,
        choices=CHOICES,
        why="A session of its own commits when the work is done, whenever that is.",
    ),
    variants=(s.Variant("The task opens a session of its own.", edits=OWN_SESSION),),
    after=DELETED,
    mended=lambda seen: after_the_delete(seen) == "gone",
)

scenario = s.Scenario("003, UPDATE and DELETE Operation", (broken, fixed), topic="sessions")
