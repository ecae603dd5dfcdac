"""Serves the learner's app in a process of its own: `python -P -B -m lab.child.start SPEC`.

Or runs a command in its place, where the spec names one.

The process is to the learner's code what `uvicorn module:app` in their folder would be: same
search path, same folder, same exit codes. What is added is the probe, a line to the lab, and limits
of memory and of a file's size; when the lab is gone, however it went, so is this process.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.child import by_hand, commands, disk_recorder, docs, gate, hold, orphans
from lab.child.channel import Channel
from lab.child.confine import confine
from lab.child.dbservers import watch_dbservers
from lab.child.documents import documents
from lab.child.files import watch_files
from lab.child.limits import limit_resources
from lab.child.loading import NoApp, load
from lab.child.probe import Application, Probe

STARTUP_FAILURE = 3  # uvicorn's exit code where the app's lifespan fails


def main() -> None:
    """Serve as the one JSON argument says."""
    orphans.keep()
    forget_the_lab()
    serve(json.loads(sys.argv[1]))


def serve(spec: dict[str, Any]) -> None:
    """Run the server until it is stopped, or a command to its end; ends in SystemExit."""
    folder = Path(spec["folder"])
    channel = Channel()
    connection = join(spec, channel)
    probe = Probe(channel, folder)
    if spec.get("record_disk"):
        disk_recorder.record(Path(spec["record_disk"]))  # into a file that no app is to reach
    if spec.get("confined"):
        confine(folder)  # here: it holds for this thread, and for those that it starts
    end_with_the_lab(connection, probe)
    orphans.adopt()
    if command := spec.get("command"):
        limit_resources()
        sys.exit(commands.run(folder, command, probe))
    import uvicorn  # noqa: F401  # its command, too, is imported before the folder is on the path

    by_hand.enter(folder, ["uvicorn", spec["app"] or "main:app"], spec.get("cwd", ""))
    listening = listen(spec.get("port", 0))
    report_listening(listening, channel)
    if spec.get("holds_start"):
        probe.hold.hold_start()
    if spec.get("is_watched"):
        probe.be_watched()
    with reported(probe):
        name, app = import_app(spec, probe)
    run(name, app, listening, probe, spec)


def import_app(spec: dict[str, Any], probe: Probe) -> tuple[str, Application]:
    """Import the app, watched: (its name, the app). Raises as load() does."""
    watch_files(probe)
    limit_resources()
    _lower_pool_timeout(spec.get("pool_timeout"))
    probe.watch_sqlalchemy()
    watch_dbservers(probe)
    return load(Path(spec["folder"]), spec["app"])


@contextlib.contextmanager
def reported(probe: Probe) -> Iterator[None]:
    """Report what importing the app raises, and end this process with it."""
    try:
        yield
    except NoApp as error:
        probe.channel.send("no_app", message=str(error))
        sys.exit(1)
    except BaseException as error:  # noqa: BLE001
        # Whatever the learner's modules raise while they are imported, SystemExit included.
        traceback.print_exception(error)
        probe.channel.send("crash", during="import", crash=probe.frames.crash(error))
        sys.exit(1)


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


def report_listening(listening: socket.socket, channel: Channel) -> None:
    """Tell the lab where this process listens."""
    channel.send("listening", port=listening.getsockname()[1], pid=os.getpid())


def join(spec: dict[str, Any], channel: Channel) -> socket.socket:
    """Connect to the lab."""
    connection = socket.create_connection(tuple(spec["channel"]), timeout=10)
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    channel.connect(connection)
    channel.send("hello", token=spec["token"])
    return connection


def end_with_the_lab(connection: socket.socket, probe: Probe) -> None:
    """End this process group as soon as the lab's end of the connection closes."""
    pid = os.getpid()

    def watch() -> None:
        with contextlib.suppress(OSError):
            while order := connection.recv(1):
                if order == b"!":
                    probe.end_with_success()
                elif moment := hold.ORDERS.get(order):
                    probe.hold.arm(*moment)
                elif order == hold.RELEASE:
                    probe.hold.release()
                elif order == gate.GATHER:
                    number = connection.recv(gate.NUMBER_BYTES, socket.MSG_WAITALL)
                    probe.gate.expect(int.from_bytes(number, "big"))
                    probe.channel.send("gathering")
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


def run(
    name: str, app: Application, listening: socket.socket, probe: Probe, spec: dict[str, Any]
) -> None:
    """Serve the app until the process is stopped."""
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
