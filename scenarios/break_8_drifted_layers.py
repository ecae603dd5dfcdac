"""Two fields that not every layer knows."""

from lab import scenario as s
from lab.codemods import DriftApart

WHOLE = s.post("Buy milk", remark="The one with oats", place="Corner shop")
UNSEEN = s.Say("Compare the columns with the list: what the response schema lacks is not shown.")

broken = s.Exercise(
    kind="break",
    title="Layers that drifted apart",
    teaches="A field lives in the schema, in the model and in the answer. Each names it by itself.",
    task="Add a remark to TodoCreate and nowhere else; add a place to the model and to TodoCreate, "
    "and not to TodoResponse. Then create a todo.",
    hints=(
        "Look at the line that makes a Todo from what was sent.",
        "Ask who decides which fields a request may have, and who decides what a client gets.",
        "Type `remark: str | None = None` into TodoCreate, and leave models.py alone.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        "TodoCreate has a remark, and the model does not. What does a POST answer?",
        of=lambda seen: seen.status("POST /todos"),
        choices={201: "201: it is made", 422: "422: it is refused", 500: "500: it fails"},
        why="The schema has let the field in. From there on nobody asks the schema any more.",
    ),
    variants=(
        s.Variant(
            "Two fields, each in some of the layers.",
            edits=(DriftApart(),),
            steps=(s.MigrateDatabase(),),
        ),
    ),
    after=(s.Start(), s.get(), s.ShowRows(), UNSEEN, WHOLE),
    symptom=lambda seen: not any("remark" in made and "place" in made for made in seen.made()),
)

fixed = s.Exercise(
    kind="fix",
    title="Every layer knows every field",
    teaches="A field is added in three places and one table: schema, model, answer, and the file.",
    task="Let every field that TodoCreate takes be stored and come back, in your own todos.db too.",
    hints=(
        "Look at TodoCreate, Todo and TodoResponse side by side: which fields are in all three?",
        "Ask what a field needs to be kept, and what it needs to be seen.",
        "Type the missing columns into Todo, the missing fields into TodoResponse; then migrate.",
    ),
    before=(s.Start(), s.post("Of which type?", remark=1, place=1), WHOLE, s.get()),
    needed=lambda seen: bool(seen.refused() - {name for made in seen.made() for name in made}),
    variants=(
        s.Variant(
            "The two fields go again: every layer has the same ones.", undoes=(DriftApart(),)
        ),
    ),
    prediction=s.Prediction(
        "A todo is sent with remark and place. Which of the two does the list show?",
        of=lambda seen: len({"remark", "place"} & {*seen.listed()[-1]} if seen.listed() else {}),
        choices={0: "Neither", 1: "One of them", 2: "Both"},
        why="What is in the create schema, the model and the response schema goes all the way.",
    ),
    after=(s.Start(), WHOLE, s.get(), s.ShowRows()),
)

scenario = s.Scenario("001, Common mistakes: wrong column names", (broken, fixed), topic="schema")
