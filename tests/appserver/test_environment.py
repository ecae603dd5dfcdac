"""What an app gets of the environment that the lab was called in, and hears of the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import ForkLauncher, Launcher, SubprocessLauncher
from lab.appserver.server import Server
from lab.model import AppFailed

App = Callable[[str], Path]

HELLO = "import os\nfrom fastapi import FastAPI\napp = FastAPI()\n"
SEES = (
    HELLO
    + """
@app.get("/seen")
def seen():
    texts = [str(dict(os.environ))]
    if os.path.exists("/proc/self/environ"):
        texts.append(open("/proc/self/environ").read())
    return texts
"""
)


@pytest.mark.parametrize("kind", [ForkLauncher, SubprocessLauncher])
def test_an_app_sees_no_secret_of_who_called_the_lab(
    app: App, monkeypatch: pytest.MonkeyPatch, kind: Callable[[], Launcher]
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "GRADES", "PYTEST_ADDOPTS"):
        monkeypatch.setenv(name, "s3cr3t")
    monkeypatch.setenv("LC_TIME", "C.UTF-8")
    launcher = kind()  # now: the process that servers are forked from has an environment, too
    try:
        with Server(app(SEES), launcher) as server:
            server.start()
            texts = server.get("/seen").json
    finally:
        launcher.close()
    assert texts
    assert not [text for text in texts if "s3cr3t" in text]
    assert all("LC_TIME" in text and "PATH" in text for text in texts[:1])


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("DATABASE_URL", 'os.environ["DATABASE_URL"]', "has kept your DATABASE_URL from the app"),
        ("SECRET_KEY", 'len(os.getenv("SECRET_KEY"))', "SECRET_KEY is set where you called"),
        ("SECRET_KEY", 'os.environ["SECRET_KEY"]', "SECRET_KEY is set where you called the lab"),
        (
            "SECRET_KEY",
            'os.environ["OTHER_KEY"]',
            "Give it a default; or, where your app reads a .env",
        ),
    ],
)
def test_a_variable_that_is_kept_from_the_app_is_named_where_it_is_missed(
    app: App, launcher: Launcher, monkeypatch: pytest.MonkeyPatch, name: str, code: str, says: str
) -> None:
    monkeypatch.setenv(name, "postgresql://teacher@school/grades")
    with (
        Server(app(HELLO + code + "\n"), launcher) as server,
        pytest.raises(AppFailed) as failed,
    ):
        server.start()
    assert says in failed.value.remedy


def test_a_required_setting_of_pydantic_that_is_kept_from_the_app_is_named(
    app: App, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cr3t")
    settings = (
        "from pydantic import BaseModel\n"
        "class Settings(BaseModel):\n"
        "    secret_key: str\n"
        "settings = Settings(**{k.lower(): v for k, v in os.environ.items()})\n"
    )
    with Server(app(HELLO + settings), launcher) as server, pytest.raises(AppFailed) as failed:
        server.start()
    assert "SECRET_KEY is set where you called the lab" in failed.value.remedy
