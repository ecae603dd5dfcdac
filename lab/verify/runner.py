"""Runs the checks of exercises on a workspace, a few at a time, and returns the verdicts."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.appserver import timeouts
from lab.appserver.database_provider import DatabaseProvider, FileDatabases
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.model import CheckResult, ExerciseResult, LabError, Progress, TookTooLong, Verdict
from lab.verify import checks
from lab.verify.checks import Check
from lab.verify.database_use import must_use
from lab.verify.preflight import Boot, boot
from lab.verify.result import result_of
from lab.verify.staged_server import StagedServers
from lab.verify.todos import Todos
from lab.workspace.temporary import must_have_room
from lab.workspace.workspace import Workspace

AT_ONCE = 4  # more checks would make the machine slow, and then the checks wrong
SHARED = 2  # servers that checks share, at the same time
CONTROL_HELP = (
    "The lab's own solution fails this check as well here: it is this machine or the lab, "
    "not your code."
)
# Runs checks of an exercise on the lab's own solution.
Control = Callable[[str, Sequence[Check]], Mapping[Check, CheckResult]]


def judge(
    workspace: Workspace,
    exercises: Sequence[str],
    launcher: Launcher,
    progress: Progress = lambda result: None,
    *,
    databases: DatabaseProvider | None = None,
    control: Control | None = None,
    first: Collection[str] = (),
) -> tuple[Boot, list[ExerciseResult]]:
    """Run the checks of these exercises: (how the app boots, a result for each exercise).

    A check that fails is run once more on the lab's own solution, by `control` where it is given;
    where that fails too, the verdict is an error. The checks named in `first` are begun before the
    others. Raises LabError where nothing can be judged, as where a check has failed on a full disk,
    and whatever `progress` raises: the rest is then not judged.
    """
    databases = databases or FileDatabases()
    control = control or partial(on_own_solution, launcher=launcher, databases=databases)
    wanted = {exercise: checks.of_exercise(exercise) for exercise in exercises}
    once = dict.fromkeys(check for some in wanted.values() for check in some)
    every = sorted(once, key=lambda check: check.name not in first)
    booted, found = run(every, StagedServers(workspace, launcher, databases), progress)
    if any(result.verdict is Verdict.FAILED for result in found.values()):
        # Not before: what an app has filled the disk with is gone again by now.
        must_have_room()
    return booted, [
        _exercise(id, {check: found[check] for check in some}, control)
        for id, some in wanted.items()
    ]


def run(
    every: Iterable[Check],
    servers: StagedServers,
    progress: Progress = lambda result: None,
) -> tuple[Boot, dict[Check, CheckResult]]:
    """Run each check, on a server of its own where it asks for one: (the boot, the results).

    What took too long is run once more where the machine has much to do, and may be the cause.
    All of them end before this does, also where that is by an error or by Ctrl+C.
    """
    pool = ThreadPoolExecutor(min((os.cpu_count() or 1) + 2, AT_ONCE), "lab-check")
    sharing = ThreadPoolExecutor(SHARED, "lab-shared-check")
    try:
        booting = sharing.submit(boot, servers)
        futures = {
            check: (sharing if check.shares else pool).submit(_once_booted, check, booting, servers)
            for check in every
        }
        booted = booting.result()
        for done in as_completed(futures.values()):
            if not done.result().late:
                progress(done.result())
        found = {check: future.result() for check, future in futures.items()}
        slow = [check for check, result in found.items() if result.late]
        once_more = timeouts.is_busy()
        if once_more and isinstance(booted.failure, TookTooLong):
            booted = boot(servers)
        for check in slow:  # with nothing of the lab's beside it
            if once_more:
                servers.wait_anew()
                found[check] = run_check(check, booted, servers)
                once_more = not found[check].late  # else it is the app
            progress(found[check])
        return booted, found
    finally:
        for each in (pool, sharing):
            each.shutdown(wait=False, cancel_futures=True)
        servers.abort()
        for each in (pool, sharing):
            each.shutdown()
        servers.close()


def _once_booted(check: Check, booting: Future[Boot], servers: StagedServers) -> CheckResult:
    """Run a check once it is known how the app boots, or before: most boot on an empty database."""
    if not booting.done():
        expected = Boot(
            servers.workspace.app,
            resource=servers.workspace.resource,
            learned=lambda: booting.result().resource,
        )
        result = run_check(check, expected, servers)
        if replace(booting.result(), app=expected.app) == expected:
            return result
    return run_check(check, booting.result(), servers)


def run_check(check: Check, booted: Boot, servers: StagedServers) -> CheckResult:
    """Run one check and return its result, whatever it raises.

    What does not pass on a server that others have used is run again on one of its own.
    """
    if booted.failure:
        return result_of(check, booted.failure, None)
    if check.shares and not booted.needs_own and (shared := _on_shared(check, booted, servers)):
        return shared
    needs_own = check.parameter == "own" or (check.parameter != "fresh" and booted.needs_own)
    try:
        with servers.server(own=needs_own) as server:
            server.collect = check.collects
            return _on(server, check, booted)
    except LabError as error:  # the database server is gone, say
        return result_of(check, error, None)


def _on_shared(check: Check, booted: Boot, servers: StagedServers) -> CheckResult | None:
    """Return the result on a server that checks share; None where it does not count."""
    with suppress(LabError), servers.running(collect=check.collects) as shared:
        result = _on(shared.server, check, booted)
        shared.usable = result.verdict is Verdict.PASSED
        if shared.usable or not shared.used:
            return result
    return None


def _on(server: Server, check: Check, booted: Boot) -> CheckResult:
    server.resource = booted.resource
    error: Exception | None = None
    beside: str | None = None
    try:
        if server.running:
            server.set_up()  # its database is as new, and knows no user
        elif check.shares:
            server.start()
        beside = check.function(Todos(server, booted.learned))
        must_use(server)
    except Exception as raised:  # noqa: BLE001
        error = raised  # whose fault it is, result_of() says
    return result_of(check, error, server, beside)


def overall(results: Iterable[CheckResult]) -> Verdict:
    """Return the verdict of an exercise: an error outweighs a failure, a failure a pass.

    What is not applicable counts where there was nothing else to judge.
    """
    verdicts = {result.verdict for result in results}
    for verdict in (Verdict.ERROR, Verdict.FAILED, Verdict.PASSED, Verdict.NOT_APPLICABLE):
        if verdict in verdicts:
            return verdict
    return Verdict.ERROR


def on_own_solution(
    exercise: str, failed: Sequence[Check], launcher: Launcher, databases: DatabaseProvider
) -> Mapping[Check, CheckResult]:
    """Run checks of an exercise on the lab's own solution."""
    # Here: it takes time, and where nothing fails nobody needs it.
    from lab.verify.reference import fill_own_database, solution

    with TemporaryDirectory(prefix="lab-control-") as temporary:
        reference = solution(exercise, Path(temporary) / "reference", launcher)
        fill = partial(fill_own_database, exercise, reference, launcher)
        with databases.with_own(fill) as its_own:
            return run(failed, StagedServers(reference, launcher, its_own))[1]


def _exercise(id: str, found: dict[Check, CheckResult], control: Control) -> ExerciseResult:
    """Return the result of an exercise; what the lab's own solution fails as well is an error.

    What is not applicable to the lab's own solution here says nothing about the learner's either.
    """
    failed = [check for check, result in found.items() if result.verdict is Verdict.FAILED]
    again = control(id, failed) if failed else {}
    for check in failed:
        same = again.get(check)
        if same and same.verdict is Verdict.NOT_APPLICABLE:  # on a database server, say
            found[check] = same
        elif same is None or same.verdict is not Verdict.PASSED:
            said = f" There: {same.actual}" if same and same.actual else ""
            found[check] = replace(found[check], verdict=Verdict.ERROR, help=CONTROL_HELP + said)
    return ExerciseResult(id, overall(found.values()), tuple(found.values()))
