"""An endpoint that counts."""

from lab import scenario as s
from lab.codemods import Patch

COUNT = s.get("/todos/count")

alter = s.Exercise(
    kind="alter",
    databases=s.ALL,
    title="An endpoint that counts",
    teaches="Routes are tried in their order; a database counts without handing over the rows.",
    task='Tell clients how many todos there are: GET /todos/count answers {"total": N, '
    '"completed": M, "pending": P} for all, for the done ones, and for the others.',
    hints=(
        "Look at the order of the routes in the file: which one takes /todos/count today?",
        "Ask what the answer should be when there is no todo at all.",
        'Type `@app.get("/todos/count")` above `@app.get("/todos/{todo_id}")`, and count with '
        "`select(func.count()).select_from(Todo)`.",
    ),
    before=(s.Start(), s.post("Buy milk", completed=True), s.Predict(), COUNT),
    prediction=s.Prediction(
        "There is no such endpoint yet. What does GET /todos/count answer now?",
        of=lambda seen: seen.status(str(COUNT)),
        choices={
            404: "404: there is no such address",
            422: '422: "count" is no number',
            405: "405: the address is there, but not for GET",
            500: "500: the server does not know what to do",
        },
        why="The first route that fits is taken, and /todos/{todo_id} fits /todos/count.",
    ),
    variants=(
        s.Variant(
            "A new route, above the one that takes an id.", edits=(Patch("alter_3_count.patch"),)
        ),
    ),
    after=(s.Start(), COUNT, s.post("Walk the dog"), COUNT),
)

scenario = s.Scenario("004, Alter it 3", (alter,))
