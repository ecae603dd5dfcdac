"""What is measured. Each function returns the rows that it adds to the table."""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from check50_here import check50
from timing import Failed, Row, Spent, lab, median, paired, run

from lab.appserver.launchers import ForkLauncher
from lab.appserver.server import Server
from lab.workspace.workspace import Workspace

HERE = Path(__file__).parent
PLAIN = HERE / "plain"
POLL = 0.002  # seconds between two tries to reach a server that was started by hand
SUBSETS = (
    ("alter-1",),
    ("alter-1", "alter-2", "alter-3"),
    ("alter-1", "alter-2", "alter-3", "persist", "fix-3"),
    ("alter-1", "alter-2", "alter-3", "persist", "fix-1", "fix-2", "fix-3"),
)


def whole(solved: Path, pairs: int) -> list[Row]:
    """(a) `lab verify`, whole, against the same with each server started as by hand."""
    return [
        paired(
            "`lab verify`, the whole track",
            "the same with `LAB_LAUNCHER=subprocess`",
            lambda: run(lab("verify"), solved, {"LAB_LAUNCHER": "fork"}),
            lambda: run(lab("verify"), solved, {"LAB_LAUNCHER": "subprocess"}),
            pairs,
        )
    ]


def restart(solved: Path, pairs: int) -> list[Row]:
    """(b) From SIGKILL to the first response of the next process."""
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name) / "ours" / "app", Path(name) / "theirs"
        workspace = Workspace.open(solved)
        workspace.stage(ours)
        workspace.stage(theirs)
        launcher = ForkLauncher()
        try:
            with Server(ours, launcher, "todos_app.main:app") as server, _by_hand(theirs) as again:
                server.start()

                def ours_again() -> Spent:
                    began = time.perf_counter()
                    server.restart(kill=True)
                    server.get("/todos")
                    return Spent(time.perf_counter() - began, 0.0)

                return [
                    paired(
                        "one restart, kill to first response",
                        "`python -m uvicorn`, started by hand",
                        ours_again,
                        again,
                        pairs * 2,
                    )
                ]
        finally:
            launcher.close()


