"""Serves the learner's app in a process of its own: `python -P -B -m lab.child.start SPEC`.

The process is to the learner's code what `uvicorn module:app` in their folder would be: same
search path, same folder, same exit codes. What is added is the probe and a line to the lab; when
the lab is gone, however it went, so is this process.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from lab.child import disk, docs, hold, orphans
from lab.child.channel import Channel
from lab.child.confine import confine
from lab.child.dbservers import watch_dbservers
from lab.child.documents import documents
from lab.child.files import watch_files
from lab.child.probe import Application, Probe

# Where FastAPI's own command looks, in its order.
SRC = "src"  # a folder of packages, and none itself
MODULE_NAMES = ("main", "app", "api")
FILE_BYTES = 200_000_000  # more than a learner's database has, less than a disk lacks
MEMORY_BYTES = 4_000_000_000  # of addresses, of which an app uses a small part
STARTUP_FAILURE = 3  # uvicorn's exit code where the app's lifespan fails


class NoApp(Exception):
    """No FastAPI app in the folder, or not under the name that was given."""


def main() -> None:
    """Serve as the one JSON argument says."""
    orphans.keep()
    forget_the_lab()
    serve(json.loads(sys.argv[1]))


def serve(spec: dict[str, Any]) -> None:
    """Run the server until it is stopped; ends in SystemExit, as uvicorn's command does."""
    folder = Path(spec["folder"])
    channel, connection = join(spec)
    probe = Probe(channel, folder)
    if spec.get("confined"):
        confine(folder)  # here: it holds for this thread, and for those that it starts
    end_with_the_lab(connection, probe)
    orphans.adopt()
    _as_by_hand(folder, spec["app"], spec.get("cwd", ""))
    listening = listen(spec.get("port", 0))
    channel.send("listening", port=listening.getsockname()[1], pid=os.getpid())
    if spec.get("record_disk"):
        disk.record(Path(spec["record_disk"]))
    watch_files(probe)
    if spec.get("is_watched"):
        probe.be_watched()
    _bound()
    try:
        _lower_pool_timeout(spec.get("pool_timeout"))
        probe.watch_sqlalchemy()
        watch_dbservers(probe)
        name, app = load(folder, spec["app"])
    except NoApp as error:
        channel.send("no_app", message=str(error))
        sys.exit(1)
    except BaseException as error:  # noqa: BLE001
        # Whatever the learner's modules raise while they are imported, SystemExit included.
        traceback.print_exc()
        channel.send("crash", during="import", crash=probe.frames.crash(error))
        sys.exit(1)
    _run(name, app, listening, probe, spec)


def listen(port: int) -> socket.socket:
    """Listen on the loopback address as uvicorn's own command does.

    asyncio sends at once (TCP_NODELAY) on sockets that say they are TCP alone: on others, an
    answer in two parts waits some 40 ms on a connection that is kept.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # a port that was in use a moment ago is free again
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(2048)
    return listening


def _bound() -> None:
    """Let no file and no memory grow without end: the app gets an OSError, or a MemoryError."""
    if sys.platform == "win32":
        return
    import resource

    for limit, most in ((resource.RLIMIT_FSIZE, FILE_BYTES), (resource.RLIMIT_AS, MEMORY_BYTES)):
        hard = resource.getrlimit(limit)[1]
        if hard == resource.RLIM_INFINITY or hard > most:
            with contextlib.suppress(ValueError):  # macOS refuses some
                resource.setrlimit(limit, (most, hard))


def join(spec: dict[str, Any]) -> tuple[Channel, socket.socket]:
    """Connect to the lab."""
    connection = socket.create_connection(tuple(spec["channel"]), timeout=10)
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    channel = Channel(connection)
    channel.send("hello", token=spec["token"])
    return channel, connection


def end_with_the_lab(connection: socket.socket, probe: Probe) -> None:
    """End this process group as soon as the lab's end of the connection closes."""
    pid = os.getpid()

    def watch() -> None:
        with contextlib.suppress(OSError):
            while order := connection.recv(1):
                if order == b"!":
                    probe.end_with_success()
                elif moment := hold.ORDERS.get(order):
                    probe.hold.arm(moment)
                elif order == hold.RELEASE:
                    probe.hold.release()
                else:  # where is the learner's code right now?
                    probe.channel.send("where", frame=probe.frames.busy())
        if hasattr(os, "killpg") and os.getpgrp() == pid:
            os.killpg(pid, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, name="lab-lifeline", daemon=True).start()


def forget_the_lab() -> None:
    """Leave the name to the learner: a module of theirs named "lab" must be theirs to import.

    What is imported of the lab goes on; more of it can be imported no longer.
    """
    for name in [n for n in sys.modules if n == "lab" or n.startswith("lab.")]:
        del sys.modules[name]


def _as_by_hand(folder: Path, app: str | None, cwd: str) -> None:
    """Make the process look as if the learner had typed `uvicorn` in their folder.

    With `cwd`, as if they had done so in a folder below it, with `--app-dir`.
    """
    import uvicorn  # noqa: F401  # its command, too, is imported before the folder is on the path

    os.chdir(folder / cwd)
    sys.path.insert(0, str(folder))
    sys.argv = ["uvicorn", app or "main:app"]
    sys.dont_write_bytecode = True
    sys.modules["__main__"] = ModuleType("__main__")


