"""A query parameter that filters the list."""

from lab import scenario as s
from lab.codemods import Patch

ALL, DONE, OPEN = s.get(), s.get("/todos?completed=true"), s.get("/todos?completed=false")

alter = s.Exercise(
    kind="alter",
    databases=s.ALL,
    title="A filter for the list",
    teaches="A query parameter has three states: true, false, and not given.",
    task="Let clients ask for a part of the list: GET /todos?completed=true lists what is done, "
    "GET /todos?completed=false what is not done, and GET /todos lists both, in pages if you "
    "like.",
    hints=(
        "Look at the function that lists the todos: which parameters does it have so far?",
        "Ask what `if completed:` does when somebody asks for ?completed=false.",
        "Type `completed: bool | None = None` among the parameters, and `if completed is not "
        "None:` above the filter.",
    ),
    before=(
        s.Start(),
        s.post("Buy milk"),
        s.post("Buy bread", completed=True),
        s.Predict(),
        ALL,
        DONE,
    ),
    prediction=s.Prediction(
        "Some todos are pending, some completed, and the API has no filter yet. What does "
        "GET /todos?completed=true answer now?",
        of=lambda seen: (
            seen.status(str(DONE)),
            len(seen.listed(str(DONE))) == len(seen.listed()),
        ),
        choices={
            (422, False): "422: there is no such parameter",
            (404, False): "404: there is no such address",
            (200, False): "200, with the completed todo only",
            (200, True): "200, with every todo",
        },
        why="FastAPI ignores a query parameter that the function does not name.",
    ),
    variants=(
        s.Variant(
            "The list gets a parameter that filters, or does not.",
            edits=(Patch("alter_2_filter.patch"),),
        ),
    ),
    after=(
        s.Start(),
        s.post("Walk the dog"),
        s.post("Water the plants", completed=True),
        ALL,
        DONE,
        OPEN,
    ),
)

scenario = s.Scenario("004, Alter it 2", (alter,))
