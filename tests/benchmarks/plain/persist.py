"""The checks of persist, with the same requests as `checks/test_persist.py`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

from todo_api import Api, Todo, same

BURST = 60  # answers after which the server is killed


def survives_a_stop(api: Api) -> None:
    api.start()
    expected, deleted = _write_some(api)
    api.stop()
    api.start()
    _compare(api, expected, [deleted])


def survives_a_kill(api: Api) -> None:
    api.start()
    expected, deleted = _write_some(api)
    last = api.create("written just before the kill")
    _restart(api)
    _compare(api, [*expected, last], [deleted])
    changes = {"title": "changed just before the kill", "completed": True}
    api.update(last, **changes)
    _restart(api)
    _compare(api, [*expected, {**last, **changes}], [deleted])
    api.delete(last)
    _restart(api)
    _compare(api, expected, [deleted, last])


def survives_a_kill_in_a_burst(api: Api) -> None:
    api.start()
    before = [api.create(f"there before {number}") for number in range(10)]
    answered: list[str] = []
    enough = threading.Event()
    requests = _writes(before)
    lock = threading.Lock()

    def send() -> None:
        while True:
            with lock:
                method, path, body = next(requests)
            try:
                api.expect(method, path, body)
            except (OSError, HTTPException):
                return
            with lock:
                answered.append(body["title"])
                if len(answered) >= BURST:
                    enough.set()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    enough.wait(8)
    api.kill()
    for thread in threads:
        thread.join()
    api.start()
    listed = {todo["title"] for todo in api.all()}
    same([title for title in answered if title not in listed], [], "lost in the burst")


def _writes(before: list[Todo]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for number in range(5000):
        yield "POST", "/todos", {"title": f"burst {number}"}
        if number < len(before):
            body = {"title": f"changed in the burst {number}", "completed": True}
            yield "PUT", f"/todos/{before[number]['id']}", body


def _restart(api: Api) -> None:
    api.kill()
    api.start()


def _write_some(api: Api) -> tuple[list[Todo], Todo]:
    plain = api.create("made")
    changed = api.create("to be changed")
    deleted = api.create("to be deleted")
    done = api.create("to be completed")
    api.update(changed, title="changed")
    api.update(done, completed=True)
    api.delete(deleted)
    expected = [plain, {**changed, "title": "changed"}, {**done, "completed": True}]
    _compare(api, expected, [deleted])
    return expected, deleted


def _compare(api: Api, expected: list[Todo], deleted: list[Todo]) -> None:
    found = {todo["id"]: todo for todo in api.all()}
    for todo in expected:
        same(found.get(todo["id"]), todo, "afterwards")
    gone = [todo["id"] for todo in deleted]
    same([todo for todo in api.all() if todo["id"] in gone], [], "deleted before")