def load(folder: Path, app: str | None) -> tuple[str, Application]:
    """Import the learner's app: (its name as "module:attr", the app).

    Raises NoApp where there is none, and whatever the learner's code raises.
    """
    if app:
        module_name, _, attribute = app.partition(":")
        _reach(folder, module_name)
        return _named(module_name, attribute)
    files = _candidates(folder)
    for file in files:
        src = folder / SRC
        is_package = (src / "__init__.py").is_file()
        root = src if file.is_relative_to(src) and not is_package else folder
        if root != folder:
            sys.path.insert(0, str(root))
        module_name = ".".join(file.relative_to(root).with_suffix("").parts)
        if file.parent != root and not (file.parent / "__init__.py").is_file():
            # Not a package: FastAPI's command then imports the file from its own folder.
            sys.path.insert(0, str(file.parent))
            module_name = file.stem
        found = _in_module(importlib.import_module(module_name))
        if found:
            return f"{module_name}:{found[0]}", found[1]
    looked = ", ".join(file.relative_to(folder).as_posix() for file in files)
    raise NoApp(
        f"no FastAPI app in {looked}" if looked else "no main.py, app.py or api.py in the folder"
    )


def _reach(folder: Path, module_name: str) -> None:
    """Put the folder inside the learner's that holds the module on the search path.

    Nothing where the learner's own folder holds it, as where uvicorn needs no `--app-dir`.
    """
    first = module_name.partition(".")[0]
    for place in [folder, *_inner(folder)]:
        if (place / f"{first}.py").is_file() or (place / first).is_dir():
            if place != folder:
                sys.path.insert(0, str(place))
            return


def _named(module_name: str, attribute: str) -> tuple[str, Application]:
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing == module_name or module_name.startswith(missing + "."):
            raise NoApp(f"there is no module {module_name}") from error
        raise
    if not attribute:
        found = _in_module(module)
        if not found:
            raise NoApp(f"no FastAPI app in {module_name}")
        return f"{module_name}:{found[0]}", found[1]
    target: Any = module
    for part in attribute.split("."):
        if not hasattr(target, part):
            raise NoApp(f"there is no {attribute} in {module_name}")
        target = getattr(target, part)
    if inspect.isfunction(target) and not inspect.signature(target).parameters:
        target = target()  # an application factory, as uvicorn understands it
    return f"{module_name}:{attribute}", target


def _candidates(folder: Path) -> list[Path]:
    inner = _inner(folder)
    if folder / SRC in inner:
        inner += _inner(folder / SRC)
    places = [place / f"{name}.py" for place in [folder, *inner] for name in MODULE_NAMES]
    alone = list(folder.glob("*.py"))
    return [file for file in places if file.is_file()] or (alone if len(alone) == 1 else [])


def _inner(folder: Path) -> list[Path]:
    inner = sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() and path.name.isidentifier() and path.name not in {"tests", "venv"}
    )
    inner.sort(key=lambda path: path.name != "app")  # FastAPI's command knows this one alone
    return inner


def _in_module(module: Any) -> tuple[str, Application] | None:
    from fastapi import FastAPI

    names = ["app", "api", *vars(module)]
    for name in names:
        value = getattr(module, name, None)
        if isinstance(value, FastAPI):
            return name, value
    return None


def _lower_pool_timeout(seconds: float | None) -> None:
    """Let a request that finds the pool empty give up sooner than after SQLAlchemy's 30 s.

    Only the default changes: an app that names its own pool_timeout keeps it.
    """
    if seconds is None:
        return
    from sqlalchemy.pool import QueuePool

    make = QueuePool.__init__
    names = inspect.getfullargspec(make).args
    defaults = list(make.__defaults__ or ())
    defaults[names.index("timeout") - len(names)] = seconds
    make.__defaults__ = tuple(defaults)


def _run(
    name: str, app: Application, listening: socket.socket, probe: Probe, spec: dict[str, Any]
) -> None:
    import gc
    import logging

    import uvicorn

    files = spec.get("docs_files")
    watched = docs.serve_files(probe.wrap(app), Path(files)) if files else probe.wrap(app)
    config = uvicorn.Config(watched, lifespan="auto", timeout_graceful_shutdown=3)
    probe.watch_log(logging.getLogger("uvicorn"))
    if not spec.get("logs_itself", True):
        _keep_out_of_the_log(Path(uvicorn.__file__).parent)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                probe.send_models()
                page = getattr(app, "docs_url", None)
                probe.channel.send("serving", app=name, documents=documents(app), docs=page)

    if not spec.get("collect", True):
        # Unclosed sessions sit in reference cycles: without the collector a leak is exact.
        gc.disable()
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn's own command ends with 0 here
        server.run(sockets=[listening])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def _keep_out_of_the_log(package: Path) -> None:
    """Log nothing that uvicorn's own code says; apps may use its loggers as theirs."""
    import logging

    own = f"{package}{os.sep}"
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(lambda record: not record.pathname.startswith(own))


if __name__ == "__main__":
    main()
