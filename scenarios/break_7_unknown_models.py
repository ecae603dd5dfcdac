"""The tables are created before any model is known."""

from lab import scenario as s
from lab.codemods import CreateEarly

HERE = s.Say("Where a todos.db has its table from earlier, nobody notices.")

broken = s.Exercise(
    kind="break",
    title="Tables of models that nobody knows",
    teaches="create_all() makes the tables of the models that were imported when it runs.",
    task="Call create_all() right below `class Base`, and start the app without a todos.db.",
    hints=(
        "Look at the order in which the lines of your modules run when the app is imported.",
        "Ask how Base comes to know of a class that stands in another file.",
        "Type `Base.metadata.create_all(engine)` below `class Base`, and take it out elsewhere.",
    ),
    before=(s.Clone(), s.Start(), s.get(), s.post("Buy milk"), s.ShowRows()),
    prediction=s.Prediction(
        "create_all() runs below `class Base`. A new clone starts. What does GET /todos answer?",
        of=lambda seen: seen.status("GET /todos"),
        choices={
            200: "200, an empty list: create_all() looks for the models",
            404: "404: there is nothing yet",
            500: "500: there is a todos.db, and no table in it",
        },
        why="A class tells Base of its table when Python runs the class, and not before.",
    ),
    variants=(s.Variant("create_all() runs as soon as there is a Base.", edits=(CreateEarly(),)),),
    after=(s.Clone(), s.Start(), s.get(), s.post("Walk the dog"), s.ShowRows(), HERE),
    symptom=lambda seen: seen.crashed("no such table"),
)

fixed = s.Exercise(
    kind="fix",
    title="First the models, then their tables",
    teaches="Importing a module of models is what makes them known: the import is not idle.",
    task="Create the tables when all models have been imported.",
    hints=(
        "Look for the line that calls create_all(), and for the line that imports the models.",
        "Ask which of the two runs first, and what is known at that time.",
        "Type `Base.metadata.create_all(engine)` into the lifespan, or above `app = FastAPI()`.",
    ),
    before=(s.Clone(), s.Start(), s.get(), s.ShowRows()),
    needed=lambda seen: not seen.table(),
    variants=(s.Variant("create_all() runs when the models are known.", undoes=(CreateEarly(),)),),
    prediction=s.Prediction(
        "Another clone starts. What does GET /todos answer there, before any POST?",
        of=lambda seen: seen.status("GET /todos"),
        choices={404: "404: no todos yet", 500: "500: no table yet", 200: "200 and an empty list"},
        why="The table is made at the start, whether or not a request asks for it.",
    ),
    after=(s.Clone(), s.Start(), s.get(), s.post("Walk the dog"), s.ShowRows()),
)

scenario = s.Scenario("002, Importing models", (broken, fixed), topic="schema")
