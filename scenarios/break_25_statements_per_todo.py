"""N+1: the list asks the database once more for each todo, and no line of it says so."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

ADDED = (("Walk the dog", "out"), ("Paint the door", "home"), ("Find the key", "car"))
LISTED: tuple[s.Step, ...] = (
    s.Start(),
    s.post("Buy milk", tags=["shop", "today"]),
    s.CountStatements(s.get()),
    *(s.post(title, tags=[tag]) for title, tag in ADDED),
    s.CountStatements(s.get()),
)
CHOICES = {
    0: "None: it needs as many as before",
    1: "One more, for the tags of all three",
    len(ADDED): "Three more, one for each of them",
}
ROWS = 'relationship(cascade="all, delete-orphan", order_by=Tag.id)'
SELECTIN = 'relationship(lazy="selectin", cascade="all, delete-orphan", order_by=Tag.id)'


def growth(seen: Seen) -> int:
    """How many statements more the list needed, once there were three todos more."""
    counts = seen.statements()
    return counts[-1] - counts[0] if counts else 0


broken = s.Exercise(
    kind="break",
    title="A statement for each todo",
    teaches="What is loaded when it is first touched is loaded for one todo at a time: N+1.",
    task="Give todos `tags`: a list of texts, which POST takes and every answer shows. Keep them "
    "in a table of their own, which the model reaches by a relationship(), and leave the function "
    "of GET /todos as it is. How many statements does the list need, and how many once there are "
    "three todos more?",
    hints=(
        "Look at `lab trace GET /todos`: which statements come after that of your own line?",
        "Ask when the tags of a todo are read, and who touches them: your function has not.",
        "Type `relationship()` into the model of the todos, `ForeignKey` into that of the tags.",
    ),
    before=LISTED,
    prediction=s.Prediction(
        "Each todo has tags now, in a second table. Three todos are added. How many statements "
        "more does GET /todos need than before?",
        of=growth,
        choices=CHOICES,
        why="One SELECT reads the todos. The tags of each are read when its answer is written, "
        "todo by todo.",
    ),
    variants=(
        s.Variant(
            "Todos get tags, in a table of their own. The endpoints stay as they are.",
            edits=(Patch("break_25_statements_per_todo.patch"),),
            steps=(s.MigrateDatabase(),),
        ),
    ),
    after=LISTED,
    symptom=lambda seen: growth(seen) == len(ADDED),
)

fixed = s.Exercise(
    kind="fix",
    title="One statement for all of them",
    teaches="Who lists says what the list will need: then one more statement reads it for all.",
    task="Let GET /todos need the same number of statements, however many todos it lists. Each "
    "todo is listed once, with its own tags, or with `[]` where it has none, also after a restart.",
    hints=(
        "Look at `lab trace GET /todos`: which statement comes again and again, and with what?",
        "Ask how one statement could read the tags of all todos that are listed.",
        'Type `.options(selectinload(...))` behind your select(), or `lazy="selectin"` into the '
        "relationship().",
    ),
    before=LISTED,
    needed=lambda seen: growth(seen) == len(ADDED),
    prediction=s.Prediction(
        'The relationship is loaded with lazy="selectin". Three todos are added. How many '
        "statements more does GET /todos need than before?",
        of=growth,
        choices=CHOICES,
        why="One statement reads the todos, and one the tags of all: WHERE todo_id IN (...).",
    ),
    variants=(
        s.Variant(
            "The tags of all todos are read at once.",
            edits=(Replace("todos_app/models.py", ROWS, SELECTIN),),
        ),
    ),
    after=LISTED,
    mended=lambda seen: growth(seen) == 0,
)

scenario = s.Scenario("003, READ Operation", (broken, fixed), topic="sessions")
