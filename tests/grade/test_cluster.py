"""A class judged by a real Dask cluster, one of whose workers is killed in the middle."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from lab.grade.outcome import Status
from lab.grade.results import read
from lab.grade.submissions import RESULTS
from tests.grade.test_walls import handed_in
from tests.support.commands import LAB, Shell

pytestmark = pytest.mark.long
FORGETS = "import os\nif os.path.exists('todos.db'):\n    os.remove('todos.db')"
SIZE = 8


def test_a_worker_that_is_killed_costs_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    shell, handed = Shell(tmp_path), tmp_path / "class"
    handed.mkdir()
    for number in range(SIZE):
        handed_in(handed / f"{number}", FORGETS if number % 2 else "")
    words = ["grade", "class", "--exercises", "persist", "-o"]
    assert shell.lab(*words, "here").code == 0
    monkeypatch.setenv("TMPDIR", shell.environment()["TMPDIR"])
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        results = tmp_path / "out" / RESULTS
        running = subprocess.Popen(
            [*LAB, *words, "out", "--dask", cluster.scheduler_address],
            cwd=tmp_path,
            env=shell.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while running.poll() is None and not (
            results.exists() and results.read_bytes().count(b"\n") > 2
        ):
            time.sleep(0.05)
        psutil.Process(cluster.workers[0].pid).send_signal(signal.SIGKILL)
        assert running.wait(240) == 0
    _, outcomes = read(results)
    assert [outcome.status for outcome in outcomes] == [Status.JUDGED] * SIZE
    books = [(tmp_path / name / "gradebook.csv").read_bytes() for name in ("here", "out")]
    assert books[0] == books[1]
    assert not [p for p in shell.processes() if "lab.grade.judge" in " ".join(p.cmdline())]
