"""An app that is deployed: its code, as it was handed in, comes with each image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lab.appserver.deployment import VOLUME, deploy
from lab.verify.todos import Todos
from lab.workspace.store import copy_tree
from lab.workspace.temporary import scratch


@contextmanager
def deployed(
    todos: Todos, volume: str = VOLUME, *, with_databases: bool = False
) -> Iterator[Callable[[], None]]:
    """Deploy the app, not started yet, with an empty volume; give what deploys it again.

    That kills a server that runs, and starts the next one. What the app writes is in no image, but
    the databases that it has by now are in each, where it is `with_databases`.
    """
    server = todos.server
    with scratch("lab-image-") as temporary:
        image = temporary / "image"
        copy_tree(server.folder, image, with_databases=with_databases)

        def again() -> None:
            server.kill()
            deploy(server, image, volume)
            server.start()

        again()
        yield again
