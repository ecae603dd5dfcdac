"""alter-7: the database under Alembic, and the priority as a migration, up and down."""

from typing import Any

from lab.answers import Todo
from lab.appserver.commands import Ran
from lab.appserver.tables import rows_of
from lab.model import CheckFailed, NotApplicable
from lab.verify.experiments.migrations import columns, command, rows, table_in
from lab.verify.todos import Todos, seen
from lab.workspace import databases

MOST = 20  # migrations between the last one and the one that adds the priority
COLUMN = "priority"
BELOW = "a revision at which the table of the todos is there"


def test_alembic_makes_the_database(fresh: Todos) -> None:
    """`alembic upgrade head` makes a database for the API, with priority 0 or as given.

    Once more, where all was done, it changes nothing.
    """
    ran = command(fresh, "upgrade", "head")
    fresh.server.start()
    default, given = fresh.create("no priority given"), fresh.create("given", priority=3)
    shared(fresh, ran)
    priorities(fresh, [(default, 0), (given, 3)], "on a database that Alembic has made")
    integers(fresh)
    fresh.server.stop()
    command(fresh, "upgrade", "head")
    fresh.server.start()
    priorities(fresh, [(default, 0), (given, 3)], "after `alembic upgrade head` once more")


def test_the_priority_is_a_migration_of_its_own(fresh: Todos) -> None:
    """There is a revision at which the table of the todos is there, without a priority."""
    ran = command(fresh, "upgrade", "head")
    have = columns(ran)
    if COLUMN not in have:
        raise CheckFailed(
            expected=f"the table of the todos has a {COLUMN} after `alembic upgrade head`",
            actual=f"its columns are {', '.join(have)}" if have else "no table of todos is there",
            help="Which of your migrations adds it?",
        )
    if not goes_below(fresh, ran):
        raise CheckFailed(
            expected=f"{BELOW}, without a priority",
            actual=f"the {COLUMN} is there after {MOST} times `alembic downgrade -1`"
            if columns(ran)
            else "on the way down, the table goes away with its priority",
            help="The first migration makes the table as it was, the priority comes with another. "
            "And each needs a downgrade() that takes back what its upgrade() did.",
        )


def test_every_migration_can_be_taken_back(fresh: Todos) -> None:
    """`alembic downgrade base` takes everything back, and `alembic upgrade head` makes it again."""
    made = table_in(command(fresh, "upgrade", "head").databases)
    ran = command(fresh, "downgrade", "base")
    left = table_in(ran.databases)
    if made and left and made[0] == left[0]:  # its rows may be kept, under another name
        raise CheckFailed(
            expected=f"no table {left[0]} after `alembic downgrade base`",
            actual=f"there is one, with {', '.join(left[1].columns)}",
            help="Alembic writes down that nothing is there any more. What does the downgrade() "
            "of your first migration do?",
        )
    if COLUMN in (made[1].columns if made else ()):
        must_begin_without(fresh)
    command(fresh, "upgrade", "head")


def must_begin_without(todos: Todos) -> None:
    """Upgrade until the table is there. Raise CheckFailed where it has the priority by then."""
    for _ in range(MOST):
        ran = command(todos, "upgrade", "+1")
        if have := columns(ran):
            break
    else:
        return
    if COLUMN in have:
        raise CheckFailed(
            expected=f"from nothing, the first migration makes the table without a {COLUMN}",
            actual=f"it has {', '.join(have)}",
            help="A migration says what was so on its day. Where does this one look up which "
            "columns there are?",
        )


def test_no_todo_is_lost_on_the_way(fresh: Todos) -> None:
    """Todos that were made over HTTP are the same after the priority's migration, down and up."""
    ran = command(fresh, "upgrade", "head")
    fresh.server.start()
    made = [fresh.create(f"todo {number}", priority=number) for number in range(4)]
    fresh.update(made[1], completed=True)
    fresh.delete(made[3])
    shared(fresh, ran)
    fresh.server.stop()
    before = rows(ran.databases)
    if not goes_below(fresh, ran):  # that this is wrong is for another check
        raise NotApplicable(f"{BELOW}, without a priority", "no way down to one")
    same(before, rows(ran.databases), "after the way down")
    command(fresh, "upgrade", "head")
    same(before, rows(ran.databases), "after the way down and up again")
    fresh.server.start()
    priorities(fresh, [(todo, 0) for todo in made[:3]], "after the way down and up again")


