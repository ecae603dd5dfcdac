"""What is missing is answered as if all were well."""

from lab import scenario as s
from lab.codemods import HideMissing

MISSING = s.get("/todos/987654321")
GONE = s.Request("DELETE", "/todos/987654321")
HEADS = s.Say("A program reads the status, and this one says that all went well.")
broken = s.Exercise(
    kind="break",
    title="Not found, and 200 all the same",
    teaches="Clients go by the status: a message in a 200 is a success.",
    task='Answer a todo that does not exist with `{"message": "not found"}`, in place of a 404. '
    "Then ask for one, and delete one, and look at the first line of the answer.",
    hints=(
        "Look at the first line of what `curl -i` shows for a todo that is not there.",
        "Ask how a program that called DELETE could tell whether anything was deleted.",
        'Type `return {"message": "not found"}` where the endpoint raises, or a handler for 404.',
    ),
    before=(s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        "A handler turns each 404 into a friendly message. What status does a client get?",
        of=lambda seen: seen.status(str(MISSING)),
        choices={
            404: "404: the error was raised, and its status stays",
            200: "200: nothing failed, as far as a program can tell",
            204: "204: there is nothing to show",
        },
        why="A response has the status 200 as long as nobody gives it another one.",
    ),
    variants=(s.Variant("A friendly message takes the place of the 404.", edits=(HideMissing(),)),),
    after=(s.Start(), MISSING, GONE, HEADS),
    symptom=lambda seen: 200 <= seen.status(str(MISSING)) < 300,
)

fixed = s.Exercise(
    kind="fix",
    title="404 for what is not there",
    teaches="Raise HTTPException(404): the status says what happened, the message explains it.",
    task="Let GET, PUT and DELETE of a todo that does not exist answer 404. The message may stay.",
    hints=(
        "Look at the line that runs where no todo was found.",
        "Ask which part of an answer a program reads, and which a person.",
        'Type `raise HTTPException(404, "Todo not found")`, or `status_code=404` in the handler.',
    ),
    before=(s.Start(), MISSING),
    needed=lambda seen: 200 <= seen.status(str(MISSING)) < 300,
    prediction=s.Prediction(
        "The status is mended. What becomes of the message?",
        of=lambda seen: bool(seen.json(str(MISSING))) and seen.status(str(MISSING)) == 404,
        choices={True: "It stays in the body", False: "It goes", None: "It becomes a header"},
        why="An error has a body like any other answer.",
    ),
    variants=(s.Variant("What is missing is a 404 again.", undoes=(HideMissing(),)),),
    after=(s.Start(), s.post("Buy milk"), MISSING, GONE),
)

scenario = s.Scenario("003, UPDATE and DELETE Operation", (broken, fixed), topic="answers")
