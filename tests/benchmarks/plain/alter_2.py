"""The checks of alter-2, with the same requests as `checks/test_alter_2_filter.py`."""

from __future__ import annotations

from todo_api import Api, Todo, same


def lists_all(api: Api) -> None:
    api.start()
    done, pending = _mixed(api)
    same(_ids(api.all()), sorted(_ids([*done, *pending])), "without ?completed")


def filters_by_true(api: Api) -> None:
    api.start()
    done, _ = _mixed(api)
    _only(api, "true", done)


def filters_by_false(api: Api) -> None:
    api.start()
    _, pending = _mixed(api)
    _only(api, "false", pending)


def follows_changes(api: Api) -> None:
    api.start()
    done, pending = _mixed(api)
    _only(api, "true", done)
    _only(api, "false", pending)
    api.update(pending[0], completed=True)
    api.update(done[0], completed=False)
    _only(api, "true", [pending[0], *done[1:]])
    _only(api, "false", [done[0], *pending[1:]])
    api.delete(pending[0])
    api.delete(pending[1])
    _only(api, "true", done[1:])
    _only(api, "false", [done[0], *pending[2:]])


def lists_nothing(api: Api) -> None:
    api.start()
    made = api.create("pending")
    _only(api, "true", [])
    api.update(made, completed=True)
    _only(api, "false", [])


def keeps_the_shape(api: Api) -> None:
    api.start()
    _mixed(api)
    by_id = {todo["id"]: todo for todo in api.all()}
    for value in ("true", "false"):
        for todo in api.all(f"?completed={value}"):
            same(todo, by_id[todo["id"]], f"in the list of ?completed={value}")


def looks_at_every_todo(api: Api) -> None:
    api.start()
    for number in range(24):
        api.create(f"pending {number}")
    last = api.create("the one that is done")
    api.update(last, completed=True)
    same(_ids(api.all("?completed=true")), [last["id"]], "for ?completed=true")
    _only(api, "true", [last])


def _mixed(api: Api) -> tuple[list[Todo], list[Todo]]:
    made = [api.create(f"todo {number}") for number in range(5)]
    done = [made[1], made[4]]
    for todo in done:
        api.update(todo, completed=True)
    return done, [todo for todo in made if todo not in done]


def _only(api: Api, value: str, wanted: list[Todo]) -> None:
    listed = api.all(f"?completed={value}")
    same(_ids(listed), sorted(_ids(wanted)), f"for ?completed={value}")
    same([str(todo["completed"]).lower() for todo in listed], [value] * len(listed), "as completed")


def _ids(todos: list[Todo]) -> list[int]:
    return [todo["id"] for todo in todos]
