"""A process that imports the app and does not serve it: its workers are forks of it.

That is what `gunicorn --preload` makes of an app. Orders and reports are those of lab.child.forker.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from lab.child import by_hand, forker, orphans, start
from lab.child.channel import Channel
from lab.child.probe import Application, Probe

IMPORT_SECONDS = 15  # for which nobody can see that the lab has gone


def main() -> None:
    """Run as `python -P -B -m lab.child.master SPEC`."""
    spec = json.loads(sys.argv[1])
    orders, reports = forker.orders_and_reports()
    orphans.adopt()
    start.forget_the_lab()
    import uvicorn  # noqa: F401  # before the folder is on the path

    folder = Path(spec["folder"])
    channel = Channel()
    probe = Probe(channel, folder)
    by_hand.enter(folder, ["gunicorn", "--preload", spec["app"] or "main:app"], spec["cwd"])
    signal.alarm(IMPORT_SECONDS)
    imported = _imported(spec, probe)
    signal.alarm(0)
    parent = forker.Forker(orders, reports)
    parent.report(preloaded=["uvicorn"])
    order = parent.run()
    if order is None:
        os._exit(0)
    parent.become_server()
    _serve(order["start"], imported, channel, probe)


def _imported(spec: dict[str, Any], probe: Probe) -> tuple[str, Application] | BaseException:
    """Import the app: its name and itself, or what that has raised, for each worker to tell."""
    try:
        return start.import_app(spec, probe)
    except BaseException as error:  # noqa: BLE001
        return error


def _serve(
    spec: dict[str, Any],
    imported: tuple[str, Application] | BaseException,
    channel: Channel,
    probe: Probe,
) -> None:
    """In a fork: serve the app that is imported."""
    forker.detach(spec["log"])
    start.end_with_the_lab(start.join(spec, channel), probe)
    orphans.adopt()
    listening = start.listen(spec["port"])
    start.report_listening(listening, channel)
    with start.reported(probe):
        if isinstance(imported, BaseException):
            raise imported
    start.run(*imported, listening, probe, spec)


if __name__ == "__main__":
    main()
