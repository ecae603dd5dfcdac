"""The database is in the folder that the next image wipes."""

from lab import scenario as s
from lab.codemods import PlaceDatabase
from lab.scenario.observations import Seen

FIRST = (s.Deploy(), s.Start(), s.post("Buy milk"), s.get())
LOOK = (s.Start(), s.get(), s.ShowFiles())
TWICE = (*FIRST, s.Deploy(), *LOOK)


def outlived(seen: Seen) -> tuple[int, bool]:
    """Return how the list was answered at last, and whether what was made is in it."""
    titles = [todo.get("title") for todo in seen.listed()]
    made = [todo.get("title") for todo in (*seen.before.made(), *seen.made())]
    return seen.status("GET /todos"), bool(made) and set(made) <= set(titles)


broken = s.Exercise(
    kind="break",
    title="The container and its file",
    teaches="A deployment brings a new folder: what the app wrote beside its code goes with the "
    "old one.",
    task="Play a container: your app runs in a folder that has the code alone, as an image has it. "
    "Make a todo. Then deploy the next image, of the same code: stop the server, throw the folder "
    "away, put the code into a new one, and start. What does GET /todos answer? One folder stays "
    "through it all, the volume; the variable TODOS_DATA tells the app its path.",
    hints=(
        "Look at where the database file is, and what else is in that folder.",
        "Ask who keeps that folder when a new image comes.",
        "Type `find . -name todos.db` in the folder, before the deployment and after it.",
    ),
    before=FIRST,
    prediction=s.Prediction(
        "A todo was made. Then the next image of the same code is deployed, and started. What does "
        "GET /todos answer?",
        of=outlived,
        choices={
            (200, True): "200, and the todo: it is in a file, and the code is the same",
            (200, False): "200, and an empty list",
            (500, False): "500: the database is gone",
        },
        why="The file was in the folder that went. The app has made a new one, as at its first "
        "start, and nobody says a word.",
    ),
    variants=(
        s.Variant(
            "The next image comes.",
            edits=(PlaceDatabase("current folder"),),
            steps=(s.Deploy(),),
        ),
    ),
    after=LOOK,
    symptom=lambda seen: outlived(seen) == (200, False),
)

fixed = s.Exercise(
    kind="fix",
    title="The data is on the volume",
    teaches="Code comes from the image, data stays on the volume, and the environment says where.",
    task="Keep the database in the folder whose path is in the variable TODOS_DATA, whichever that "
    "is: on an empty one, too, the first start works. What was made, changed and deleted before a "
    "deployment is so after it, and after the next one, also where the server was killed, and "
    "where the image has a todos.db of its own. Without the variable the app starts as before, and "
    "keeps its todos in a file.",
    hints=(
        "Look at where your code writes down the place of the database, and who knows that place.",
        "Ask what stays when the folder of the app goes, and what is to happen where nobody has "
        "set the variable. A folder beside the code goes with it, whatever its name.",
        'Type `folder = os.environ.get("TODOS_DATA", ".")` and build the URL from it: '
        '`f"sqlite:///{folder}/todos.db"`.',
    ),
    before=TWICE,
    needed=lambda seen: outlived(seen) == (200, False),
    prediction=s.Prediction(
        "The app keeps its database in the folder that TODOS_DATA names. A todo is made, and the "
        "next image is deployed. What does GET /todos answer?",
        of=outlived,
        choices={
            (200, True): "200, and the todo",
            (200, False): "200, and an empty list: a new folder, a new file",
            (500, False): "500: the new server may not open the file of the old one",
        },
        why="The file is in the folder that stays, and the new server is told where that is.",
    ),
    variants=(
        s.Variant("The path of the database is in TODOS_DATA.", edits=(PlaceDatabase("volume"),)),
    ),
    after=TWICE,
    mended=lambda seen: outlived(seen) == (200, True),
)

scenario = s.Scenario("004, Break it 1, and a deployment", (broken, fixed), topic="operations")
