"""What every check gets: a fresh copy of the workspace as a server, and a verdict in words.

`pytest checks --workspace DIR [--app MODULE:ATTR]` works as well as `lab verify`, which brings
its own launcher in a plugin named "lab-judge".
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher, choose
from lab.appserver.server import Server
from lab.appserver.timeouts import Patience
from lab.dbserver.lending import Lender
from lab.dbserver.url import parse
from lab.verify.lent_database import must_use
from lab.verify.parallel import Ahead
from lab.verify.preflight import Boot, boot
from lab.verify.result import result_of
from lab.verify.staged_server import standing
from lab.verify.todos import Todos
from lab.workspace.workspace import Workspace, find

SERVER = pytest.StashKey[Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lab")
    group.addoption("--workspace", type=Path, help="the folder to judge")
    group.addoption("--database-url", help="a database server: each check gets a database there")
    group.addoption("--app", help="the app in it, as MODULE:ATTR; found where it is not given")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if call.when == "call" or call.excinfo:
        done = ahead(item).done(item) if call.when == "call" and ahead(item) else None
        error = call.excinfo.value if call.excinfo else None
        result = done.result if done else result_of(item, error, item.stash.get(SERVER, None))
        report.check_result = result
        if done:
            report.duration = done.seconds
        if result.expected:
            report.longrepr = (
                f"expected: {result.expected}\ngot:      {result.actual}\n{result.help}"
            )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    result = yield
    server = pyfuncitem.stash.get(SERVER, None)
    if server:
        must_use(server)
    return result


def ahead(node: pytest.Item | pytest.Session) -> Ahead | None:
    """What runs checks ahead in `lab verify`; None where pytest alone runs them."""
    return node.config.pluginmanager.get_plugin("lab-ahead")


@pytest.fixture(scope="session")
def launcher(pytestconfig: pytest.Config) -> Iterator[Launcher]:
    judge = pytestconfig.pluginmanager.get_plugin("lab-judge")
    if judge:
        yield judge.launcher
        return
    launcher = choose()
    yield launcher
    launcher.close()


@pytest.fixture(scope="session")
def lender(pytestconfig: pytest.Config) -> Iterator[Lender | None]:
    judge = pytestconfig.pluginmanager.get_plugin("lab-judge")
    url = pytestconfig.getoption("--database-url")
    if judge or not url:
        yield judge.lender if judge else None
        return
    with Lender(parse(url)) as lender:
        yield lender


@pytest.fixture(scope="session")
def workspace(pytestconfig: pytest.Config) -> Workspace:
    folder = pytestconfig.getoption("--workspace")
    if folder is None:
        raise pytest.UsageError("name the folder to judge: pytest checks --workspace DIR")
    app = pytestconfig.getoption("--app")
    if app is None and (folder / ".lab").is_dir():
        return find(folder, folder)
    return Workspace.read_only(folder, app)


@pytest.fixture(scope="session")
def booted(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    launcher: Launcher,
    lender: Lender | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Boot:
    found = ahead(request.session)
    if found and found.booted:
        return found.booted
    return boot(workspace, launcher, tmp_path_factory.mktemp("boot"), lender)


@pytest.fixture(scope="session")
def patience(request: pytest.FixtureRequest) -> Patience:
    found = ahead(request.session)
    return found.patience if found else Patience()


@pytest.fixture
def todos(serve: Callable[[bool], Todos], booted: Boot) -> Todos:
    """The app on a fresh database: for what the code must do, whatever data there is."""
    return serve(booted.needs_own)


@pytest.fixture
def fresh(serve: Callable[[bool], Todos]) -> Todos:
    """The app without any database, whatever it needs: for what makes the tables."""
    return serve(False)


@pytest.fixture
def own(serve: Callable[[bool], Todos]) -> Todos:
    """The app on a copy of the workspace's own database."""
    return serve(True)


@pytest.fixture
def serve(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    launcher: Launcher,
    booted: Boot,
    lender: Lender | None,
    patience: Patience,
    tmp_path: Path,
) -> Iterator[Callable[[bool], Todos | None]]:
    """A server on a new copy of the workspace, with its databases or without; not started."""
    with ExitStack() as stack:

        def serve(databases: bool) -> Todos | None:
            found = ahead(request.node)
            if found and found.done(request.node):
                return None  # the check has run, on a server of its own
            if booted.failure:
                raise booted.failure
            made = standing(
                workspace,
                launcher,
                tmp_path / "app",
                databases=databases,
                lender=lender,
                patience=patience,
            )
            todos = stack.enter_context(made)
            request.node.stash[SERVER] = todos.server
            return todos

        yield serve
