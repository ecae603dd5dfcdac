"""A second table: users, and todos that belong to one."""

from lab import scenario as s
from lab.codemods import Patch

ADA = s.Request("POST", "/users", {"email": "ada@example.com"})

alter = s.Exercise(
    kind="alter",
    minutes=40,
    includes=("persist",),
    title="Users, and whose todo it is",
    teaches="Rules about several rows belong into the database: unique, and a foreign key.",
    task="Give the API users. POST /users takes an `email` and answers with it and an `id`; an "
    "e-mail that another user has gets a 409, and the table itself refuses it as well. GET /users "
    "lists them, DELETE /users/{id} removes one. POST /todos takes a `user_id`, which may be left "
    "out; it is shown wherever the todo is. A user_id that nobody has gets a 404, 409 or "
    "422. No todo may point to a user who is gone: when a user with todos is to be deleted, "
    "refuse it (409), let the todos go along, or leave them to nobody.",
    hints=(
        "Look at what the class Todo tells the database about each column. What can it say of two?",
        "Ask who looks at a foreign key: does SQLite, unasked? And what is left of a session whose "
        "commit() was refused?",
        'Type `unique=True`, `ForeignKey("users.id")`, `PRAGMA foreign_keys=ON` for every new '
        "connection, and `except IntegrityError:` with a db.rollback() and a 409.",
    ),
    before=(s.Start(), s.post("Made before"), s.Stop()),
    prediction=s.Prediction(
        "A user has a todo, and the todo a foreign key. What comes of DELETE for that user?",
        of=lambda seen: next((x.status for x in seen.exchanges() if x.method == "DELETE"), None),
        choices={
            204: "204: the user goes, and the todo points to nobody",
            409: "409: the database refuses it, and both stay",
            404: "404: a user cannot be found by its todos",
        },
        why="A foreign key holds where the database is asked to look at it. SQLite wants a PRAGMA.",
    ),
    variants=(
        s.Variant(
            "A module of its own for the users. What the database refuses is answered with 409.",
            edits=(Patch("alter_6_users.patch", field="user_id"),),
            steps=(s.MigrateDatabase(),),
        ),
    ),
    after=(
        *(s.Start(), ADA, ADA, s.post("Hers", user_id="{id}")),
        *(s.post("Nobody's", user_id=4711), s.Request("DELETE", "/users/1")),
        *(s.get("/users"), s.get()),
    ),
)

scenario = s.Scenario("002, email unique; 001, Practice task", (alter,), topic="schema")