def test_your_own_database_comes_along(own: Todos) -> None:
    """`alembic upgrade head` works on the workspace's own database, and keeps its todos."""
    before = own_rows(own)
    ran = command(own, "upgrade", "head", help=OLD)
    if before:
        same(before, rows(ran.databases), "in your own database, after `alembic upgrade head`")
    own.server.start()
    for todo in own.all():
        if type(todo.get(COLUMN)) is not int:
            raise CheckFailed(
                expected="every todo of your own database has a priority, an integer",
                actual=f"{todo}",
                help="It was made before there was a priority. Who gives it one?",
            )


OLD = (
    "Your database has the table already, and Alembic does not know it: to it, nothing was ever "
    "done there. Is there a command that only writes down a revision?"
)


def shared(todos: Todos, ran: Ran) -> None:
    """Raise CheckFailed where Alembic and the API use different databases."""
    served = todos.server.databases()
    if set(served) & set(ran.databases):
        return

    def names(paths: Any) -> str:
        return ", ".join(path.relative_to(todos.server.folder).as_posix() for path in paths)

    raise CheckFailed(
        expected="Alembic changes the database that the API uses",
        actual=f"Alembic opens {names(ran.databases) or 'none'}, the API {names(served) or 'none'}",
        help="Which URL does env.py hand to Alembic, and which one does the app have?",
    )


def own_rows(todos: Todos) -> list[Todo]:
    """Return the rows of the todos in the databases that lie in the folder."""
    each = (rows([path]) for path in databases.find(todos.server.folder))
    return next(filter(None, each), [])


def goes_below(todos: Todos, ran: Ran) -> bool:
    """Downgrade until the table has no priority: whether it is so and the table still there."""
    for _ in range(MOST):
        have = columns(ran)
        if COLUMN not in have:
            return bool(have)
        command(todos, "downgrade", "-1")
    return False


def same(before: list[Todo], after: list[Todo], when: str) -> None:
    """Raise CheckFailed where a row is missing, or has another value but for the priority."""
    by_id = {row.get("id"): row for row in after}
    for row in before:
        now = by_id.get(row.get("id"))
        if now is None:
            raise CheckFailed(
                expected=f"{len(before)} todos {when}",
                actual=f"{len(after)}; the one with id {row.get('id')} is lost",
                help="A table that is dropped takes its rows along. What does the migration do "
                "with those that are there?",
            )
        wrong = [name for name in row if name != COLUMN and now.get(name) != row[name]]
        if wrong:
            raise CheckFailed(
                expected=f"{wrong[0]} = {row[wrong[0]]!r} {when}",
                actual=f"{wrong[0]} = {now.get(wrong[0], 'no such column')!r} in {now}",
                help="The migration is about the priority. Everything else stays as it was.",
            )


def integers(todos: Todos) -> None:
    """Raise CheckFailed where the column holds a priority as anything else than an integer."""
    rows = rows_of(todos.server)
    if rows is None or COLUMN not in rows.columns:
        return  # what a client sees is right, wherever it is kept
    for value in (row[rows.columns.index(COLUMN)] for row in rows.rows):
        if type(value) is not int:
            raise CheckFailed(
                expected=f"an integer in the column {COLUMN} that Alembic has made",
                actual=f"{value!r}",
                help="The answer has an integer, the table has none. Which type does the migration "
                "give the column?",
            )


def priorities(todos: Todos, wanted: list[tuple[Todo, int]], when: str) -> None:
    """Raise CheckFailed where GET shows another priority."""
    for todo, priority in wanted:
        found = todos.find(todo)
        if found is None or type(found.get(COLUMN)) is not int or found[COLUMN] != priority:
            raise CheckFailed(
                expected=f"priority {priority} for {todo.get('title')!r} {when}",
                actual=f"{found}" if found else seen(todos.server.exchanges[-1]),
                help="The priority is the one of alter-1, in the API as well: an integer, 0 where "
                "none was given. What decides which fields an answer has?"
                if found and COLUMN not in found
                else "Who gives a todo its priority: the client, the model, or the migration?",
            )