@contextmanager
def _by_hand(folder: Path) -> Iterator[Callable[[], Spent]]:
    """What kills the server of a folder, starts another, and polls for its first response."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "todos_app.main:app", f"--port={port}"]
    running: list[subprocess.Popen[bytes]] = []

    def again() -> Spent:
        began = time.perf_counter()
        _end(running)
        quiet = subprocess.DEVNULL
        running.append(subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet))
        while not _answers(port):
            if running[0].poll() is not None:
                raise Failed(f"{' '.join(command)} has ended")
            time.sleep(POLL)
        return Spent(time.perf_counter() - began, 0.0)

    try:
        yield again
    finally:
        _end(running)


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    while running:
        process = running.pop()
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", "/todos")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def others(solved: Path, pairs: int) -> list[Row]:
    """(c) An exercise, against the same checks for check50 and for plain pytest."""
    environment = {
        "BENCHMARK_PYTHON": sys.executable,
        "BENCHMARK_FOLDER": str(solved),
        "PYTHONPATH": str(PLAIN),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    pytest = [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider", f"-c{os.devnull}"]
    pytest += [f"--rootdir={PLAIN}", f"--confcutdir={PLAIN}"]
    by_check50 = [str(check50()), "--dev", "--log-level", "error", "--output", "json", "--"]
    rows = []
    for id in ("alter-2", "persist"):
        name = id.replace("-", "_")
        with tempfile.TemporaryDirectory() as folder:
            Workspace.open(solved).stage(Path(folder), databases=False)

            def ours(id: str = id) -> Spent:
                return run(lab("verify", id), solved)

            def with_check50(name: str = name, folder: Path = Path(folder)) -> Spent:
                return run([*by_check50, str(HERE / f"check50_{name}")], folder, environment)

            def with_pytest(name: str = name, folder: Path = Path(folder)) -> Spent:
                return run([*pytest, str(PLAIN / f"pytest_{name}.py")], folder, environment)

            what = f"`lab verify {id}`"
            rows.append(paired(what, "the same checks with check50", ours, with_check50, pairs))
            beside = "the same with pytest and a cold server each"
            rows.append(paired(what, beside, ours, with_pytest, pairs))
    return rows


def light(solved: Path, pairs: int) -> list[Row]:
    """(d) Commands that start no server, against a bare interpreter."""
    rows = []
    for command in ("--help", "list"):
        row = paired(
            f"`lab {command}`",
            "`python -c pass`",
            partial(run, lab(command), solved),
            lambda: run([sys.executable, "-c", "pass"], solved),
            pairs * 2,
        )
        assert row.theirs
        more = (row.ours.wall - row.theirs.wall) * 1000
        rows.append(
            Row(row.what, row.beside, row.ours, row.theirs, row.pairs, note=f"{more:.0f} ms more")
        )
    return rows


def watch(solved: Path, pairs: int) -> list[Row]:
    """(e) From a save to the verdict of `lab watch alter-2`."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "watched"
        Workspace.open(solved).stage(copy)
        command = lab("watch", "alter-2", "-w", str(copy), "--app", "todos_app.main:app")
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert process.stdout
        main = copy / "todos_app" / "main.py"
        source = main.read_text("utf-8")
        saves = []
        try:
            _verdict(process.stdout)
            for number in range(pairs + 1):
                time.sleep(0.3)  # nobody saves in the instant of a verdict
                began = time.perf_counter()
                main.write_text(f"{source}# save {number}\n", "utf-8")
                _verdict(process.stdout)
                saves.append(Spent(time.perf_counter() - began, 0.0))
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
    counted = saves[1:]
    return [Row("`lab watch alter-2`, save to verdict", "", median(counted), None, len(counted))]


def _verdict(output: Iterator[bytes]) -> None:
    """Read up to the end of a verdict. Raises Failed where it has not passed."""
    passed = False
    for line in output:
        passed = passed or bool(re.match(rb"alter-2\s+passed", line))
        if line.startswith(b"Judged at"):
            if not passed:
                raise Failed("the solved alter-2 has not passed in `lab watch`")
            return
    raise Failed("`lab watch` has ended")


def growth(solved: Path, pairs: int) -> list[Row]:
    """(f) How the whole grows with the number of exercises, and of checks in them."""
    rounds: dict[tuple[str, ...], list[Spent]] = {ids: [] for ids in SUBSETS}
    for _ in range(pairs):
        for ids, spent in rounds.items():
            spent.append(run(lab("verify", *ids), solved))
    rows, points = [], []
    for ids, spent in rounds.items():
        checks = _checks(ids, solved)
        middle = median(spent)
        points.append((float(checks), middle.wall))
        count = f"{len(ids)} exercise{'s' * (len(ids) > 1)}"
        note = f"{checks} checks, {middle.wall / checks * 1000:.0f} ms each"
        rows.append(Row(f"`lab verify` of {count}", "", middle, None, len(spent), note=note))
    counts, walls = [point[0] for point in points], [point[1] for point in points]
    slope, fixed = statistics.linear_regression(counts, walls)
    fit = statistics.correlation(counts, walls) ** 2
    line = f"{fixed:.2f} s + {slope * 1000:.0f} ms a check, R² = {fit:.2f}"
    last = rows[-1]
    note = f"{last.note}; a line through all: {line}"
    return [*rows[:-1], Row(last.what, "", last.ours, None, last.pairs, note=note)]


def _checks(ids: tuple[str, ...], solved: Path) -> int:
    done = subprocess.run(
        lab("verify", "--json", *ids), cwd=solved, capture_output=True, check=True, text=True
    )
    return sum(len(exercise["checks"]) for exercise in json.loads(done.stdout)["exercises"])
