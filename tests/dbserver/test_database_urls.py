"""Bad database URLs, for which no server is needed."""

from __future__ import annotations

import json
import sys

import pytest

from lab.dbserver.url import parse
from lab.model import LabError
from lab.workspace.workspace import Workspace
from tests.support.dbservers import PASSWORD, lab

BAD = {
    "no URL": ("todos", 2, "cannot be read"),
    "a port of letters": ("postgresql://u:s3cr3t-w0rd@localhost:abc/x", 2, "cannot be read"),
    "an unknown kind": ("oracle://u:s3cr3t-w0rd@localhost/x", 2, "no database server"),
    "an old name": ("postgres://u:s3cr3t-w0rd@localhost/x", 2, "postgresql+psycopg://"),
    "a file": ("sqlite:///./todos.db", 2, "Leave --database-url out"),
    "an unknown driver": ("postgresql+none://u:s3cr3t-w0rd@localhost/x", 2, "no driver"),
    "a driver that is missing": ("mysql+oursql://u:s3cr3t-w0rd@localhost/x", 2, "driver"),
    "an @ in the password": ("mysql://u:s3cr3t-w0rd@x@localhost/x", 2, "%40"),
    "nobody there": ("postgresql://u:s3cr3t-w0rd@127.0.0.1:1/x", 3, "answers at 127.0.0.1:1"),
    "nobody there either": ("mysql://u:s3cr3t-w0rd@127.0.0.1:1/x", 3, "answers at 127.0.0.1:1"),
}


@pytest.mark.long
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_url_is_one_sentence_and_a_remedy(made: Workspace, bad: str) -> None:
    url, code, says = BAD[bad]
    for command in (("verify", "persist"), ("run", "break-14")):
        done = lab(*command, "--database-url", url, folder=made.folder)
        assert done.returncode == code, done.stderr
        assert says in " ".join(done.stderr.split())
        assert PASSWORD not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.long
def test_an_exercise_that_needs_a_server_says_so(made: Workspace) -> None:
    asked = (("verify", "alter-8"), ("run", "alter-9"), ("run", "break-14"), ("watch", "alter-8"))
    for command in asked:
        done = lab(*command, folder=made.folder, LAB_POSTGRESQL_URL="", LAB_MYSQL_URL="")
        assert done.returncode == 2
        assert "--database-url URL" in done.stderr
    done = lab("verify", "alter-8", "--json", folder=made.folder, LAB_POSTGRESQL_URL="")
    assert "needs a database server" in json.loads(done.stdout)["error"]


def test_bytes_that_are_no_text_are_no_url() -> None:
    with pytest.raises(LabError, match="cannot be read"):
        parse("postgresql+psycopg://\udcff@127.0.0.1/x")


def test_the_environment_may_name_the_server(made: Workspace) -> None:
    url = f"postgresql://u:{PASSWORD}@127.0.0.1:1/x"
    done = lab("verify", "alter-8", folder=made.folder, LAB_POSTGRESQL_URL=url)
    assert done.returncode == 3
    assert "127.0.0.1:1" in done.stderr and PASSWORD not in done.stderr


def test_a_missing_driver_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LabError) as caught:
        parse("postgresql://localhost/x")
    assert caught.value.exit_code == 3
    assert 'pip install "persistence-lab[postgresql]"' in caught.value.remedy


@pytest.mark.parametrize(
    "password", ["p@ss", "a/b", "ü%41", "100%", "p w", "a'b"], ids=lambda p: repr(p)
)
def test_a_password_is_hidden_however_it_is_spelled(password: str) -> None:
    from sqlalchemy import URL

    whole = URL.create("postgresql+psycopg", "u", password, "h", database="d")
    url = parse(whole.render_as_string(hide_password=False))
    assert password not in str(url)
    for text in (url.secret, f"got {password}!", repr(password)):
        assert password not in url.hide(text) and "***" in url.hide(text)
    assert url.hide("nothing") == "nothing"
    assert password not in repr(url)
